/**
 * A user socket whose token comes in its first frame. The Worker holds it until then, since no object is woken for who
 * has not signed in; then it is spliced to the user's object.
 */
import { passedOn } from "../core/closing.ts";
import { answering, type Close, closes, type Refusal, type Result, refuse } from "../protocol/errors.ts";
import { errorFrame, exactPing, exactPong, frameText } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { isLonger, type Parsed, parseFrames } from "../protocol/parsing.ts";
import type { Actor } from "../protocol/users.ts";

export interface Doorman {
  isBatch: boolean;
  /** @throws Fault AUTH_FAILED, UNAVAILABLE */
  verify(token: string): Promise<Actor>;
  /** The socket of the user's object. @throws Fault AUTH_FAILED, UNAVAILABLE */
  open(actor: Actor): Promise<WebSocket>;
  /** Counts a failure as one of an open route. @throws Fault RATE_LIMIT_EXCEEDED */
  count(): Promise<void>;
}

/** @param socket the server's end, not accepted yet */
export function awaitFirstFrame(socket: WebSocket, doorman: Doorman): void {
  socket.accept();
  const waiting = new Waiting(socket, doorman);
  socket.addEventListener("message", ({ data }) => waiting.take(data));
  socket.addEventListener("close", ({ code }) => waiting.closed(code));
  socket.addEventListener("error", () => waiting.closed(1006));
}

/** Tells the user's object that the client's line was cut without a word. */
const cut = 4000;

class Waiting {
  readonly #socket: WebSocket;
  readonly #doorman: Doorman;
  readonly #timer: number;
  /** Texts that have come and not been looked at; while one is, the others wait, so that they stay in order. */
  readonly #queue: string[] = [];
  #isBusy = false;
  #frames = 0;
  #failures = 0;
  #object: WebSocket | undefined;
  #isOver = false;

  constructor(socket: WebSocket, doorman: Doorman) {
    this.#socket = socket;
    this.#doorman = doorman;
    this.#timer = setTimeout(() => this.#close(closes.unsigned), limits.firstFrameMs);
  }

  take(data: string | ArrayBuffer): void {
    if (this.#isOver) return;
    // While one is being looked at, those behind it wait even if the object is here by then.
    if (this.#object && !this.#isBusy) return send(this.#object, data);
    if (typeof data !== "string") return this.#close(closes.binary);
    this.#queue.push(data);
    const bytes = this.#queue.reduce((sum, text) => sum + text.length, 0);
    if (this.#queue.length > limits.firstFrames || bytes > limits.batchBytes) return this.#close(closes.tooMany);
    if (!this.#isBusy) void this.#work();
  }

  /** The client has gone: so goes what was opened for it. */
  closed(code: number): void {
    const object = this.#object;
    this.#end();
    if (object) close(object, passedOn(code, cut));
    close(this.#socket, passedOn(code, 1000));
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let text = this.#queue.shift(); text !== undefined && !this.#isOver; text = this.#queue.shift()) {
      if (this.#object) send(this.#object, text);
      else await this.#look(text);
    }
    this.#isBusy = false;
  }

  async #look(text: string): Promise<void> {
    if (text === exactPing) return send(this.#socket, exactPong);
    if (isLonger(text, limits.firstFrameBytes)) return this.#close(closes.unsigned);
    const frames = parseFrames(text, { batch: this.#doorman.isBatch, maxBytes: limits.firstFrameBytes });
    for (const [at, parsed] of frames.entries()) {
      this.#frames += 1;
      if (this.#frames > limits.firstFrames) return this.#close(closes.tooMany);
      await this.#answer(parsed);
      if (this.#isOver) return;
      if (!this.#object) continue;
      const rest: unknown[] = frames.length > 1 ? JSON.parse(text).slice(at + 1) : [];
      if (rest.length > 0) send(this.#object, JSON.stringify(rest));
      return;
    }
  }

  async #answer(parsed: Parsed): Promise<void> {
    if (!parsed.ok) return this.#refuse(parsed.refusal, parsed.ref);
    const { frame } = parsed;
    if (frame.type === "ping") {
      return send(this.#socket, frameText({ type: "pong", ...refOf(frame.ref) }));
    }
    if (frame.type !== "auth") return this.#refuse(refuse("AUTH_REQUIRED", "Sign in first: a frame auth"), frame.ref);
    const opened = await this.#signIn(frame.token);
    if (opened.ok) opened.value.object.accept(); // one that was never accepted cannot be closed either
    if (this.#isOver) return opened.ok ? close(opened.value.object, cut) : undefined;
    if (!opened.ok) return await this.#failed(opened, frame.ref);
    this.#splice(opened.value.actor, opened.value.object, frame.ref);
  }

  #signIn(token: string): Promise<Result<{ actor: Actor; object: WebSocket }>> {
    return answering(async () => {
      const actor = await this.#doorman.verify(token);
      return { actor, object: await this.#doorman.open(actor) };
    });
  }

  async #failed(refusal: Refusal, ref: string | undefined): Promise<void> {
    this.#refuse(refusal, ref);
    if (refusal.code !== "AUTH_FAILED") return;
    this.#failures += 1;
    if (this.#failures >= limits.firstFrameFailures) return this.#close(closes.unsigned);
    const counted = await answering(() => this.#doorman.count());
    if (!counted.ok) this.#close(closes.tooMany);
  }

  /** From here on the Worker only passes on. */
  #splice({ user_id, user_name, expires_at }: Actor, object: WebSocket, ref: string | undefined): void {
    clearTimeout(this.#timer);
    this.#object = object;
    const success = { type: "auth_success" as const, user_id, user_name, expires_at: isoTime(expires_at) };
    send(this.#socket, frameText({ ...success, ...refOf(ref) }));
    object.addEventListener("message", ({ data }) => send(this.#socket, data));
    const ended = (code: number, reason?: string) => {
      if (this.#isOver) return;
      this.#end();
      close(object, passedOn(code, 1000));
      close(this.#socket, passedOn(code, 1011), reason);
    };
    object.addEventListener("close", ({ code, reason }) => ended(code, reason));
    object.addEventListener("error", () => ended(1006));
  }

  #refuse(refusal: Refusal, ref: string | undefined): void {
    send(this.#socket, errorFrame(refusal, ref));
  }

  #close({ code, reason }: Close): void {
    const object = this.#object;
    this.#end();
    if (object) close(object, cut);
    close(this.#socket, code, reason);
  }

  #end(): void {
    this.#isOver = true;
    this.#object = undefined;
    clearTimeout(this.#timer);
  }
}

function refOf(ref: string | undefined): { ref?: string } {
  return ref === undefined ? {} : { ref };
}

function send(socket: WebSocket, data: string | ArrayBuffer): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(data);
}

function close(socket: WebSocket, code: number, reason?: string): void {
  if (socket.readyState !== WebSocket.CLOSED) socket.close(code, reason);
}
