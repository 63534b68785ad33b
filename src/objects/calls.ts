/** A user's commands on their way to conversations: in order for each, and answered whatever happens there. */
import { describeError, log } from "../log.ts";
import type { Presence } from "../protocol/attendance.ts";
import type { Answer, Command } from "../protocol/commands.ts";
import { type Result, refuse } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import type { Actor } from "../protocol/users.ts";
import { Stubs } from "./stubs.ts";

export class Calls {
  readonly #conversations: Stubs<ConversationRpc>;

  constructor(conversations: DurableObjectNamespace<ConversationRpc>) {
    this.#conversations = new Stubs(conversations);
  }

  async execute(who: Actor, id: string, commands: Command[], presence: Presence): Promise<Result<Answer>[]> {
    try {
      return await this.#conversations.of(id).execute(who, commands, presence);
    } catch (error) {
      this.#conversations.drop(id);
      log("error", "execute_failed", { conversation_id: id, ...describeError(error) });
      const refusal = refuse("UNAVAILABLE", "The conversation is away", { retry_after_ms: limits.unavailableRetryMs });
      return commands.map(() => refusal);
    }
  }
}
