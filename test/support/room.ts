/**
 * A world for tests inside workerd: fresh people in Postgres, a conversation of theirs, sockets opened straight on the
 * real objects as the Worker opens them.
 */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { newId } from "../../src/chance.ts";
import { connectDatabase } from "../../src/db/connect.ts";
import { insertUser } from "../../src/db/users.ts";
import { configOf, type Env } from "../../src/env.ts";
import type { Answer, Caller, Command } from "../../src/protocol/commands.ts";
import type { Kind } from "../../src/protocol/conversations.ts";
import { type Result, unwrap } from "../../src/protocol/errors.ts";
import { isoTime } from "../../src/protocol/ids.ts";
import { limits } from "../../src/protocol/limits.ts";
import type { HistoryQuery } from "../../src/protocol/lookups.ts";
import { actorHeader } from "../../src/protocol/rpc.ts";
import type { Actor } from "../../src/protocol/users.ts";
import { person } from "./people.ts";

export const bindings = env as unknown as Env;
export const db = connectDatabase(configOf(bindings));

/** A frame, as it came: what a test expects of it, it says itself. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Json = any;

/** Asks again and again until there is an answer. @throws when there was none in time */
export async function until<T>(what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 8_000; ; ) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await scheduler.wait(4);
  }
}

/** The object runs, configured so, until it is next evicted or killed; others may be configured so with it. */
export async function configure(object: unknown, changes: Record<string, number>): Promise<void> {
  const change = (instance: unknown) => void Object.assign(configOf((instance as { env: Env }).env), changes);
  await runInDurableObject(object as DurableObjectStub<undefined>, change);
}

type Changes = Partial<Record<keyof typeof limits, number>>;

/** Numbers of the one table set otherwise for a file's tests: what comes after 10,000 events comes after 20 as well. */
export function withLimits(changes: Changes): void {
  let before: Changes;
  beforeAll(() => {
    before = { ...limits };
    Object.assign(limits, changes);
  });
  afterAll(() => void Object.assign(limits, before));
}

/** Deadlines that collect work, short: what a test waits for comes soon. */
export const soon = {
  receiptsMs: 5,
  drainSoonMs: 5,
  fannedSoonMs: 5,
  pruneSoonMs: 5,
  backoffFirstMs: 10,
  backoffMostMs: 50,
  callRestMs: 50,
  jobRestMs: 50,
};

export interface Someone {
  id: string;
  name: string;
  actor: Actor;
}

export async function somebody(name = "Ann"): Promise<Someone> {
  const id = newId();
  const account = { id, email: `${id}@example.test`, name, password_hash: "x", created_at: new Date() };
  await insertUser(db, account);
  return { id, name, actor: signedIn(id, name) };
}

/** Signed in once more: a session of its own. */
export function signedIn(user_id: string, user_name: string): Actor {
  return { user_id, user_name, session_id: newId(), token_id: newId(), expires_at: Date.now() + 600_000 };
}

function asPerson({ id, name }: Someone) {
  return person(id, name);
}

const names = ["Ann", "Bob", "Cem", "Dot"];

/** So many people, and a group of the first `inside` of them. */
export async function someRoom(count = 2, { inside = count, kind = "group" as Kind } = {}) {
  const people = await Promise.all(Array.from({ length: count }, (_, at) => somebody(names[at] ?? `Eve ${at}`)));
  const room = await Room.create(people.slice(0, inside), kind);
  return { room, people: people as [Someone, Someone, ...Someone[]] };
}

/** Ann and Bob, and a conversation of theirs that Ann began. */
export async function pair({ kind = "group" as Kind, annName = "Ann", bobName = "Bob" } = {}) {
  const [ann, bob] = [await somebody(annName), await somebody(bobName)];
  return { ann, bob, room: await Room.create([ann, bob], kind) };
}

/** A name, and words, nobody else has. */
export const unique = (what: string) => `${what}-${newId()}`;

export interface Opening {
  since?: number;
  epoch?: string;
  batch?: boolean;
  actor?: Actor;
}

/** Rate limits nobody meets. */
export const unlimited = {
  WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 1_000_000,
  WS_RATE_LIMIT_GENERAL_PER_MINUTE: 1_000_000,
  WS_RATE_LIMIT_TYPING_PER_MINUTE: 1_000_000,
};

export class Room {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  /** The first of them creates it. */
  static async create([creator, ...others]: Someone[], kind: Kind = "group"): Promise<Room> {
    const room = new Room(newId());
    if (!creator) throw new Error("Nobody creates it");
    const people = others.map(asPerson);
    const common = { public: false, body_hash: "as created", fresh: true };
    unwrap(await room.object.create({ ...common, kind, title: "Lunch", creator: asPerson(creator), people }));
    await room.awake();
    return room;
  }

  /** A stub made anew: one that threw stays broken. */
  get object() {
    return bindings.CONVERSATIONS.get(bindings.CONVERSATIONS.idFromName(this.id));
  }

