/** A client written from the wire contract alone, for tests that talk to a running server over real HTTP and sockets. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Server } from "./server.ts";
import { until } from "./until.ts";

/** A frame or a body, as it came: what a test expects of it, it says itself. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

export interface Person {
  id: string;
  name: string;
  email: string;
  token: string;
  refreshToken: string;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

export async function call(
  server: Server,
  method: string,
  path: string,
  options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(options.body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}

/** The newest code mailed to an address. */
export async function mailedCode(server: Server, email: string, seen = 0): Promise<string> {
  return await until("a code by mail", async () => {
    const response = await fetch(`${server.mailboxUrl}/api/mails?to=${encodeURIComponent(email)}`);
    const mails: { text: string }[] = await response.json();
    return mails.length > seen ? /\b\d{6}\b/.exec(mails.at(-1)?.text ?? "")?.[0] : undefined;
  });
}

/** Registers somebody new, as anybody would: form, mail, code. */
export async function register(server: Server, name: string): Promise<Person> {
  const email = `${name.toLowerCase().replace(/\W/g, "")}.${randomUUID()}@example.com`;
  const password = `horse-${randomUUID()}`;
  const started = await call(server, "POST", "/api/v1/auth/register", { body: { email, password, name } });
  if (started.status !== 202) throw new Error(`Registration: ${JSON.stringify(started.body)}`);
  const code = await mailedCode(server, email);
  const { challenge } = started.body;
  const done = await call(server, "POST", "/api/v1/auth/verify-registration", { body: { challenge, code } });
  if (done.status !== 201) throw new Error(`Verification: ${JSON.stringify(done.body)}`);
  const { user, tokens } = done.body;
  return {
    id: user.id,
    name,
    email,
    token: tokens.access_token,
    refreshToken: tokens.refresh_token,
    call: (method, path, body) => call(server, method, `/api/v1${path}`, { body, token: tokens.access_token }),
  };
}

/** A socket and all it has heard. Arrays of frames are taken apart. */
export class Line {
  readonly frames: Json[] = [];
  /** Text frames as they came. */
  readonly raw: string[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;
  #read = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.raw.push(data);
      const value = JSON.parse(data);
      this.frames.push(...(Array.isArray(value) ? value : [value]));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
    });
  }

  /** @param protocols offered beside the token */
  static async open(server: Server, path: string, token: string, protocols: string[] = ["pingme"]): Promise<Line> {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1${path}`, [...protocols, token]);
    const line = new Line(socket);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error(`The socket ${path} was refused`)));
    });
    return line;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes = randomBytes(8)): void {
    this.#socket.send(bytes);
  }

  close(code?: number): void {
    this.#socket.close(code);
  }

  /** The next frame not yet taken that is as wanted; those before it are passed over. */
  async next(isWanted: (frame: Json) => boolean = () => true, timeout = 5_000): Promise<Json> {
    const next = () => {
      while (this.#read < this.frames.length) {
        const frame = this.frames[this.#read++];
        if (isWanted(frame)) return frame;
      }
      return undefined;
    };
    return await until("a frame", next, timeout);
  }

  ofType(type: string): Promise<Json> {
    return this.next((frame) => frame.type === type);
  }

  /** Sends a frame and gives the very next frame that comes. */
  async ask(frame: unknown): Promise<Json> {
    this.#read = this.frames.length;
    this.send(frame);
    return await this.next();
  }

  async ended(timeout = 5_000): Promise<{ code: number; reason: string }> {
    return await until("the socket's end", () => this.closed, timeout);
  }
}
