/** What somebody tries who wants in, against the running server and through its front door only. */
import { randomUUID } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import {
  call,
  challenge,
  group,
  type Json,
  Line,
  mailCount,
  type Person,
  people,
  register,
  signIn,
} from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let eve: Person;

beforeAll(async () => {
  at = await server();
  eve = await register(at, "Eve");
});

const auth = (route: string, body: unknown, token?: string) =>
  call(at, "POST", `/api/v1/auth/${route}`, token === undefined ? { body } : { body, token });
const newEmail = () => `hostile.${randomUUID()}@example.com`;
const statusesOf = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const fieldsOf = (answer: { body: Json }) => (answer.body.errors ?? []).map(({ path }: { path: string }) => path);

describe("a reset", () => {
  test("while a login is pending ends that login, all sessions and their sockets", async () => {
    const ann = await register(at, "Ann");
    const room = await group(ann);
    const lines = [
      await Line.open(at, "/ws", ann.token),
      await Line.open(at, `/conversations/${room.id}/ws`, ann.token),
    ];
    const pending = await challenge(at, "/auth/login", { email: ann.email, password: ann.password }, { to: ann.email });
    const reset = await challenge(at, "/auth/reset-password", { email: ann.email }, { to: ann.email });
    const password = `horse-${randomUUID()}`;
    const done = await auth("verify-reset-password", { ...reset, password });
    expect(done.status).toBe(200);
    for (const line of lines) expect((await line.ended(2_000)).code).toBe(4401);
    expect((await auth("verify-login", pending)).status).toBe(410);
    expect((await auth("refresh", { refresh_token: ann.refreshToken })).status).toBe(401);
    expect((await ann.call("GET", "/users/me")).status).toBe(401);
    expect((await auth("login", { email: ann.email, password: ann.password })).status).toBe(401);
    expect((await auth("login", { email: ann.email, password })).status).toBe(202);
    const { access_token } = done.body.tokens;
    expect((await call(at, "GET", "/api/v1/users/me", { token: access_token })).body.id).toBe(ann.id);
  });

  test("is answered alike for an address nobody has, and mails nothing there", async () => {
    const [unknown, known] = [newEmail(), eve.email];
    const before = await mailCount(at, known);
    const answers = await Promise.all([unknown, known].map((email) => auth("reset-password", { email })));
    expect(answers.map(({ status, body }) => [status, Object.keys(body)])).toEqual(
      times(2, () => [202, ["challenge", "expires_at"]]),
    );
    await expect.poll(() => mailCount(at, known)).toBe(before + 1);
    expect(await mailCount(at, unknown)).toBe(0);
    const body = { challenge: answers[0]?.body.challenge, password: "some other secret 3" };
    const guesses = [];
    for (let tries = 0; tries < 6; tries++) {
      guesses.push((await auth("verify-reset-password", { ...body, code: `0000000${tries}` })).status);
    }
    expect(guesses).toEqual([422, 422, 422, 422, 422, 410]);
  });

  test("mails three codes an hour, and answers the fourth as the first", async () => {
    const { email } = await register(at, "Often");
    const before = await mailCount(at, email);
    for (let asked = 0; asked < 5; asked++) expect((await auth("reset-password", { email })).status).toBe(202);
    await expect.poll(() => mailCount(at, email)).toBe(before + 3);
    // A letter asked for later is here: none of those before it is still on its way.
    const later = newEmail();
    await challenge(at, "/auth/register", { email: later, password: "hard to guess 1", name: "X" }, { to: later });
    expect(await mailCount(at, email)).toBe(before + 3);
  });
});