  /** The object runs, with rate limits nobody here meets; but those of typing. */
  awake(): Promise<void> {
    const { WS_RATE_LIMIT_TYPING_PER_MINUTE: _, ...others } = unlimited;
    return configure(this.object, others);
  }

  /** The object runs, configured so, until the test is over: files share the runtime, and with it the configuration. */
  async limited(changes: Record<string, number>): Promise<void> {
    const before: Record<string, unknown> = await this.inside((_state, { env }) => ({ ...configOf(env) }));
    await configure(this.object, changes);
    const restored = Object.keys(changes).map((name) => [name, Number(before[name])]);
    onTestFinished(() => configure(this.object, Object.fromEntries(restored)));
  }

  async inside<T>(look: (state: DurableObjectState, instance: { env: Env }) => T | Promise<T>): Promise<T> {
    const stub = this.object as unknown as DurableObjectStub<undefined>;
    return await runInDurableObject(stub, (instance, state) => look(state, instance as unknown as { env: Env }));
  }

  /** Rows of the object's SQLite. */
  async rows(query: string, ...parameters: SqlStorageValue[]): Promise<Json[]> {
    return await this.inside(({ storage }) => storage.sql.exec(query, ...parameters).toArray());
  }

  // -- What may happen to an object -----------------------------------------------------------------------------------

  /** It falls asleep: memory is gone, sockets stay. */
  async evicted(): Promise<void> {
    await evictDurableObject(this.object as unknown as DurableObjectStub);
    await this.awake();
  }

  /** It dies at once: memory and sockets are gone. */
  async killed(): Promise<void> {
    await this.#abort(() => undefined);
    await this.awake();
  }

  /** Whatever its SQLite holds, as text. */
  everything(): Promise<string> {
    return this.inside(({ storage }) => everythingIn(storage));
  }

  /** It dies and its storage is lost. */
  async emptied(): Promise<void> {
    await this.#abort((state) => state.storage.deleteAll());
    await this.awake();
  }

  async #abort(before: (state: DurableObjectState) => unknown): Promise<void> {
    const ending = this.inside(async (state) => {
      await before(state);
      state.abort("The test ends it");
    });
    await ending.catch((error: Error) => {
      if (!error.message.includes("The test ends it")) throw error;
    });
  }

  // -- Asking ---------------------------------------------------------------------------------------------------------

  execute(who: Someone, commands: Command[], caller: Caller = "rest"): Promise<Result<Answer>[]> {
    return this.object.execute(who.actor, commands, caller);
  }

  /** One command's answer. @throws Fault of its refusal */
  async ask(who: Someone, command: Command): Promise<Answer> {
    const [result] = await this.execute(who, [command]);
    if (!result) throw new Error("A command was not answered");
    return unwrap(result);
  }

  /** Says something over REST. @returns the frame of its event */
  async say(who: Someone, content = "hello", id?: string): Promise<Json> {
    const { events } = await this.ask(who, { type: "message", content, id });
    return JSON.parse(events[0] ?? "null");
  }

  add(by: Someone, who: Someone) {
    return this.ask(by, { type: "add_members", people: [asPerson(who)] });
  }

  join(who: Someone, token_hash?: string) {
    return this.ask(who, { type: "join", person: asPerson(who), token_hash });
  }

  invite(by: Someone, token_hash: string, bounds: { expires_at?: string; max_uses?: number } = {}) {
    const { expires_at, max_uses } = bounds;
    return this.ask(by, {
      type: "invite",
      invite: { id: newId(), created_at: isoTime(Date.now()), token_hash, expires_at, max_uses },
    });
  }

  remove(by: Someone, who: Someone) {
    return this.ask(by, { type: "remove_member", user_id: who.id });
  }

  /** Has it forget somebody whose account is gone, slice by slice, as their object does. @returns how many slices there were */
  async forget({ id }: Someone, erase = false): Promise<number> {
    let slices = 0;
    for (let after: number | null = 0; after !== null; slices++) {
      after = unwrap(await this.object.forget({ user_id: id, erase, after }));
    }
    return slices;
  }

  async page(who: Someone, query: Partial<HistoryQuery> = {}) {
    return unwrap(await this.object.history(who.id, { limit: 100, ...query }));
  }

  async record(who: Someone) {
    return unwrap(await this.object.record(who.id));
  }

  async roster(who: Someone) {
    return unwrap(await this.object.roster(who.id, { limit: 1_000 }));
  }

  /** All of the log above a sequence, by `sync`, as a client pages through it. */
  async log(who: Someone, since = 0): Promise<Json[]> {
    const { replies } = await this.ask(who, { type: "sync", since });
    const frames = replies.map((text) => JSON.parse(text));
    const synced = frames.pop();
    const last = frames.at(-1)?.sequence ?? since;
    return synced.more ? [...frames, ...(await this.log(who, last))] : frames;
  }

  /** Waits until Postgres has all and the members' objects, too. */
  async settled(): Promise<void> {
    await this.object.may(this.id, "read"); // whoever asks: one whose storage was lost is rebuilt first
    await until("everything drained and fanned out", async () => {
      const [row] = await this.rows(
        `select (select revision from room) + (select coalesce(sum(revision), 0) from members) +
           (select coalesce(sum(revision), 0) from invites) as revision, drained, fanned,
           coalesce((select max(sequence) from events), 0) as head, floor from room`,
      );
      const head = Math.max(row.head, row.floor);
      return row.revision === 0 && row.drained === head && row.fanned === head ? true : undefined;
    });
  }

  socket(who: Someone, opening: Opening = {}): Promise<Line> {
    return Line.open(this.object, who, opening);
  }
}

