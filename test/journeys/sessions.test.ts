import { beforeAll, describe, expect, test } from "vitest";
import { call, challenge, group, type Json, Line, type Person, people, signIn } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;

/** Within which the sockets of an ended session are closed, ms. */
const soon = 2_000;

beforeAll(async () => {
  at = await server();
});

const as = (token: string, method: string, path: string) => call(at, method, `/api/v1${path}`, { token });

/** Both kinds of sockets of a session. */
async function lines(token: string, room: Json): Promise<Line[]> {
  return [await Line.open(at, "/ws", token), await Line.open(at, `/conversations/${room.id}/ws`, token)];
}

async function areClosed(sockets: Line[]): Promise<void> {
  for (const socket of sockets) expect((await socket.ended(soon)).code).toBe(4401);
}

async function areOpen(sockets: Line[]): Promise<void> {
  for (const socket of sockets) {
    expect(await socket.ask({ type: "ping", ref: "alive" })).toEqual({ type: "pong", ref: "alive" });
  }
}

async function signedInTwice(): Promise<{ ann: Person; other: string; here: Line[]; there: Line[] }> {
  const [ann] = await people(at, "Ann");
  const room = await group(ann);
  const other = (await signIn(at, ann)).tokens.access_token;
  return { ann, other, here: await lines(ann.token, room), there: await lines(other, room) };
}

describe("somebody who lost a phone", () => {
  test("sees its session, ends it, and its sockets close; this one's go on", async () => {
    const { ann, other, here, there } = await signedInTwice();
    const { items } = (await as(ann.token, "GET", "/auth/sessions")).body;
    expect(items.map(({ current }: Json) => current)).toEqual([false, true]);
    expect((await as(ann.token, "DELETE", `/auth/sessions/${items[0].id}`)).status).toBe(204);
    await areClosed(there);
    await areOpen(here);
    expect((await as(other, "GET", "/users/me")).status).toBe(401);
    expect((await as(ann.token, "GET", "/auth/sessions")).body.items).toHaveLength(1);
  });

  test("ends all other sessions, then all", async () => {
    const { ann, here, there } = await signedInTwice();
    expect((await as(ann.token, "DELETE", "/auth/sessions?except=current")).status).toBe(204);
    await areClosed(there);
    await areOpen(here);
    expect((await as(ann.token, "DELETE", "/auth/sessions")).status).toBe(204);
    await areClosed(here);
    expect((await as(ann.token, "GET", "/users/me")).status).toBe(401);
  });

  test("and forgot the password chooses another, and is the only one in", async () => {
    const { ann, here, there } = await signedInTwice();
    const { email } = ann;
    const { device_token } = await signIn(at, ann, { trust_device: true });
    const answer = await challenge(at, "/auth/reset-password", { email }, { to: email });
    const chosen = { ...answer, password: "a quite new horse" };
    const done = await call(at, "POST", "/api/v1/auth/verify-reset-password", { body: chosen });
    expect([done.status, done.body.user.id]).toEqual([200, ann.id]);
    await areClosed([...here, ...there]);
    expect((await as(done.body.tokens.access_token, "GET", "/auth/sessions")).body.items).toHaveLength(1);
    const body = { email, password: chosen.password, device_token };
    expect((await call(at, "POST", "/api/v1/auth/login", { body })).status).toBe(202);
  });
});

test("a browser signs in, comes back with its cookie alone, and signs out", async () => {
  const [ann] = await people(at, "Ann");
  const { email, password } = ann;
  const headers = { "X-Session": "cookie" };
  const answer = await challenge(at, "/auth/login", { email, password }, { to: email });
  const done = await call(at, "POST", "/api/v1/auth/verify-login", { body: answer, headers });
  expect(done.body.tokens).not.toHaveProperty("refresh_token");
  const [cookie = ""] = done.headers.get("Set-Cookie")?.split(";") ?? [];
  const back = await call(at, "POST", "/api/v1/auth/refresh", { headers: { ...headers, Cookie: cookie } });
  expect([back.status, Object.keys(back.body.tokens).includes("refresh_token")]).toEqual([200, false]);
  const token = back.body.tokens.access_token;
  const out = await call(at, "POST", "/api/v1/auth/logout", { token, headers });
  expect([out.status, out.headers.get("Set-Cookie")]).toEqual([204, expect.stringContaining("Max-Age=0")]);
  const [next = ""] = back.headers.get("Set-Cookie")?.split(";") ?? [];
  const late = await call(at, "POST", "/api/v1/auth/refresh", { headers: { ...headers, Cookie: next } });
  expect(late.status).toBe(401);
});