describe("a token", () => {
  test("is no other kind of token", async () => {
    const ann = await register(at, "Ann");
    const { device_token } = await signIn(at, ann, { trust_device: true });
    expect(device_token).toEqual(expect.any(String));
    for (const token of [ann.refreshToken, device_token]) {
      expect((await call(at, "GET", "/api/v1/users/me", { token })).status).toBe(401);
      expect((await auth("verify-token", { token })).body).toEqual({ active: false });
    }
    for (const refresh_token of [ann.token, device_token]) {
      expect((await auth("refresh", { refresh_token })).status).toBe(401);
    }
    const { email, password } = ann;
    for (const device_token of [ann.token, ann.refreshToken, "", "x".repeat(100)]) {
      const answer = await auth("login", { email, password, device_token });
      expect([202, 422]).toContain(answer.status);
      expect(answer.body.tokens).toBeUndefined();
    }
    // The refresh token was only shown in wrong places: the session lives.
    expect((await auth("refresh", { refresh_token: ann.refreshToken })).status).toBe(200);
  });

  test("forged under any key's id, or with none, opens nothing", async () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      sub: eve.id,
      sid: randomUUID(),
      jti: randomUUID(),
      name: "Eve",
      typ: "access",
      iss: at.url,
      aud: "pingme",
    };
    const payload = { ...claims, iat: now, exp: now + 600 };
    const [header = "", , signature = ""] = eve.token.split(".");
    const { kid } = JSON.parse(Buffer.from(header, "base64url").toString());
    const kids = [
      kid,
      "",
      "0",
      "../../../../dev/null",
      "' or 1=1 --",
      "__proto__",
      "constructor",
      "http://127.0.0.1/jwks",
    ];
    const forged = await Promise.all(
      kids.map((id) =>
        new SignJWT(payload).setProtectedHeader({ alg: "HS256", kid: id, typ: "JWT" }).sign(Buffer.alloc(32)),
      ),
    );
    const body = Buffer.from(JSON.stringify(payload)).toString("base64url");
    const none = new UnsecuredJWT(payload).encode();
    const embedded = Buffer.from(
      JSON.stringify({ alg: "HS256", typ: "JWT", jwk: { kty: "oct", k: Buffer.alloc(32).toString("base64url") } }),
    ).toString("base64url");
    for (const token of [
      ...forged,
      none,
      `${header}.${body}.${signature}`,
      `${header}.${body}.`,
      `${embedded}.${body}.${signature}`,
    ]) {
      const answer = await call(at, "GET", "/api/v1/users/me", { token });
      expect([answer.status, answer.body.code]).toEqual([401, "AUTH_FAILED"]);
    }
  });
});

describe("what is somebody else's", () => {
  test("session or device is not there", async () => {
    const ann = await register(at, "Ann");
    await signIn(at, ann, { trust_device: true });
    const sessions = (await ann.call("GET", "/auth/sessions")).body.items;
    const devices = (await ann.call("GET", "/auth/devices")).body.items;
    expect([sessions.length, devices.length]).toEqual([2, 1]);
    const paths = [...sessions.map(({ id }: Json) => `/auth/sessions/${id}`), `/auth/devices/${devices[0].id}`];
    for (const path of [...paths, "/auth/sessions/x", `/auth/devices/${randomUUID()}`]) {
      expect((await eve.call("DELETE", path)).status).toBe(404);
    }
    expect((await ann.call("GET", "/auth/sessions")).body.items).toHaveLength(2);
    expect((await eve.call("GET", "/auth/sessions")).body.items).toHaveLength(1);
  });
});

describe("words that would be more than words", () => {
  test("never reach a header or another field", async () => {
    const lines = ["a\r\nBcc: x@y.example", "a\nSubject: owned", "a\u2028b\u0000"];
    for (const line of lines) {
      const name = await auth("register", { email: newEmail(), password: "hard to guess 1", name: line });
      const email = await auth("register", { email: `${line}@example.com`, password: "hard to guess 1", name: "X" });
      const reset = await auth("reset-password", { email: `victim@example.com\r\nBcc: ${line}` });
      const moved = await eve.call("POST", "/users/me/email", { email: `${line}@example.com`, password: eve.password });
      expect([name, email, reset, moved].map(({ status }) => status)).toEqual([422, 422, 422, 422]);
      expect([name, email, reset, moved].map(fieldsOf)).toEqual([["name"], ["email"], ["email"], ["email"]]);
    }
  });

  test("in a body change only what a body may change", async () => {
    const ann = await register(at, "Ann");
    const before = (await ann.call("GET", "/users/me")).body;
    const extra = {
      id: eve.id,
      role: "ADMIN",
      email: newEmail(),
      email_verified: true,
      password_hash: "x",
      google_sub: "1",
      created_at: "2000-01-01T00:00:00.000Z",
      deleted_at: null,
      constructor: { prototype: { admin: true } },
    };
    const changed = await ann.call("PATCH", "/users/me", { ...extra, bio: "hello" });
    expect(changed.body).toEqual({ ...before, bio: "hello" });
    const polluted = '{"settings":{"__proto__":{"last_seen":"nobody"},"constructor":1,"last_seen":"nobody"}}';
    const set = await call(at, "PATCH", "/api/v1/users/me", { token: ann.token, body: polluted });
    expect(set.body.settings).toEqual({ ...before.settings, last_seen: "nobody" });
    expect((await eve.call("GET", "/users/me")).body.settings).toEqual(before.settings);
  });

  test("said twice count once: the last", async () => {
    const [first, last] = [newEmail(), newEmail()];
    const twice = `{"email":"${first}","password":"hard to guess 1","name":"A","email":"${last}","name":"B"}`;
    const seen = await mailCount(at, last);
    const { body } = await call(at, "POST", "/api/v1/auth/register", { body: twice });
    await expect.poll(() => mailCount(at, last)).toBe(seen + 1);
    expect(await mailCount(at, first)).toBe(0);
    const mails = await fetch(`${at.mailboxUrl}/api/mails?to=${encodeURIComponent(last)}`).then((answer) =>
      answer.json(),
    );
    const code = /\b\d{6}\b/.exec((mails as Json).at(-1).text)?.[0];
    const made = await auth("verify-registration", { challenge: body.challenge, code });
    expect(made.body.user).toMatchObject({ email: last, name: "B" });
  });

  test("that are very long are refused before they cost anything", async () => {
    const long = (length: number) => "p".repeat(length);
    const tries: [string, unknown][] = [
      ["register", { email: newEmail(), password: long(129), name: "X" }],
      ["login", { email: eve.email, password: long(200_000) }],
      ["verify-reset-password", { challenge: "x", code: "00000000", password: long(129) }],
    ];
    for (const [route, body] of tries) {
      const answer = await auth(route, body);
      expect([answer.status, fieldsOf(answer)]).toEqual([422, ["password"]]);
    }
    expect((await auth("login", { email: eve.email, password: long(1_000_000) })).status).toBe(413);
    const emoji = { email: newEmail(), password: "🦄".repeat(128), name: "X" };
    expect((await auth("register", emoji)).status).toBe(422); // of one character only
    expect((await auth("register", { ...emoji, password: "🦄🐴".repeat(64) })).status).toBe(202);
  });
});

