/** Drains the log into Postgres: one round trip a batch, the cursor moves after it, a replay changes nothing. */
import { backoffMs } from "../core/backoff.ts";
import { archive } from "../db/archive.ts";
import type { Database } from "../db/connect.ts";
import { describeError, log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Lag } from "../services/lag.ts";
import { drainOf } from "./batch.ts";
import type { Log } from "./log.ts";
import { waitAtMost } from "./patience.ts";

export class Outbox {
  readonly #log: Log;
  readonly #db: Database;
  readonly #lag: Lag;
  readonly #fanned: () => number;
  readonly #retry: (ms: number) => void;
  readonly #freed: () => void;
  #draining: Promise<void> | undefined;
  /** Somebody waits for what is written by now. */
  #isAsked = false;
  #attempts = 0;
  #hasReported = false;
  #telling: Promise<void> = Promise.resolve();

  /**
   * @param at.fanned the sequence every member's object has by now; stored with the cursor
   * @param at.retry asks for the next drain
   * @param at.freed files are used nowhere any more
   */
  constructor(
    log: Log,
    { db, lag }: { db: Database; lag: Lag },
    at: { fanned: () => number; retry: (ms: number) => void; freed: () => void },
  ) {
    this.#log = log;
    this.#db = db;
    this.#lag = lag;
    this.#fanned = at.fanned;
    this.#retry = at.retry;
    this.#freed = at.freed;
  }

  /** Everything written so far is in Postgres when it resolves, or a next try is set. Calls join the one under way. */
  drain(): Promise<void> {
    this.#isAsked = true;
    this.#draining ??= this.#run()
      .finally(() => {
        this.#draining = undefined;
      })
      .then(() => this.#tellLag());
    return this.#draining;
  }

  /** {@link drain}, but not for long: a structural change is answered all the same, and drained later. */
  async drainSoon(): Promise<void> {
    await waitAtMost(limits.drainWaitMs, this.drain());
  }

  async #run(): Promise<void> {
    try {
      let wanted = 0;
      for (let batch = this.#log.archive.undrained(); batch; batch = this.#log.archive.undrained()) {
        if (this.#isAsked) wanted = batch.room.head;
        this.#isAsked = false;
        const drain = drainOf(batch, this.#log.archive.nextVersion());
        const isFreed = await archive(this.#db, drain);
        this.#log.archive.drainedTo(batch, this.#fanned());
        if (isFreed) this.#freed();
        // What was written since somebody asked has a deadline of its own: a trickle must not be a round trip each.
        if (!batch.isCut && !this.#isAsked && this.#log.archive.drained >= wanted) break;
      }
      if (this.#fanned() > this.#log.archive.fanned) this.#log.archive.fannedTo(this.#fanned());
      this.#attempts = 0;
    } catch (error) {
      // Whatever it was, the log keeps its rows and the drain is tried again; a bug among the causes shows in the log.
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { room } = this.#log;
    this.#attempts += 1;
    this.#retry(backoffMs(this.#attempts, Math.random()));
    if (!room) return;
    log(error instanceof Fault ? "warn" : "error", "drain_failed", {
      conversation_id: room.id,
      attempt: this.#attempts,
      behind: room.head - this.#log.archive.drained,
      ...describeError(error),
    });
  }

  /**
   * What `/ready` shows. Not a part of the drain: a Redis that hangs must not swallow the next try. One word at a time,
   * so that the last one heard is the newest.
   */
  #tellLag(): Promise<void> {
    this.#telling = this.#telling.then(async () => {
      const { room } = this.#log;
      if (!room || (this.#attempts === 0 && !this.#hasReported)) return;
      this.#hasReported = this.#attempts > 0;
      if (this.#hasReported) await this.#lag.report(room.id, this.#log.archive.undrainedSince() ?? Date.now());
      else await this.#lag.clear(room.id);
    });
    return this.#telling;
  }
}
