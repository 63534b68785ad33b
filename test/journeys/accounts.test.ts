import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { call, group, type Json, knock, Line, mailedCode, type Person, people, register } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;

beforeAll(async () => {
  at = await server();
});

const auth = (route: string, body: unknown) => call(at, "POST", `/api/v1/auth/${route}`, { body });
const wrong = (code: string) => (code === "000000" ? "000001" : "000000");

function mails(email: string): Promise<Json[]> {
  return fetch(`${at.mailboxUrl}/api/mails?to=${encodeURIComponent(email)}`).then((answer) => answer.json());
}

describe("an account", () => {
  test("is there once the mailed code is right, and its code is good once", async () => {
    const email = `New.${randomUUID()}@Example.com`;
    const form = { email, password: "correct horse 1", name: " Ñew  " };
    const { status, body: pending } = await auth("register", form);
    expect([status, Object.keys(pending).sort()]).toEqual([202, ["challenge", "expires_at"]]);
    expect((await auth("login", form)).status).toBe(401);
    const code = await mailedCode(at, email.toLowerCase());
    const { challenge } = pending;
    const mistaken = await auth("verify-registration", { challenge, code: wrong(code) });
    expect([mistaken.status, mistaken.body.errors[0].path]).toEqual([422, "code"]);
    expect((await auth("verify-login", { challenge, code })).status).toBe(410);
    const done = await auth("verify-registration", { challenge, code });
    expect(done.status).toBe(201);
    const { user, tokens } = done.body;
    expect(user).toMatchObject({
      name: "Ñew",
      email: email.toLowerCase(),
      settings: { last_seen: "everyone", read_receipts: true, push_text: true },
    });
    expect(done.headers.get("Location")).toBe(`/api/v1/users/${user.id}`);
    expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 1800, refresh_expires_in: 2_592_000 });
    expect((await auth("verify-registration", { challenge, code })).status).toBe(410);
    const me = await call(at, "GET", "/api/v1/users/me", { token: tokens.access_token });
    expect(me.body).toEqual(user);
    const shown = await auth("verify-token", { token: tokens.access_token });
    expect(shown.body).toEqual({ active: true, user_id: user.id, expires_at: expect.stringMatching(/\.000Z$/) });
  });

  test("answers who registers its address again as it answers anybody, and mails no code", async () => {
    const [ann] = await people(at, "Ann");
    const before = (await mails(ann.email)).length;
    const again = await auth("register", { email: ann.email, password: "another horse 2", name: "Thief" });
    expect([again.status, Object.keys(again.body).sort()]).toEqual([202, ["challenge", "expires_at"]]);
    const letters = await expect
      .poll(() => mails(ann.email))
      .toHaveLength(before + 1)
      .then(() => mails(ann.email));
    expect(letters.at(-1).text).not.toMatch(/\b\d{6}\b/);
    const unknown = await auth("login", { email: `${randomUUID()}@example.com`, password: "another horse 2" });
    const known = await auth("login", { email: ann.email, password: "another horse 2" });
    const plain = ({ request_id: _id, ...problem }: Json) => problem;
    expect([known.status, plain(known.body)]).toEqual([unknown.status, plain(unknown.body)]);
    expect(known.body).toMatchObject({ status: 401, code: "AUTH_FAILED" });
  });

  test("is signed in to with its password and then a mailed code, as another session", async () => {
    const email = `two.${randomUUID()}@example.com`;
    const password = "correct horse 1";
    const first = await auth("register", { email, password, name: "Two" });
    await auth("verify-registration", { challenge: first.body.challenge, code: await mailedCode(at, email) });
    const asked = await auth("login", { email: email.toUpperCase(), password });
    expect(asked.status).toBe(202);
    const { challenge } = asked.body;
    const early = await auth("resend-code", { challenge });
    expect([early.status, early.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
    expect(Number(early.headers.get("Retry-After"))).toBeGreaterThan(0);
    const code = await mailedCode(at, email, 1);
    for (let tries = 0; tries < 4; tries++) await auth("verify-login", { challenge, code: wrong(code) });
    const done = await auth("verify-login", { challenge, code });
    expect([done.status, done.body.user.name]).toEqual([200, "Two"]);
    const last = await auth("login", { email, password });
    const unanswerable = await mailedCode(at, email, 2);
    for (let tries = 0; tries < 5; tries++) {
      await auth("verify-login", { challenge: last.body.challenge, code: wrong(unanswerable) });
    }
    expect((await auth("verify-login", { challenge: last.body.challenge, code: unanswerable })).status).toBe(410);
  });
});

