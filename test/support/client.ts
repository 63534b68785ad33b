/** A client written from the wire contract alone, for tests that talk to a running server over real HTTP and sockets. */
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Server } from "./server.ts";
import { type Connection, type Upgrade, upgrade } from "./socket.ts";
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
  password: string;
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
  const response = await fetchPatiently(`${server.url}${path}`, {
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

/** All journeys come from one address, of which a server that has not been told so takes so much a minute. */
async function fetchPatiently(url: string, init: RequestInit): Promise<Response> {
  for (;;) {
    const response = await fetch(url, init);
    if (response.status !== 429 || !isOfAddress(await response.clone().text())) return response;
    await wait(Number(response.headers.get("Retry-After")) * 1_000);
  }
}

/** Not of an account, a code or a conversation: those are what journeys are about. */
const isOfAddress = (problem: string) => problem.includes("Too many requests from this address");

/** The newest code mailed to an address. */
export async function mailedCode(server: Server, email: string, seen = 0): Promise<string> {
  return await until("a code by mail", async () => {
    const response = await fetch(`${server.mailboxUrl}/api/mails?to=${encodeURIComponent(email)}`);
    const mails = (await response.json()) as { text: string }[];
    return mails.length > seen ? /\b(\d{6}|\d{8})\b/.exec(mails.at(-1)?.text ?? "")?.[0] : undefined;
  });
}

/** How many mails an address has had so far. */
export async function mailCount(server: Server, email: string): Promise<number> {
  const response = await fetch(`${server.mailboxUrl}/api/mails?to=${encodeURIComponent(email)}`);
  return ((await response.json()) as unknown[]).length;
}

/** Opens a challenge at a route that mails a code. */
export async function challenge(
  server: Server,
  path: string,
  body: unknown,
  options: { to: string; token?: string },
): Promise<{ challenge: string; code: string }> {
  const seen = await mailCount(server, options.to);
  const { to, ...rest } = options;
  const asked = await call(server, "POST", `/api/v1${path}`, { body, ...rest });
  if (asked.status !== 202) throw new Error(`${path}: ${asked.status} ${JSON.stringify(asked.body)}`);
  return { challenge: asked.body.challenge, code: await mailedCode(server, to, seen) };
}

/** Signs in once more, with password and mailed code. */
export async function signIn(server: Server, { email, password }: Person, more: object = {}): Promise<Json> {
  const answer = await challenge(server, "/auth/login", { email, password }, { to: email });
  const done = await call(server, "POST", "/api/v1/auth/verify-login", { body: { ...answer, ...more } });
  if (done.status !== 200) throw new Error(`Sign-in: ${JSON.stringify(done.body)}`);
  return done.body;
}

/** Registers somebody new, as anybody would: form, mail, code. */
export async function register(server: Server, name: string): Promise<Person> {
  const email = `${name.toLowerCase().replace(/\W/g, "") || "somebody"}.${randomUUID()}@example.com`;
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
    password,
    token: tokens.access_token,
    refreshToken: tokens.refresh_token,
    call: (method, path, body) => call(server, method, `/api/v1${path}`, { body, token: tokens.access_token }),
  };
}

/** People who are new, one for each name. */
export function people<Names extends string[]>(
  server: Server,
  ...names: Names
): Promise<{ [Index in keyof Names]: Person }> {
  return Promise.all(names.map((name) => register(server, name))) as Promise<{ [Index in keyof Names]: Person }>;
}

/** A group of one's own, with these others in it. */
export async function group(owner: Person, ...others: Person[]): Promise<Json> {
  const participant_ids = others.map((person) => person.id);
  const made = await owner.call("POST", "/conversations", { title: "A group", participant_ids });
  if (made.status !== 201) throw new Error(`Creation: ${JSON.stringify(made.body)}`);
  return made.body;
}

/** A socket and all it has heard. Arrays of frames are taken apart. */
export class Line {
  readonly frames: Json[] = [];
  /** Text frames as they came. */
  readonly raw: string[] = [];
  /** The subprotocol agreed on; empty where none was. */
  readonly protocol: string;
  readonly #connection: Connection;
  #read = 0;

  constructor(connection: Connection, protocol: string) {
    this.#connection = connection;
    this.protocol = protocol;
    connection.onText = (text) => {
      this.raw.push(text);
      const value = JSON.parse(text);
      this.frames.push(...(Array.isArray(value) ? value : [value]));
    };
  }

  /** @param protocols offered beside the token */
  static async open(server: Server, path: string, token: string, protocols: string[] = ["pingme"]): Promise<Line> {
    const { status, headers, body, connection } = await knock(server, path, token, protocols);
    if (!connection) throw new Error(`The socket ${path} was refused with ${status}: ${body}`);
    return new Line(connection, headers["sec-websocket-protocol"] ?? "");
  }

  get closed(): { code: number; reason: string } | undefined {
    return this.#connection.closed;
  }

  send(frame: unknown): void {
    this.#connection.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes = randomBytes(8)): void {
    this.#connection.send(bytes);
  }

  close(code?: number): void {
    this.#connection.close(code);
  }

  /** Loses the line without a word. */
  cut(): void {
    this.#connection.cut();
  }

  /** The next frame not yet taken that is as wanted; those before it are passed over. */
  async next(isWanted: (frame: Json) => boolean = () => true, timeout = 10_000): Promise<Json> {
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

  /** So many more frames not yet taken. */
  async take(count: number): Promise<Json[]> {
    const taken: Json[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** All frames not yet taken, up to the answer to a ping sent now: nothing more was on its way from the object. */
  async rest(): Promise<Json[]> {
    const ref = randomUUID();
    const from = this.#read;
    this.send({ type: "ping", ref });
    await this.next((frame) => frame.type === "pong" && frame.ref === ref);
    return this.frames.slice(from, this.#read - 1);
  }

  async ended(timeout = 5_000): Promise<{ code: number; reason: string }> {
    return await until("the socket's end", () => this.closed, timeout);
  }
}

/** Asks for a socket as {@link Line.open} does, and gives the answer even if it is a refusal. */
export async function knock(
  server: Server,
  path: string,
  token?: string,
  protocols: string[] = ["pingme"],
): Promise<Upgrade> {
  const offered = token === undefined ? protocols : [...protocols, token];
  const headers = offered.length > 0 ? { "Sec-WebSocket-Protocol": offered.join(", ") } : {};
  for (;;) {
    const answer = await upgrade(`${server.url}/api/v1${path}`, headers);
    if (answer.status !== 429 || !isOfAddress(answer.body)) return answer;
    await wait(Number(answer.headers["retry-after"]) * 1_000);
  }
}
