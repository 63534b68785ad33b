/** A client in few lines: it registers, opens sockets, and keeps its place by the rules of the wire. */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { pendingCode, signedInAnswer } from "../protocol/auth.ts";
import { type ClientFrame, type EventFrame, eventFrames, type ServerFrame, serverFrames } from "../protocol/frames.ts";

export interface Place {
  url: string;
  mailboxUrl: string;
}

interface Schema<T> {
  parse(value: unknown): T;
}

/** Whoever watches: each frame, and what became of it. */
export type Watch = (who: string, direction: "->" | "<-", frame: ClientFrame | ServerFrame, note?: string) => void;

export class Talker {
  readonly id: string;
  readonly name: string;
  /** The events applied, in order. */
  readonly applied: EventFrame[] = [];
  /** Up to where the conversation is known here. */
  cursor = { epoch: "", sequence: 0 };
  readonly #place: Place;
  readonly #token: string;
  readonly #watch: Watch;
  readonly #heard: ServerFrame[] = [];
  #isAsking = false;
  #socket: WebSocket | undefined;

  constructor(place: Place, { user, tokens }: ReturnType<typeof signedInAnswer.parse>, watch: Watch) {
    this.id = user.id;
    this.name = user.name;
    this.#place = place;
    this.#token = tokens.access_token;
    this.#watch = watch;
  }

  /** As anybody does: form, mail, code. */
  static async register(place: Place, name: string, watch: Watch): Promise<Talker> {
    const email = `${name.toLowerCase()}.${randomUUID()}@example.com`;
    const form = { email, password: `${name} likes long passwords`, name };
    const { challenge } = await call(place, pendingCode, "POST", "/auth/register", { body: form });
    const body = { challenge, code: await mailedCode(place, email) };
    return new Talker(place, await call(place, signedInAnswer, "POST", "/auth/verify-registration", { body }), watch);
  }

  async call<T>(schema: Schema<T>, method: string, path: string, body?: unknown): Promise<T> {
    return await call(this.#place, schema, method, path, { body, token: this.#token });
  }

  /** @param path `/ws`, or `/conversations/{id}/ws?epoch=&since=` */
  async connect(path: string): Promise<void> {
    const address = `${this.#place.url.replace("http", "ws")}/api/v1${path}`;
    const socket = new WebSocket(address, ["pingme", this.#token]);
    socket.addEventListener("message", ({ data }) => this.#hear(String(data)));
    await new Promise((opened, failed) => {
      socket.addEventListener("open", opened);
      socket.addEventListener("error", () => failed(new Error(`The socket ${path} was refused`)));
    });
    this.#socket = socket;
  }

  async disconnect(): Promise<void> {
    const socket = this.#socket;
    const closed = new Promise((done) => socket?.addEventListener("close", done));
    socket?.close();
    await closed;
  }

  send(frame: ClientFrame): void {
    this.#watch(this.name, "->", frame);
    this.#socket?.send(JSON.stringify(frame));
  }

  #hear(text: string): void {
    const frame = readFrame(text);
    if (!frame) return;
    this.#watch(this.name, "<-", frame, isEvent(frame) ? this.#take(frame) : undefined);
    if (frame.type === "subscribed" || frame.type === "synced") this.#resumed(frame);
    this.#heard.push(frame);
  }

  /** What makes delivery exact: an event that is known is dropped, the next is applied, a gap is asked for. */
  #take(event: EventFrame): string | undefined {
    const { conversation_id, epoch, sequence } = event;
    const { epoch: known, sequence: last } = this.cursor;
    if (epoch !== known) {
      this.send({ type: "subscribe", conversation_id, epoch: known, since: last });
      return "of another epoch: dropped";
    }
    if (sequence <= last) return "known: dropped";
    if (sequence > last + 1) {
      this.#ask(conversation_id);
      return "after a gap: dropped";
    }
    this.cursor = { epoch, sequence };
    this.applied.push(event);
    return undefined;
  }

  /** The frame dropped comes again with those before it. */
  #ask(conversation_id: string): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.send({ type: "sync", conversation_id, since: this.cursor.sequence });
  }

  #resumed(frame: Extract<ServerFrame, { type: "subscribed" | "synced" }>): void {
    this.#isAsking = false;
    const { conversation_id, epoch, sequence } = frame;
    if (frame.status === "reset") this.cursor = { epoch, sequence };
    const isBehind = frame.type === "synced" ? this.cursor.sequence < sequence : frame.status === "more";
    if (isBehind) this.#ask(conversation_id);
  }

  /** The first frame heard from now on, or not waited for yet, that is as wanted. */
  async until(isWanted: (frame: ServerFrame) => boolean): Promise<void> {
    await until(`a frame to ${this.name}`, () => {
      const at = this.#heard.findIndex(isWanted);
      if (at < 0) return undefined;
      return this.#heard.splice(0, at + 1);
    });
  }
}

const isEvent = (frame: ServerFrame): frame is EventFrame => Object.hasOwn(eventFrames, frame.type);

/** @returns undefined for a type of a later version */
function readFrame(text: string): ServerFrame | undefined {
  const frame: { type: string } = JSON.parse(text);
  return isKnown(frame.type) ? serverFrames[frame.type].parse(frame) : undefined;
}

const isKnown = (type: string): type is ServerFrame["type"] => Object.hasOwn(serverFrames, type);

async function call<T>(
  place: Place,
  schema: Schema<T>,
  method: string,
  path: string,
  { body, token }: { body?: unknown; token?: string },
): Promise<T> {
  const response = await fetch(`${place.url}/api/v1${path}`, {
    method,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return schema.parse(answer);
}

async function mailedCode({ mailboxUrl }: Place, email: string): Promise<string> {
  return await until(`a code for ${email}`, async () => {
    const response = await fetch(`${mailboxUrl}/api/mails?to=${encodeURIComponent(email)}`);
    const mails = (await response.json()) as { text: string }[];
    return /\b\d{6}\b/.exec(mails.at(-1)?.text ?? "")?.[0];
  });
}

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await wait(5);
  }
}