export function everythingIn({ sql }: DurableObjectStorage): string {
  const tables = sql.exec<{ name: string }>("select name from sqlite_master where type = 'table'").toArray();
  const names = tables.map((table) => table.name).filter((name) => !name.startsWith("_cf"));
  return JSON.stringify(names.map((name) => [name, sql.exec(`select * from ${name}`).toArray()]));
}

/** A look into a user's object. */
export async function insideUser<T>(who: Someone, look: (state: DurableObjectState) => T | Promise<T>): Promise<T> {
  const stub = userObject(who) as unknown as DurableObjectStub<undefined>;
  return await runInDurableObject(stub, (_instance, state) => look(state));
}

/** A user's object runs, configured so, until it is next evicted or killed. */
export async function limitedUser(who: Someone, changes: Record<string, number>): Promise<void> {
  const stub = userObject(who) as unknown as DurableObjectStub<undefined>;
  await runInDurableObject(stub, (instance) => {
    Object.assign(configOf((instance as unknown as { env: Env }).env), changes);
  });
}

/** A user's object dies at once: memory and sockets are gone. */
export async function killedUser(who: Someone): Promise<void> {
  await insideUser(who, (state) => state.abort("The test ends it")).catch((error: Error) => {
    if (!error.message.includes("The test ends it")) throw error;
  });
}

export function userObject(who: Someone) {
  return bindings.USERS.get(bindings.USERS.idFromName(who.id));
}

/** A socket on the user's own object. */
export function userSocket(who: Someone, opening: Opening = {}): Promise<Line> {
  return Line.open(userObject(who), who, opening);
}

/** A client's end of a socket, and all it has heard. Arrays of frames are taken apart. */
export class Line {
  readonly frames: Json[] = [];
  /** Text frames as they came. */
  readonly raw: string[] = [];
  readonly protocol: string | null;
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;
  #read = 0;

  constructor(socket: WebSocket, protocol: string | null) {
    this.#socket = socket;
    this.protocol = protocol;
    socket.addEventListener("message", ({ data }) => {
      this.raw.push(String(data));
      const value = JSON.parse(String(data));
      this.frames.push(...(Array.isArray(value) ? value : [value]));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
    });
    socket.accept();
  }

  /** @throws Error with the code of a refused upgrade */
  static async open(object: Fetcher, who: Someone, { since, epoch, batch, actor }: Opening): Promise<Line> {
    const url = new URL("http://pingme/ws");
    if (since !== undefined) url.searchParams.set("since", String(since));
    if (epoch !== undefined) url.searchParams.set("epoch", epoch);
    const headers = new Headers({ Upgrade: "websocket", [actorHeader]: JSON.stringify(actor ?? who.actor) });
    headers.set("Sec-WebSocket-Protocol", batch ? "pingme.batch" : "pingme");
    const response = await object.fetch(url, { headers });
    if (!response.webSocket) throw new Error(`Refused: ${await response.text()}`);
    return new Line(response.webSocket, response.headers.get("Sec-WebSocket-Protocol"));
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }

  close(code?: number): void {
    this.#socket.close(code);
  }

  /** The next frame not yet taken that is as wanted; those before it are passed over. */
  async next(isWanted: (frame: Json) => boolean = () => true): Promise<Json> {
    return await until("a frame", () => {
      while (this.#read < this.frames.length) {
        const frame = this.frames[this.#read++];
        if (isWanted(frame)) return frame;
      }
      return undefined;
    });
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

  /** All that was on its way has arrived: the answer to a ping comes behind it. */
  async caughtUp(): Promise<Json[]> {
    const ref = newId();
    this.send({ type: "ping", ref });
    await until("the answer to a ping", () => this.frames.find((frame) => frame.ref === ref));
    return this.frames.filter((frame) => frame.type !== "pong");
  }

  /** Its durable events, as heard. */
  get events(): Json[] {
    return this.frames.filter(
      (frame) => "epoch" in frame && "sequence" in frame && !/^(subscribed|synced)$/.test(frame.type),
    );
  }

  async ended(): Promise<{ code: number; reason: string }> {
    return await until("the socket's end", () => this.closed);
  }
}
