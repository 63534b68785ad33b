/**
 * Many named deadlines on an object's one alarm. Names and times live in memory: on waking, the object sets again what
 * its stored state asks for. What must come back after a crash is therefore never lost while an alarm is set at all.
 *
 * Near deadlines run by a timer, so that a message does not pay for a second write; the alarm stays behind them as a net.
 */
import { describeError, log } from "../log.ts";
import { limits } from "../protocol/limits.ts";

const nearMs = 10_000; // a timer this short does not keep an object from hibernating for long

export class Alarms<Name extends string> {
  readonly #storage: DurableObjectStorage;
  readonly #jobs: Record<Name, () => void | Promise<void>>;
  readonly #due = new Map<Name, number>();
  readonly #timers = new Map<Name, number>();
  readonly #netMs: () => number;
  #armedAt: number | null = null;

  /** @param netMs how long after a near deadline the alarm stands, where nothing else has set it: what a crash may delay */
  constructor(
    storage: DurableObjectStorage,
    jobs: Record<Name, () => void | Promise<void>>,
    netMs: () => number = () => limits.netMs,
  ) {
    this.#storage = storage;
    this.#jobs = jobs;
    this.#netMs = netMs;
  }

  /**
   * Learns which alarm is set. To be awaited before the first deadline.
   * @returns in how many ms it fires; 0 where it has just fired, or none was set
   */
  async wake(): Promise<number> {
    this.#armedAt = await this.#storage.getAlarm();
    return this.#armedAt === null ? 0 : Math.max(0, this.#armedAt - Date.now());
  }

  /** Runs a job in so many ms, or sooner if that was asked before. */
  within(name: Name, ms: number): void {
    const at = this.#bringForward(name, ms);
    if (at === undefined) return;
    if (ms <= nearMs) this.#startTimer(name, ms);
    this.#arm(ms <= nearMs ? at + this.#netMs() : at);
  }

  /** The same by the alarm alone, which never keeps an object awake. */
  byAlarm(name: Name, ms: number): void {
    const at = this.#bringForward(name, ms);
    if (at !== undefined) this.#arm(at);
  }

  /** @returns the deadline, if it is sooner than the one there was */
  #bringForward(name: Name, ms: number): number | undefined {
    const at = Date.now() + ms;
    const known = this.#due.get(name);
    if (known !== undefined && known <= at) return undefined;
    this.#due.set(name, at);
    return at;
  }

  /** Nothing is to be done any more. */
  end(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#due.clear();
    this.#armedAt = null;
  }

  /** The object's alarm fired: runs what is due. */
  async fire(): Promise<void> {
    this.#armedAt = null;
    const now = Date.now();
    const due = [...this.#due].filter(([name, at]) => at <= now && !this.#timers.has(name)).map(([name]) => name);
    for (const name of due) await this.#run(name);
    for (const [name, at] of this.#due) this.#arm(this.#timers.has(name) ? at + this.#netMs() : Math.max(at, now + 1));
  }

  #startTimer(name: Name, ms: number): void {
    clearTimeout(this.#timers.get(name) ?? null);
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      void this.#run(name);
    }, ms);
    this.#timers.set(name, timer);
  }

  #arm(at: number): void {
    if (this.#armedAt !== null && this.#armedAt <= at) return;
    this.#armedAt = at;
    void this.#storage.setAlarm(at);
  }

  /** A job that fails is tried again; none may stop the others. */
  async #run(name: Name): Promise<void> {
    this.#due.delete(name);
    try {
      await this.#jobs[name]();
    } catch (error) {
      log("error", "alarm_failed", { job: name, ...describeError(error) });
      this.within(name, limits.failedJobMs);
    }
  }
}
