import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portsAbove } from "../../src/local/embedded.ts";
import { startRedis } from "../../src/local/redis.ts";
import { type Door, startDoor } from "../support/away.ts";
import { call, group, type Json, knock, Line, mailedCode, type Person, people } from "../support/client.ts";
import { untilGone } from "../support/ending.ts";
import { freePort, type OwnServer, ownState, startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const key = "k".repeat(40);
const token = "of-this-test";
const state = ownState("survives");
const outputs: OwnServer[] = [];
let at: OwnServer;
let ann: Person;
let bob: Person;
let postgres: Door;
let redis: Door;
let store: Awaited<ReturnType<typeof startRedis>>;
let port: number;

async function start(): Promise<OwnServer> {
  const env = {
    PORT: String(port),
    DATABASE_HTTP_URL: `${postgres.url}/sql`,
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: token,
    JWT_KEYS: `new:${"n".repeat(40)},old:${key}`,
    CORS_ORIGINS: "https://app.example, https://other.example",
    AUTH_RATE_LIMIT_PER_ADDRESS: "100000",
    WS_RATE_LIMIT_MESSAGES_PER_MINUTE: "100000",
  };
  const server = await startServer({ state, env });
  outputs.push(server);
  return server;
}

beforeAll(async () => {
  port = await freePort();
  store = await startRedis({ port: 0, token });
  postgres = await startDoor(portsAbove(port).postgres);
  redis = await startDoor(store.port);
  at = await start();
  [ann, bob] = await people(at, "Ann", "Bob");
});

afterAll(async () => {
  await at.end();
  postgres.close();
  redis.close();
  await store.close();
});

/** A token as the server would have made it with its other key. */
function minted(of: string, changes: Json): string {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = JSON.parse(Buffer.from(of.split(".")[1] ?? "", "base64url").toString());
  const text = `${encoded({ alg: "HS256", kid: "old", typ: "JWT" })}.${encoded({ ...claims, jti: randomUUID(), ...changes })}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

const seconds = () => Math.floor(Date.now() / 1000);

/** Says so many things, in arrays. */
async function say(line: Line, count: number, from = 1): Promise<void> {
  const contents = Array.from({ length: count }, (_, index) => `${from + index}`);
  for (let at = 0; at < count; at += 250) {
    line.send(contents.slice(at, at + 250).map((content) => ({ type: "message", content })));
  }
  await line.next((frame) => frame.content === `${from + count - 1}`, 15_000);
}

const numbers = (frames: Json[]) =>
  frames.filter((frame) => frame.sequence && frame.content).map((frame) => frame.sequence);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("who was away", () => {
  test("gets exactly what was missed, by each of the four statuses and by sync, on both sockets", async () => {
    const room = await group(ann, bob);
    const here = { conversation_id: room.id };
    const talker = await Line.open(at, `/conversations/${room.id}/ws`, ann.token, ["pingme.batch"]);
    await say(talker, 2_101);
    const { epoch } = room;
    const expected = [
      { since: 2_101, epoch, status: "live", missed: [] },
      { since: 2_099, epoch, status: "recovered", missed: [2_100, 2_101] },
      { since: 2_099, status: "recovered", missed: [2_100, 2_101] },
      { since: 1_601, epoch, status: "recovered", missed: range(1_602, 2_101) },
      { since: 1_600, epoch, status: "more", missed: range(1_601, 2_100) },
      { since: 101, epoch, status: "more", missed: range(102, 601) },
      { since: 100, epoch, status: "reset", missed: [] },
      { since: 9_999, epoch, status: "reset", missed: [] },
      { since: 2_099, epoch: "of another time", status: "reset", missed: [] },
    ];
    for (const { status, missed, ...cursor } of expected) {
      const query = new URLSearchParams(Object.entries(cursor).map(([name, value]) => [name, `${value}`]));
      const direct = await Line.open(at, `/conversations/${room.id}/ws?${query}`, bob.token, ["pingme.batch"]);
      const hub = await Line.open(at, "/ws", bob.token);
      hub.send({ type: "subscribe", ...here, ...cursor, ref: "s" });
      for (const line of [direct, hub]) {
        const frame = await line.next();
        const head = { ...here, epoch, sequence: 2_101, floor: 0 };
        expect(frame).toMatchObject({
          type: "subscribed",
          ...head,
          status,
          unread: 2_101,
          ...(line === hub && { ref: "s" }),
        });
        expect(numbers(await line.take(missed.length))).toEqual(missed);
        expect(await line.rest()).toEqual([]);
        line.close(1000);
      }
    }
    for (const address of ["/ws", `/conversations/${room.id}/ws`]) {
      const line = await Line.open(at, address, bob.token);
      const heard: number[] = [];
      for (let since = 0, more = true; more; since = heard.at(-1) ?? 0) {
        line.send({ type: "sync", ...here, since, ref: `${since}` });
        const frames: Json[] = [];
        for (let frame = await line.next(); frame.type !== "synced"; frame = await line.next()) frames.push(frame);
        expect(frames.length).toBeLessThanOrEqual(500);
        heard.push(...numbers(frames));
        const synced = line.frames.at(-1);
        expect(synced).toMatchObject({ ...here, epoch, sequence: 2_101, status: "recovered", ref: `${since}` });
        more = synced.more;
      }
      expect(heard).toEqual(range(1, 2_101));
      line.send({ type: "sync", ...here, since: 7, until: 9 });
      expect(await line.take(3)).toMatchObject([{ sequence: 8 }, { sequence: 9 }, { type: "synced", more: false }]);
      expect(await line.ask({ type: "sync", ...here, since: 2_102 })).toMatchObject({ status: "reset", more: false });
    }
  });

  test("loses nothing and hears nothing twice while others go on talking", async () => {
    const room = await group(ann, bob);
    const talker = await Line.open(at, `/conversations/${room.id}/ws`, ann.token, ["pingme.batch"]);
    let last = 0;
    const talk = (async () => {
      for (let from = 1; from <= 400; from += 40) await say(talker, 40, from);
    })();
    while (last < 400) {
      const line = await Line.open(at, `/conversations/${room.id}/ws?since=${last}`, bob.token);
      await line.next();
      const seen = await line.take(Math.min(37, 400 - last));
      // Dense from the very place where the last line was cut: nothing to hold, nothing to drop.
      expect(numbers(seen)).toEqual(range(last + 1, last + seen.length));
      last += seen.length;
      line.cut();
    }
    await talk;
  });
});

describe("a token", () => {
  test("of either key is good until it expires; then its sockets close with 4401", async () => {
    const room = await group(ann);
    const lasting = minted(ann.token, { exp: seconds() + 600 });
    expect((await knock(at, "/ws", lasting)).status).toBe(101);
    for (const changes of [
      { exp: seconds() - 1 },
      { exp: undefined },
      { iss: "x" },
      { aud: "x" },
      { typ: "refresh" },
      { jti: undefined },
    ]) {
      const refused = await knock(at, "/ws", minted(ann.token, changes));
      expect([refused.status, JSON.parse(refused.body).code], JSON.stringify(changes)).toEqual([401, "AUTH_FAILED"]);
    }
    const short = minted(ann.token, { exp: seconds() + 2 });
    const lines = await Promise.all(
      ["/ws", `/conversations/${room.id}/ws`].map((address) => Line.open(at, address, short)),
    );
    const renewed = await Line.open(at, "/ws", short);
    expect(await renewed.ask({ type: "auth", token: lasting })).toMatchObject({ type: "auth_success" });
    for (const line of lines) expect((await line.ended(15_000)).code).toBe(4401);
    expect(await renewed.ask({ type: "ping", ref: "alive" })).toEqual({ type: "pong", ref: "alive" });
  });
});

describe("a browser", () => {
  test("may call from the origins that are set, and reads the answer, also a refusal", async () => {
    const asked = { "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization" };
    for (const [Origin, allowed] of [
      ["https://app.example", "https://app.example"],
      ["https://evil.example", null],
    ] as const) {
      const preflight = await fetch(`${at.url}/api/v1/users/me`, { method: "OPTIONS", headers: { Origin, ...asked } });
      expect([preflight.status, preflight.headers.get("Access-Control-Allow-Origin")]).toEqual([204, allowed]);
      for (const path of ["/health", "/nope", "/api/v1/users/me"]) {
        const { headers } = await call(at, "GET", path, { headers: { Origin } });
        expect(headers.get("Access-Control-Allow-Origin"), path).toBe(allowed);
        expect(headers.get("Vary")).toContain("Origin");
      }
    }
  });
});

/** Rows of Postgres, by Neon's protocol. */
async function select(query: string, ...params: string[]): Promise<Json> {
  const answer = await fetch(`${postgres.url}/sql`, {
    method: "POST",
    headers: {
      "Neon-Connection-String": "postgres://postgres:postgres@127.0.0.1/pingme",
      "Neon-Array-Mode": "true",
    },
    body: JSON.stringify({ query: `select ${query}`, params }),
  });
  const { rows } = (await answer.json()) as Json;
  return rows;
}

describe("without a backend", () => {
  const ready = () => call(at, "GET", "/ready");
  const notReady = () =>
    until("/ready to say so", async () => {
      const asked = await ready();
      return asked.status === 503 ? asked : undefined;
    });

  test("Postgres away: talk goes on, /ready says so, and when it is back it has all", async () => {
    const room = await group(ann, bob);
    const line = await Line.open(at, `/conversations/${room.id}/ws`, ann.token);
    const hub = await Line.open(at, "/ws", bob.token);
    postgres.isDown = true;
    for (let index = 1; index <= 5; index++) {
      expect(await line.ask({ type: "message", content: `kept ${index}` })).toMatchObject({ sequence: index });
      expect(await hub.ofType("message")).toMatchObject({ sequence: index });
    }
    const down = await notReady();
    expect(down.body).toMatchObject({ backends: { postgres: { state: "down" }, redis: { state: "up" } } });
    const lag = await until("the lag to show", async () => {
      const { archive } = (await ready()).body;
      return archive?.behind > 0 ? archive : undefined;
    });
    expect(lag.lag_ms).toBeGreaterThanOrEqual(0);
    const history = await bob.call("GET", `/conversations/${room.id}/messages`);
    expect(history.body.items).toHaveLength(5);
    for (const [method, path, body] of [
      ["GET", "/conversations", undefined],
      ["POST", "/conversations", { title: "No" }],
      ["GET", `/users/${bob.id}`, undefined],
    ] as const) {
      const refused = await ann.call(method, path, body);
      expect([refused.status, refused.body.code, refused.headers.has("Retry-After")], path).toEqual([
        503,
        "UNAVAILABLE",
        true,
      ]);
    }
    postgres.isDown = false;
    await until(
      "all to be drained",
      async () => ((await ready()).body.archive?.behind === 0 ? true : undefined),
      15_000,
    );
    const rows = await select("content from messages where conversation_id = $1 order by sequence", room.id);
    expect(rows.flat()).toEqual(range(1, 5).map((index) => `kept ${index}`));
  });

  test("Redis away: talk goes on, /ready says so, signing in is unavailable and no code is lost to it", async () => {
    const room = await group(ann);
    const line = await Line.open(at, `/conversations/${room.id}/ws`, ann.token);
    redis.isDown = true;
    expect(await line.ask({ type: "message", content: "still" })).toMatchObject({ sequence: 1 });
    const down = await notReady();
    expect(down.body).toMatchObject({ backends: { postgres: { state: "up" }, redis: { state: "down" } } });
    const form = { email: `${randomUUID()}@example.com`, password: "correct horse 1", name: "Later" };
    expect((await call(at, "POST", "/api/v1/auth/register", { body: form })).status).toBe(503);
    redis.isDown = false;
    await until("Redis to be up", async () => ((await ready()).status === 200 ? true : undefined));
    const { body } = await call(at, "POST", "/api/v1/auth/register", { body: form });
    const code = await mailedCode(at, form.email);
    const done = await call(at, "POST", "/api/v1/auth/verify-registration", {
      body: { challenge: body.challenge, code },
    });
    expect(done.status).toBe(201);
  });
});

describe("killed", () => {
  test("workerd comes back by itself, and all that was acknowledged is there once", async () => {
    const room = await group(ann, bob);
    const line = await Line.open(at, `/conversations/${room.id}/ws`, ann.token, ["pingme.batch"]);
    const ids = Array.from({ length: 200 }, () => randomUUID());
    const frame = (id: string) => ({ type: "message", id, content: id });
    line.send(ids.slice(0, 100).map(frame));
    for (const id of ids.slice(100)) line.send(frame(id));
    await line.next((heard) => heard.sequence === 60);
    const pid = [...at.output().matchAll(/"workerd_started","pid":(\d+)/g)].at(-1)?.[1];
    process.kill(Number(pid), "SIGKILL");
    expect((await line.ended()).code).toBe(1006);
    const acknowledged = line.frames.filter((heard) => heard.type === "message");
    await until("workerd to be back", async () => {
      const health = await fetch(`${at.url}/health`).catch(() => undefined);
      return health?.ok ? true : undefined;
    });
    const again = await Line.open(at, `/conversations/${room.id}/ws`, ann.token, ["pingme.batch"]);
    again.send(ids.map(frame));
    await until("all 200", () => (new Set(again.frames.map((heard) => heard.id)).size === 200 ? true : undefined));
    const sequenceOf = new Map(again.frames.map((heard) => [heard.id, heard.sequence]));
    for (const { id, sequence } of acknowledged) expect(sequenceOf.get(id)).toBe(sequence);
    expect([...sequenceOf.values()].sort((one, other) => one - other)).toEqual(range(1, 200));
    const record = await bob.call("GET", `/conversations/${room.id}`);
    expect(record.body).toMatchObject({ sequence: 200, epoch: room.epoch, me: { unread: 200 } });
  });

  test("the whole server, started again on its folder, has everything", async () => {
    const room = await group(ann, bob);
    const sent = await ann.call("POST", `/conversations/${room.id}/messages`, { content: "kept", id: randomUUID() });
    process.kill(at.pid, "SIGKILL");
    await untilGone(at.pid);
    at = await start();
    const again = await call(at, "POST", `/api/v1/conversations/${room.id}/messages`, {
      token: ann.token,
      body: { content: "kept", id: sent.body.id },
    });
    expect([again.status, again.body]).toEqual([201, sent.body]);
    // What was not drained when it died is drained now.
    const listed = async () => (await call(at, "GET", "/api/v1/conversations", { token: bob.token })).body.items[0];
    const isThere = async () => ((await listed()).sequence === 1 ? true : undefined);
    await until("the message in the list", isThere);
    expect(await listed()).toMatchObject({ id: room.id, me: { unread: 1 }, last_message: sent.body });
    const line = await Line.open(at, `/conversations/${room.id}/ws?epoch=${room.epoch}&since=0`, bob.token);
    expect(await line.take(2)).toMatchObject([{ type: "subscribed", status: "recovered" }, { id: sent.body.id }]);
  });
});

describe("the log", () => {
  test("is JSON with request ids, and holds no token, code, password, address or text", async () => {
    const secret = `hush ${randomUUID()}`;
    const [eve] = await people(at, "Eve");
    const room = await group(eve);
    const requestId = `r-${randomUUID()}`;
    await call(at, "POST", `/api/v1/conversations/${room.id}/messages`, {
      token: eve.token,
      body: { content: secret },
      headers: { "X-Request-Id": requestId },
    });
    await knock(at, `/ws?token=${eve.token}`);
    await until("the request in the log", () => (at.output().includes(requestId) ? true : undefined));
    const lines = outputs.flatMap((server) => server.output().split("\n")).filter((line) => line.startsWith("{"));
    expect(lines.length).toBeGreaterThan(50);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), event: expect.any(String) });
    const all = lines.join("\n");
    for (const person of [ann, bob, eve]) {
      for (const word of [person.email, person.token, person.refreshToken]) expect(all).not.toContain(word);
    }
    for (const word of [secret, "horse", "kept 1", key, "eyJ"]) expect(all).not.toContain(word);
    expect(all).not.toContain('"status":500');
  });
});
