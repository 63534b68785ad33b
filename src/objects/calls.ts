/** A user's commands on their way to conversations: in order for each, and answered whatever happens there. */
import { describeError, log } from "../log.ts";
import { type Result, refuse } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Answer, Command, ConversationRpc, Presence } from "../protocol/rpc.ts";
import type { Actor } from "../protocol/users.ts";

export class Calls {
  readonly #conversations: DurableObjectNamespace<ConversationRpc>;
  /** One for all calls to a conversation: calls are in order per stub only. */
  readonly #stubs = new Map<string, DurableObjectStub<ConversationRpc>>();

  constructor(conversations: DurableObjectNamespace<ConversationRpc>) {
    this.#conversations = conversations;
  }

  async execute(who: Actor, id: string, commands: Command[], presence: Presence): Promise<Result<Answer>[]> {
    try {
      return await this.#stubOf(id).execute(who, commands, presence);
    } catch (error) {
      this.#stubs.delete(id); // one that has thrown is of no use any more
      log("error", "execute_failed", { conversation_id: id, ...describeError(error) });
      const refusal = refuse("UNAVAILABLE", "The conversation is away", { retry_after_ms: limits.unavailableRetryMs });
      return commands.map(() => refusal);
    }
  }

  #stubOf(id: string): DurableObjectStub<ConversationRpc> {
    const stub = this.#stubs.get(id) ?? this.#conversations.get(this.#conversations.idFromName(id));
    if (this.#stubs.size >= limits.recent) this.#stubs.clear();
    this.#stubs.set(id, stub);
    return stub;
  }
}
