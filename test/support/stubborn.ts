/** A client that gives nothing up: it opens its socket again, says again what it has not heard, asks for what it lacks. */
import { randomUUID } from "node:crypto";
import type { Json, Line } from "./client.ts";
import { heard, loaded, newReader, type Reader, request } from "./reader.ts";

interface Ways {
  open(): Promise<Line>;
  /** A page of the history, the newest if not before something. */
  page(before?: number): Promise<{ epoch: string; items: Json[] }>;
}

const sentAtOnce = 20;

export class Stubborn {
  reader: Reader = newReader();
  /** Messages that it has said and not yet heard, by their ids. */
  readonly unheard = new Map<string, Json>();
  readonly refused: Json[] = [];
  readonly #ways: Ways;
  readonly #conversationId: string;
  #line: Line | undefined;
  #unsent: Json[] = [];
  #read = 0;
  /** The `ref` of what it has asked for. */
  #asked: string | undefined;

  constructor(conversationId: string, ways: Ways) {
    this.#conversationId = conversationId;
    this.#ways = ways;
  }

  say(content: string): void {
    const id = randomUUID();
    const frame = { type: "message", conversation_id: this.#conversationId, id, content };
    this.unheard.set(id, frame);
    this.#unsent.push(frame);
  }

  /** What it does not say again: it is lost with the line. */
  change(frame: Json): void {
    this.#unsent.push({ conversation_id: this.#conversationId, ...frame });
  }

  get isSettled(): boolean {
    const { wants, lacksPage } = this.reader;
    return this.unheard.size === 0 && this.#unsent.length === 0 && wants === "nothing" && !lacksPage;
  }

  /** Knows that it may have missed something. */
  doubt(): void {
    this.reader = { ...this.reader, wants: "subscribe" };
  }

  /** One look at what has come, and what follows from it. */
  async step(): Promise<void> {
    if (!this.#line || this.#line.closed) await this.#open();
    this.#hear();
    if (this.reader.lacksPage) await this.#load();
    this.#ask();
    if (this.#unsent.length > 0) this.#line?.send(this.#unsent.splice(0, sentAtOnce));
  }

  async #open(): Promise<void> {
    this.#line = await this.#ways.open().catch(() => undefined); // the handshake was cut: again at the next step
    this.#read = 0;
    this.#asked = undefined;
    this.#unsent = [...this.unheard.values()];
    this.doubt();
  }

  #hear(): void {
    const { frames } = this.#line ?? { frames: [] };
    for (const frame of frames.slice(this.#read)) {
      this.reader = heard(this.reader, frame);
      this.unheard.delete(frame.id);
      if (frame.ref !== undefined && frame.ref === this.#asked) this.#asked = undefined;
      if (frame.type === "error") this.refused.push(frame);
    }
    this.#read = frames.length;
  }

  #ask(): void {
    if (this.reader.wants === "nothing" || this.#asked !== undefined || !this.#line) return;
    this.#asked = randomUUID();
    this.#line.send([{ ...request(this.reader), conversation_id: this.#conversationId, ref: this.#asked }]);
  }

  /** After a reset: all there is. */
  async #load(): Promise<void> {
    let before: number | undefined;
    do {
      const page = await this.#ways.page(before);
      this.reader = loaded(this.reader, page);
      before = page.items.at(-1)?.sequence;
    } while (before !== undefined && !this.reader.lacksPage);
  }
}
