/**
 * Whom to call next. A few calls begin in one go, and what came in meanwhile has its turn before the next few: a
 * thousand at once would hold up whoever speaks next. Only so many are under way; who is slow goes on without a place,
 * and holds up nobody. Who has just spoken comes first, since their own event is their acknowledgement; then who listens,
 * yet not always: a busy conversation would never reach the others.
 */
import { limits } from "../protocol/limits.ts";
import { waitAtMost } from "./patience.ts";

/** In the order they are called. */
const ranks = ["speaking", "listening", "others"] as const;
export type Rank = (typeof ranks)[number];

export class Queue {
  readonly #call: (userId: string) => Promise<void>;
  readonly #waiting: Record<Rank, Set<string>> = { speaking: new Set(), listening: new Set(), others: new Set() };
  #begun = 0;
  #underWay = 0;
  #isDue = false;

  /** @param call never rejects */
  constructor(call: (userId: string) => Promise<void>) {
    this.#call = call;
  }

  get isEmpty(): boolean {
    return ranks.every((rank) => this.#waiting[rank].size === 0);
  }

  /** Nobody waits twice; who has come to a higher rank comes forward. */
  add(userId: string, rank: Rank): void {
    const place = ranks.indexOf(rank);
    if (ranks.slice(0, place).some((higher) => this.#waiting[higher].has(userId))) return;
    for (const lower of ranks.slice(place + 1)) this.#waiting[lower].delete(userId);
    this.#waiting[rank].add(userId);
  }

  /** Calls the first few at once, if the next are not due anyway. */
  begin(): void {
    if (!this.#isDue) this.#callSome();
  }

  clear(): void {
    for (const rank of ranks) this.#waiting[rank].clear();
  }

  #callSome(): void {
    for (let some = 0; some < limits.fanAtOnce && this.#underWay < limits.fanCalls; some++) {
      const userId = this.#next();
      if (userId === undefined) return;
      void this.#place(userId);
    }
    this.#goOn();
  }

  /** By a timer: a call that begins where another ends keeps workerd from reading its sockets. */
  #goOn(): void {
    if (this.#isDue || this.isEmpty || this.#underWay >= limits.fanCalls) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      this.#callSome();
    }, 0);
  }

  async #place(userId: string): Promise<void> {
    this.#underWay += 1;
    await waitAtMost(limits.fanSlowMs, this.#call(userId));
    this.#underWay -= 1;
    this.#goOn();
  }

  #next(): string | undefined {
    this.#begun += 1;
    const isForOthers = this.#begun % limits.fanOthersEvery === 0;
    const { speaking, listening, others } = this.#waiting;
    const order = isForOthers ? [speaking, others, listening] : [speaking, listening, others];
    for (const waiting of order) {
      const first = firstOf(waiting);
      if (first !== undefined) return first;
    }
    return undefined;
  }
}

function firstOf(waiting: Set<string>): string | undefined {
  const [userId] = waiting;
  if (userId !== undefined) waiting.delete(userId);
  return userId;
}