describe("a refresh token", () => {
  const refresh = (refresh_token: string) => auth("refresh", { refresh_token });

  test("gives the next pair, the same one again at once, and ends the session when it is old", async () => {
    const [ann] = await people(at, "Ann");
    const room = await group(ann);
    const lines = [
      await Line.open(at, "/ws", ann.token),
      await Line.open(at, `/conversations/${room.id}/ws`, ann.token),
    ];
    const [one, other] = await Promise.all([refresh(ann.refreshToken), refresh(ann.refreshToken)]);
    expect([one.status, other.status]).toEqual([200, 200]);
    expect(one.body.tokens.refresh_token).toBe(other.body.tokens.refresh_token);
    const next = await refresh(one.body.tokens.refresh_token);
    expect(next.status).toBe(200);
    const reused = await refresh(ann.refreshToken);
    expect([reused.status, reused.body.code]).toEqual([401, "AUTH_FAILED"]);
    for (const line of lines) expect((await line.ended()).code).toBe(4401);
    expect((await refresh(next.body.tokens.refresh_token)).status).toBe(401);
    expect((await knock(at, "/ws", next.body.tokens.access_token)).status).toBe(401);
  });

  test("brings an access token that a live socket takes in place of its own", async () => {
    const [ann] = await people(at, "Ann");
    const room = await group(ann);
    const { tokens } = (await refresh(ann.refreshToken)).body;
    for (const address of ["/ws", `/conversations/${room.id}/ws`]) {
      const line = await Line.open(at, address, ann.token);
      const taken = await line.ask({ type: "auth", token: tokens.access_token, ref: "fresh" });
      const expires_at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(taken).toEqual({ type: "auth_success", user_id: ann.id, user_name: "Ann", expires_at, ref: "fresh" });
      const again = await line.ask({ type: "auth", token: tokens.access_token });
      expect(again).toMatchObject({ code: "INVALID_MESSAGE" });
    }
  });

  test("of another session of the same user is not taken over by a socket", async () => {
    const email = `twice.${randomUUID()}@example.com`;
    const password = "correct horse 1";
    const first = await auth("register", { email, password, name: "Twice" });
    const code = await mailedCode(at, email);
    const { tokens } = (await auth("verify-registration", { challenge: first.body.challenge, code })).body;
    const { challenge } = (await auth("login", { email, password })).body;
    const other = (await auth("verify-login", { challenge, code: await mailedCode(at, email, 1) })).body.tokens;
    const line = await Line.open(at, "/ws", tokens.access_token);
    expect(await line.ask({ type: "auth", token: other.access_token })).toMatchObject({ code: "AUTH_FAILED" });
    // Signing out of one leaves the other alone.
    await call(at, "POST", "/api/v1/auth/logout", { token: other.access_token });
    expect(await line.ask({ type: "ping", ref: "alive" })).toEqual({ type: "pong", ref: "alive" });
    expect((await call(at, "GET", "/api/v1/users/me", { token: tokens.access_token })).status).toBe(200);
  });
});

describe("people", () => {
  test("are seen by others without what is theirs alone, and found by name, never by e-mail", async () => {
    const [ann]: [Person] = await people(at, "Ann");
    const name = `Zo${randomUUID().slice(0, 8)}`;
    const zoe = await register(at, name);
    const seen = await ann.call("GET", `/users/${zoe.id}`);
    expect(Object.keys(seen.body).sort()).toEqual(["created_at", "id", "name"]);
    const find = async (query: string) =>
      (await ann.call("GET", `/users/search?query=${encodeURIComponent(query)}`)).body.items;
    expect(await find(name.slice(0, 9).toUpperCase())).toEqual([seen.body]);
    for (const query of [zoe.email, zoe.email.slice(4), name.slice(1), " ", "%", "_", ""])
      expect(await find(query)).not.toContainEqual(seen.body);
    for (const query of ["", " ", "%", "_", "\\"]) expect(await find(query)).toEqual([]);
    for (const id of [randomUUID(), "none"]) expect((await ann.call("GET", `/users/${id}`)).status).toBe(404);
    for (const path of ["/users/me", `/users/${zoe.id}`, "/users/search?query=a", "/conversations"]) {
      const anonymous = await call(at, "GET", `/api/v1${path}`);
      expect([anonymous.status, anonymous.body.code]).toEqual([401, "AUTH_REQUIRED"]);
    }
  });
});
