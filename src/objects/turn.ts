import { limits } from "../protocol/limits.ts";

/**
 * Group commit: what one event brings (a frame, an array of frames) is committed together before that event is over;
 * what arrives while it is on its way is committed together when the next turn begins. One transaction, one fsync, one
 * broadcast a turn.
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
    this.#begin();
  }

  /** What was taken before and had to wait: it goes before all that came meanwhile. */
  resume(entries: Entry[]): void {
    this.#queue.unshift(...entries);
    this.#begin();
  }

  #begin(): void {
    if (this.#isOnItsWay) return;
    this.#isOnItsWay = true;
    queueMicrotask(() => this.#next());
  }

  #next(): void {
    const entries = this.#queue.splice(0, limits.turnCommands);
    // One timer for all who wait, never one each: in a flood timers starve.
    setTimeout(() => {
      if (this.#queue.length > 0) this.#next();
      else this.#isOnItsWay = false;
    }, 0);
    this.#commit(entries);
  }
}
