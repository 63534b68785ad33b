/** In which conversation a message is, where a frame of a user socket does not say: what was heard lately, then Postgres, then the objects. */
import { idOfSaid, isSaying, messageIn } from "../core/places.ts";
import type { Database } from "../db/connect.ts";
import { conversationsWith } from "../db/messages.ts";
import { describeError, log } from "../log.ts";
import type { Command } from "../protocol/commands.ts";
import type { SequencedFrame } from "../protocol/deliveries.ts";
import { Fault, type Result, refusalOf, refuse } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import { eachOf, inTime } from "./patience.ts";

export interface PlacesParts {
  db: Database;
  conversations: DurableObjectNamespace<ConversationRpc>;
}

export class Places {
  readonly #parts: PlacesParts;
  /** Conversations by message, the latest last. An id may be chosen in several. */
  readonly #known = new Map<string, readonly string[]>();

  constructor(parts: PlacesParts) {
    this.#parts = parts;
  }

  hear(conversationId: string, frames: readonly SequencedFrame[]): void {
    for (const { text } of frames) {
      const messageId = idOfSaid(text);
      if (messageId !== undefined) this.note(messageId, conversationId);
    }
  }

  /** A message on its way under an id its client chose: what its client says of it at once is meant. */
  expect(command: Command, conversationId: string): void {
    const messageId = isSaying(command.type) ? messageIn(command) : undefined;
    if (messageId !== undefined) this.note(messageId, conversationId);
  }

  /** A command was answered: the message it names is there; or, where it was to be made, is not. */
  settle(command: Command, conversationId: string, result: Result<unknown>): void {
    const messageId = messageIn(command);
    if (messageId === undefined) return;
    if (result.ok) this.note(messageId, conversationId);
    else if (isSaying(command.type) && result.code !== "CONFLICT") this.#forget(messageId, conversationId);
  }

  note(messageId: string, conversationId: string): void {
    const others = (this.#known.get(messageId) ?? []).filter((id) => id !== conversationId);
    this.#known.delete(messageId);
    this.#known.set(messageId, [...others, conversationId]);
    const [oldest] = this.#known.keys();
    if (this.#known.size > limits.places && oldest !== undefined) this.#known.delete(oldest);
  }

  #forget(messageId: string, conversationId: string): void {
    const others = (this.#known.get(messageId) ?? []).filter((id) => id !== conversationId);
    if (others.length > 0) this.#known.set(messageId, others);
    else this.#known.delete(messageId);
  }

  /** @returns undefined where nothing was heard of it lately, or of several: it may be in one only by now */
  known(messageId: string): string | undefined {
    const [first, second] = this.#known.get(messageId) ?? [];
    return second === undefined ? first : undefined;
  }

  /** @param follows conversations whose objects are asked, the latest last: the archive may not have it yet */
  async find(userId: string, messageId: string, follows: readonly string[]): Promise<Result<string>> {
    try {
      const archived = await conversationsWith(this.#parts.db, userId, messageId);
      const heard = (this.#known.get(messageId) ?? []).filter((id) => !archived.includes(id));
      const unsure = archived.length > 0 ? heard : [...new Set([...follows, ...heard])];
      const found = [...archived, ...(await this.#ask(userId, messageId, unsure))];
      this.#known.delete(messageId);
      for (const conversationId of found) this.note(messageId, conversationId);
      return oneOf(found);
    } catch (error) {
      if (error instanceof Fault) return refusalOf(error);
      log("error", "place_failed", describeError(error));
      return refuse("INTERNAL_ERROR", "The command failed");
    }
  }

  /** @throws Fault UNAVAILABLE where one that may have it is away */
  async #ask(userId: string, messageId: string, follows: readonly string[]): Promise<string[]> {
    const { conversations } = this.#parts;
    const found: string[] = [];
    let away = 0;
    await eachOf(follows.toReversed(), limits.placesAskedAtOnce, async (conversationId) => {
      try {
        const conversation = conversations.get(conversations.idFromName(conversationId));
        if (await inTime(limits.tellMs, conversation.has(userId, messageId))) found.push(conversationId);
      } catch (error) {
        away += 1;
        log("warn", "place_unknown", { conversation_id: conversationId, ...describeError(error) });
      }
    });
    if (found.length > 0 || away === 0) return found;
    throw new Fault("UNAVAILABLE", "A conversation is away", { retry_after_ms: limits.unavailableRetryMs });
  }
}

function oneOf(conversationIds: readonly string[]): Result<string> {
  const [first, second] = conversationIds;
  if (first === undefined) return refuse("MESSAGE_NOT_FOUND", "There is no such message in your conversations");
  if (second === undefined) return { ok: true, value: first };
  return refuse("INVALID_MESSAGE", "Several of your conversations have this message: conversation_id says which");
}
