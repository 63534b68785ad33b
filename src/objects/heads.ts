/** What a user's object has heard of lately, for lists: the archive may not have it yet. In memory only. */

import type { Head, Position } from "../protocol/deliveries.ts";
import { limits } from "../protocol/limits.ts";

export class Heads {
  /** The newest event heard of, by conversation, the latest last. */
  readonly #heads = new Map<string, Head>();
  /** Conversations marked as read, and when (ms). */
  readonly #marked = new Map<string, number>();

  of(conversationId: string): Head | undefined {
    return this.#heads.get(conversationId);
  }

  /** Events up to here need not be told here again. */
  note(at: Position): void {
    this.#heads.delete(at.conversation_id);
    this.#heads.set(at.conversation_id, { ...at, heard_at: Date.now() });
    const [oldest] = this.#heads.keys();
    if (this.#heads.size > limits.recent && oldest !== undefined) this.#heads.delete(oldest);
  }

  heard(): Head[] {
    return [...this.#heads.values()];
  }

  /** The user has read there: a list fetched next is to show it. */
  mark(conversationId: string): void {
    this.#marked.set(conversationId, Date.now());
  }

  marked(): string[] {
    const lately = Date.now() - limits.markedMs;
    for (const [id, at] of this.#marked) if (at < lately) this.#marked.delete(id);
    return [...this.#marked.keys()];
  }
}
