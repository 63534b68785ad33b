/**
 * Whom to call next. A few calls begin in one go, and what came in meanwhile has its turn before the next few: a
 * thousand at once would hold up whoever speaks next. Only so many are under way; who is slow goes on without a place,
 * and holds up nobody. Who listens comes first, yet not always: a busy conversation would never reach the others.
 */
import { limits } from "../protocol/limits.ts";
import { waitAtMost } from "./patience.ts";

export class Queue {
  readonly #call: (userId: string) => Promise<void>;
  readonly #listening = new Set<string>();
  readonly #others = new Set<string>();
  #begun = 0;
  #underWay = 0;
  #isDue = false;

  /** @param call never rejects */
  constructor(call: (userId: string) => Promise<void>) {
    this.#call = call;
  }

  get isEmpty(): boolean {
    return this.#listening.size === 0 && this.#others.size === 0;
  }

  /** Nobody waits twice; who has begun to listen comes forward. */
  add(userId: string, isListening: boolean): void {
    if (this.#listening.has(userId)) return;
    if (isListening) this.#others.delete(userId);
    (isListening ? this.#listening : this.#others).add(userId);
  }

  /** Calls the first few at once, if the next are not due anyway. */
  begin(): void {
    if (!this.#isDue) this.#callSome();
  }

  clear(): void {
    this.#listening.clear();
    this.#others.clear();
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
    const [before, after] = isForOthers ? [this.#others, this.#listening] : [this.#listening, this.#others];
    return firstOf(before) ?? firstOf(after);
  }
}

function firstOf(waiting: Set<string>): string | undefined {
  const [userId] = waiting;
  if (userId !== undefined) waiting.delete(userId);
  return userId;
}
