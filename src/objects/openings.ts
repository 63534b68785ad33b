/** What conversations are told of a user's sockets: whether there are any, as of which opening or closing. */
import { describeError, log } from "../log.ts";
import type { Presence } from "../protocol/attendance.ts";
import { limits } from "../protocol/limits.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import type { Inbox } from "./inbox.ts";
import { inTime } from "./patience.ts";
import type { Sockets } from "./sockets.ts";

export interface OpeningsParts {
  sockets: Sockets;
  inbox: Inbox;
  conversations: DurableObjectNamespace<ConversationRpc>;
}

export class Openings {
  readonly #parts: OpeningsParts;
  /** Rises at each opening and closing, over sleep too: it starts from the clock. */
  #number = Date.now();

  constructor(parts: OpeningsParts) {
    this.#parts = parts;
  }

  get presence(): Presence {
    const { sockets } = this.#parts;
    const isActive = [...sockets.entries()].some(([, who]) => who.is_active);
    return { hasSockets: sockets.size > 0, isActive, number: this.#number };
  }

  /** A socket was opened or closed, or somebody looks at it, or away. */
  moved(): void {
    this.#number += 1;
  }

  /** Conversations with a direct socket of this user may have stopped calling here: before the first socket is open, they start again. */
  async announce(userId: string): Promise<void> {
    const { presence } = this;
    await Promise.all(this.#parts.inbox.attached(Date.now()).map((id) => this.#tell(id, userId, presence)));
  }

  async #tell(conversationId: string, userId: string, presence: Presence): Promise<void> {
    const { conversations } = this.#parts;
    try {
      const conversation = conversations.get(conversations.idFromName(conversationId));
      await inTime(limits.tellMs, conversation.attend(userId, presence));
    } catch (error) {
      // Its lease ends by itself, and its next telling asks here again.
      log("warn", "tell_failed", { conversation_id: conversationId, ...describeError(error) });
    }
  }
}
