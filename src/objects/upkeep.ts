/** What a conversation's object does by itself, soon or later, and again after sleep and death where it was left undone. */
import type { Database } from "../db/connect.ts";
import { limits } from "../protocol/limits.ts";
import { Alarms } from "./alarms.ts";
import type { Log } from "./log.ts";
import type { Sockets } from "./sockets.ts";
import { rememberOlder } from "./waking.ts";

type Chore = "drain" | "fan" | "beat" | "prune" | "remember" | "sweep";

export interface UpkeepParts {
  log: Log;
  db: Database;
  sockets: Sockets;
  drain(): Promise<void>;
  /** Goes on telling the members' objects. */
  fan(): void;
  /** Looks after the direct sockets. */
  beat(): Promise<void>;
  /** Takes away the bytes of files that were deleted. */
  sweep(): Promise<void>;
}

export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #alarms: Alarms<Chore>;

  constructor(storage: DurableObjectStorage, parts: UpkeepParts) {
    this.#parts = parts;
    this.#alarms = new Alarms(
      storage,
      {
        drain: () => this.#drain(),
        fan: () => parts.fan(),
        beat: () => parts.beat(),
        prune: () => this.#prune(),
        remember: () => this.#remember(),
        sweep: () => parts.sweep(),
      },
      // No sooner than the beat of open sockets: a message finds the alarm set and does not pay for moving it.
      () => (parts.sockets.size > 0 ? limits.retellMs : limits.netMs),
    );
  }

  /** What was left undone when the object fell asleep, or was killed. */
  async wake(): Promise<void> {
    const firesInMs = await this.#alarms.wake();
    const { log, sockets } = this.#parts;
    if (!log.room) return;
    if (log.archive.undrained()) this.within("drain", limits.drainSoonMs);
    if (log.archive.fanned < log.room.head) this.within("fan", limits.drainSoonMs);
    if (!log.archive.isComplete) this.within("remember", limits.drainSoonMs);
    // The beat was what the alarm was set for, at the latest: put off at each waking it would never come.
    if (sockets.size > 0) this.#alarms.byAlarm("beat", Math.min(firesInMs, limits.retellMs));
  }

  /** A conversation that is gone has nothing to look after. */
  within(chore: Chore, ms: number): void {
    if (this.#parts.log.room) this.#alarms.within(chore, ms);
  }

  beatWithin(ms: number): void {
    this.#alarms.byAlarm("beat", ms);
  }

  fire(): Promise<void> {
    return this.#alarms.fire();
  }

  end(): void {
    this.#alarms.end();
  }

  /** What is archived now may be pruned. */
  async #drain(): Promise<void> {
    await this.#parts.drain();
    const { room } = this.#parts.log;
    if (room && room.head - room.floor > limits.keptEvents + limits.pruneSlack) {
      this.within("prune", limits.pruneSoonMs);
    }
  }

  /** A slice at a time: one transaction of all would hold up a message. */
  #prune(): void {
    if (this.#parts.log.archive.prune()) this.within("prune", limits.drainSoonMs);
  }

  async #remember(): Promise<void> {
    const { log, db } = this.#parts;
    if (log.room) await rememberOlder(log, db, log.room.id);
    if (!log.archive.isComplete) this.within("remember", limits.drainSoonMs);
  }
}