describe("a look-alike", () => {
  test("of a username or an address is the same one, or none", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const username = `Ann_${randomUUID().slice(0, 8)}`;
    expect((await ann.call("PATCH", "/users/me", { username })).body.username).toBe(username);
    const taken = await bob.call("PATCH", "/users/me", { username: username.toLowerCase() });
    expect([taken.status, taken.body.code, fieldsOf(taken)]).toEqual([409, "CONFLICT", ["username"]]);
    for (const name of ["аnna_k", "ann\u200Da", "admin", "Adm1n", "p1ngme", "__ann", "ab", "a".repeat(33), "ａnna"]) {
      const refused = await bob.call("PATCH", "/users/me", { username: name });
      expect([name, refused.status, fieldsOf(refused)]).toEqual([name, 422, ["username"]]);
    }
    const before = await mailCount(at, ann.email);
    const again = await auth("register", {
      email: ` ${ann.email.toUpperCase()} `,
      password: "hard to guess 1",
      name: "A",
    });
    expect(again.status).toBe(202);
    await expect.poll(() => mailCount(at, ann.email)).toBe(before + 1);
    expect((await auth("login", { email: ann.email, password: "hard to guess 1" })).status).toBe(401);
    const moved = await bob.call("POST", "/users/me/email", { email: ann.email.toUpperCase(), password: bob.password });
    expect(moved.status).toBe(202);
    expect((await bob.call("GET", "/users/me")).body.email).toBe(bob.email);
  });
});

describe("wrong passwords", () => {
  test("are ten in a quarter of an hour, from wherever they come; then only a trusted device or a reset helps", async () => {
    const ann = await register(at, "Ann");
    const { device_token } = await signIn(at, ann, { trust_device: true });
    const { email, password } = ann;
    const wrong = await Promise.all(times(14, (index) => auth("login", { email, password: `wrong ${index}` })));
    expect(statusesOf(wrong)).toEqual([...times(10, () => 401), ...times(4, () => 429)]);
    const locked = await auth("login", { email, password });
    expect([locked.status, locked.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
    expect(Number(locked.headers.get("Retry-After"))).toBeGreaterThan(0);
    const trusted = await auth("login", { email, password, device_token });
    expect([trusted.status, trusted.body.user?.id]).toEqual([200, ann.id]);
    const foreign = await auth("login", { email, password, device_token: `${device_token.slice(0, -2)}AA` });
    expect(foreign.status).toBe(429);
    const reset = await challenge(at, "/auth/reset-password", { email }, { to: email });
    const fresh = `horse-${randomUUID()}`;
    expect((await auth("verify-reset-password", { ...reset, password: fresh })).status).toBe(200);
    expect((await auth("login", { email, password: fresh })).status).toBe(202);
  });
});
