import { limits } from "../protocol/limits.ts";

/**
 * Group commit: a lone entry is committed at once, in the event that brought it; what arrives while that one is on its
 * way is committed together when the next turn begins. One transaction, one fsync, one broadcast a turn.
 *
 * Sends made in a turn leave after its write is durable: in the event itself and in the timer's callback alike.
 */
export class Turn<Entry> {
  readonly #commit: (entries: Entry[]) => void;
  #queue: Entry[] = [];
  #isOnItsWay = false;

  constructor(commit: (entries: Entry[]) => void) {
    this.#commit = commit;
  }

  submit(entry: Entry): void {
    this.#queue.push(entry);
    if (!this.#isOnItsWay) this.#next();
  }

  #next(): void {
    const entries = this.#queue.splice(0, limits.turnCommands);
    this.#isOnItsWay = true;
    // One timer for all who wait, never one each: in a flood timers starve.
    setTimeout(() => {
      this.#isOnItsWay = false;
      if (this.#queue.length > 0) this.#next();
    }, 0);
    this.#commit(entries);
  }
}
