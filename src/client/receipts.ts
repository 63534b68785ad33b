/** What is said back of a conversation: what came, and what was read. */
import { alarm } from "./alarm.ts";
import type { House } from "./house.ts";

const ackEveryMs = 1_000;
const readEveryMs = 300;

export class Receipts {
  readonly #id: string;
  readonly #house: House;
  readonly #last: () => number;
  #acked = 0;
  #isDue = false;
  /** Up to where it was read, until the server has confirmed it. */
  wanted = 0;
  #said = 0;
  readonly #ack = alarm(() => this.#isDue && this.acknowledge());
  readonly #mark = alarm(() => this.#sayRead());

  /** @param last the last sequence that was applied */
  constructor(id: string, house: House, last: () => number) {
    this.#id = id;
    this.#house = house;
    this.#last = last;
  }

  /** An event was applied: acknowledged at once, and then at most once a second, or whenever many are not. */
  heard(isOwn: boolean): void {
    if (this.#house.counted() || (!isOwn && !this.#ack.isSet)) this.acknowledge();
    else this.#isDue ||= !isOwn;
  }

  known(delivered: number): void {
    this.#acked = Math.max(this.#acked, delivered);
  }

  acknowledge(): void {
    const sequence = this.#last();
    if (sequence <= this.#acked || !this.#house.say({ type: "ack", conversation_id: this.#id, sequence })) return;
    this.#acked = sequence;
    this.#isDue = false;
    this.#ack.set(ackEveryMs);
  }

  mark(sequence: number): void {
    this.wanted = Math.max(this.wanted, sequence);
    if (!this.#mark.isSet) this.#sayRead();
  }

  #sayRead(): void {
    const { wanted } = this;
    const about = { conversation_id: this.#id, sequence: wanted, ref: `read:${this.#id}` };
    if (wanted <= this.#said || !this.#house.say({ type: "mark_read", ...about })) return;
    this.#said = wanted;
    this.#mark.set(readEveryMs);
  }

  confirmed(sequence: number): void {
    if (sequence >= this.wanted) this.wanted = 0;
  }

  /** @param afterMs when it may be said again */
  refused(afterMs: number): void {
    this.#said = 0;
    this.#mark.set(afterMs);
  }

  connected(): void {
    this.#said = 0;
    this.#sayRead();
  }

  disconnected(): void {
    this.#ack.clear();
    this.#mark.clear();
  }
}
