/** Clients that lose their server again and again: by the wire contract's rules alone they must end with the whole log. */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Group, Place, Someone } from "./people.ts";
import { Socket } from "./socket.ts";

export interface Said {
  id: string;
  content: string;
  sender_id: string;
}

interface Frame extends Said {
  type: string;
  sequence: number;
  epoch: string;
  status?: string;
  more?: boolean;
  code?: string;
}

/** What a sender says, until it is acknowledged: by id, so that it may be said again. */
export class Outbox {
  readonly pending = new Map<string, string>();
  /** Acknowledged, under the sequence told. */
  readonly acknowledged = new Map<string, number>();
  readonly refused: string[] = [];
  sent = 0;
  again = 0;

  next(): { id: string; content: string } {
    const said = { id: randomUUID(), content: `${this.sent}: ${"word ".repeat(this.sent % 20)}` };
    this.pending.set(said.id, said.content);
    this.sent += 1;
    return said;
  }

  settle(id: string, sequence: number): void {
    const before = this.acknowledged.get(id);
    if (before !== undefined && before !== sequence) this.refused.push(`${id} was ${before}, now ${sequence}`);
    this.acknowledged.set(id, sequence);
    this.pending.delete(id);
  }
}

const gapMs = 500;

/** Somebody with a socket: direct on the conversation, or the user's own. */
export class Survivor {
  readonly outbox = new Outbox();
  /** The log as it is known here: sequence by sequence from 1. */
  readonly log: Said[] = [];
  readonly who: Someone;
  readonly isDirect: boolean;
  readonly epochs = new Set<string>();
  reconnected = 0;
  repaired = 0;
  resets = 0;
  readonly #place: Place;
  readonly #room: string;
  readonly #ahead = new Map<number, Frame>();
  #socket: Socket | undefined;
  #gap: NodeJS.Timeout | undefined;
  #isOver = false;
  #running: Promise<void>;

  constructor(place: Place, room: Group, who: Someone, isDirect: boolean) {
    this.#place = place;
    this.#room = room.id;
    this.who = who;
    this.isDirect = isDirect;
    this.#running = this.#live();
  }

  get last(): number {
    return this.log.length;
  }

  say(): void {
    const { id, content } = this.outbox.next();
    this.#send({ type: "message", conversation_id: this.#room, id, content });
  }

  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#gap);
    this.#socket?.end();
    await this.#running;
  }

  async #live(): Promise<void> {
    while (!this.#isOver) {
      const socket = await this.#open().catch(() => undefined);
      if (!socket) {
        await wait(20 + Math.random() * 80);
        continue;
      }
      this.#socket = socket;
      socket.read = (buffer, start, end) => this.#hear(JSON.parse(buffer.toString("utf8", start, end)));
      if (!this.isDirect) this.#subscribe();
      for (const [id, content] of this.outbox.pending) {
        this.outbox.again += 1;
        this.#send({ type: "message", conversation_id: this.#room, id, content });
      }
      await socket.closed;
      this.#socket = undefined;
      this.reconnected += 1;
    }
  }

  #open(): Promise<Socket> {
    const [epoch] = this.epochs;
    const cursor = `?since=${this.last}${epoch === undefined ? "" : `&epoch=${epoch}`}`;
    const path = this.isDirect ? `/conversations/${this.#room}/ws${cursor}` : "/ws";
    return Socket.open({ port: this.#place.port, path: `/api/v1${path}`, protocols: ["pingme", this.who.token] });
  }

  #subscribe(): void {
    const [epoch] = this.epochs;
    this.#send({ type: "subscribe", conversation_id: this.#room, since: this.last, ...(epoch && { epoch }) });
  }

  #send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #hear(frame: Frame): void {
    if (frame.type === "error") this.outbox.refused.push(`${frame.code}`);
    if (frame.type === "subscribed") {
      this.epochs.add(frame.epoch);
      if (frame.status === "reset") this.resets += 1;
      if (frame.status === "more") this.#repair(gapMs / 5); // the first 500 come behind this frame
    }
    if (frame.type === "synced" && frame.more) this.#repair(0);
    if (frame.type === "message") this.#take(frame);
  }

  #take(frame: Frame): void {
    if (frame.sender_id === this.who.id) this.outbox.settle(frame.id, frame.sequence);
    if (frame.sequence <= this.last) return;
    this.#ahead.set(frame.sequence, frame);
    for (let next = this.#ahead.get(this.last + 1); next; next = this.#ahead.get(this.last + 1)) {
      this.#ahead.delete(next.sequence);
      this.log.push({ id: next.id, content: next.content, sender_id: next.sender_id });
    }
    if (this.#ahead.size > 0) this.#repair(gapMs);
  }

  /** A gap, or a page of what was missed: the rest is asked for, if it has not come by then. */
  #repair(afterMs: number): void {
    this.#gap ??= setTimeout(() => {
      this.#gap = undefined;
      if (this.#isOver || !this.#socket) return;
      this.repaired += 1;
      this.#send({ type: "sync", conversation_id: this.#room, since: this.last });
    }, afterMs);
  }
}

/** Says its messages over REST, one after the other, each until it is answered. */
export class RestSender {
  readonly outbox = new Outbox();
  readonly who: Someone;
  readonly #url: string;

  constructor({ port }: Place, room: Group, who: Someone) {
    this.who = who;
    this.#url = `http://127.0.0.1:${port}/api/v1/conversations/${room.id}/messages`;
  }

  async say(): Promise<void> {
    const said = this.outbox.next();
    for (;;) {
      const answer = await this.#post(said).catch(() => undefined);
      if (answer?.status === 201) return this.outbox.settle(said.id, answer.sequence);
      if (answer && answer.status < 500) this.outbox.refused.push(`${answer.status}`);
      if (answer && answer.status < 500) return;
      this.outbox.again += 1;
      await wait(30 + Math.random() * 50);
    }
  }

  async #post(body: object): Promise<{ status: number; sequence: number }> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.who.token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
    const { sequence } = (await response.json()) as { sequence: number };
    return { status: response.status, sequence };
  }
}
