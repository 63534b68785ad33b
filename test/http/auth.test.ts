import { env } from "cloudflare:workers";
import { afterEach, describe, expect, inject, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { keyedHashText } from "../../src/core/secrets.ts";
import { credentialsOf } from "../../src/db/users.ts";
import type { Env } from "../../src/env.ts";
import {
  type Account,
  call,
  defaultSettings,
  envWith,
  get,
  lastCodeTo,
  mailsTo,
  newAccount,
  newEmail,
  otherThan,
  password,
  post,
  register,
} from "../support/accounts.ts";

const bindings = env as unknown as Env;
const redisAway = envWith({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" });
const postgresAway = envWith({ DATABASE_HTTP_URL: "http://127.0.0.1:1/sql" });

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function later(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

async function startRegistration(email = newEmail(), name = "Ann") {
  const { body } = await post("/auth/register", { email, password, name });
  return { email, challenge: body.challenge as string, code: await lastCodeTo(email) };
}

async function startLogin({ email }: Account) {
  const { body } = await post("/auth/login", { email, password });
  return { email, challenge: body.challenge as string, code: await lastCodeTo(email) };
}

async function mayRead(token: string): Promise<number> {
  return (await get("/users/me", { token })).status;
}

const pending = { challenge: expect.stringMatching(/^[\w-]{43}$/), expires_at: expect.stringMatching(/T.*\.\d{3}Z$/) };
const pair = {
  access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
  token_type: "Bearer",
  expires_in: 1800,
  refresh_token: expect.any(String),
  refresh_expires_in: 2_592_000,
};

describe("a registration", () => {
  test("makes the account when the mailed code comes back, and not before", async () => {
    const email = newEmail();
    const asked = await post("/auth/register", { email, password, name: "  Ann  " });
    expect([asked.status, asked.body]).toEqual([202, pending]);
    const lifeMs = Date.parse(asked.body.expires_at) - Date.now();
    expect(lifeMs).toBeGreaterThan(9 * 60_000);
    expect(lifeMs).toBeLessThanOrEqual(10 * 60_000);
    expect(await credentialsOf(connect(bindings).db, email)).toBeUndefined();

    const code = await lastCodeTo(email);
    const made = await post("/auth/verify-registration", { challenge: asked.body.challenge, code });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      user: { id: expect.any(String), name: "Ann", email, settings: defaultSettings, created_at: expect.any(String) },
      tokens: pair,
    });
    expect(made.headers.get("Location")).toBe(`/api/v1/users/${made.body.user.id}`);
    expect(await mayRead(made.body.tokens.access_token)).toBe(200);
  });

  test("takes nothing from fields it does not know", async () => {
    const email = newEmail();
    const id = newId();
    const extra = { id, role: "ADMIN", email_verified: true, username: "root", settings: { a: 1 }, device_token: "x" };
    const { body } = await post("/auth/register", { email, password, name: "Ann", ...extra });
    const code = await lastCodeTo(email);
    const made = await post("/auth/verify-registration", { challenge: body.challenge, code, ...extra });
    expect(made.body.user).toEqual({ ...made.body.user, email, name: "Ann", settings: defaultSettings });
    expect(made.body.user.id).not.toBe(id);
    expect(Object.keys(made.body)).toEqual(["user", "tokens"]);
    expect(made.body.user).not.toHaveProperty("username");
  });

  test("of one address twice at once makes one account", async () => {
    const email = newEmail();
    const [one, two] = [await startRegistration(email, "One"), await startRegistration(email, "Two")];
    const answers = await Promise.all(
      [one, two].map(({ challenge, code }) => post("/auth/verify-registration", { challenge, code })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe("CONFLICT");
  });

  test("of a taken address answers the same, mails no code, and no code is right", async () => {
    const { email } = await newAccount();
    const before = (await mailsTo(email)).length;
    const asked = await post("/auth/register", {
      email: email.toUpperCase(),
      password: "another password",
      name: "Eve",
    });
    expect([asked.status, asked.body]).toEqual([202, pending]);
    const mails = (await mailsTo(email)).slice(before);
    expect(mails.map(({ subject }) => subject)).toEqual(["You already have a PingMe account"]);
    expect(mails[0]?.text).not.toMatch(/\d{6}/);
    const statuses = [];
    for (let tries = 0; tries < 6; tries++) {
      statuses.push(
        (await post("/auth/verify-registration", { challenge: asked.body.challenge, code: "000000" })).status,
      );
    }
    expect(statuses).toEqual([422, 422, 422, 422, 422, 410]);
    expect((await post("/auth/login", { email, password })).status).toBe(202);
  });

  test("speaks the language that was asked for", async () => {
    const email = newEmail();
    await post(
      "/auth/register",
      { email, password, name: "Ann" },
      { headers: { "Accept-Language": "ru-RU,ru;q=0.9" } },
    );
    const [mail] = await mailsTo(email);
    expect(mail?.subject).toBe("Ваш код PingMe");
    expect(mail?.text).toContain("Код для завершения регистрации");
  });

  test.each([
    ["email", { email: "ann" }],
    ["email", { email: "ann@example.test\r\nBcc: eve@example.test" }],
    ["email", { email: 7 }],
    ["email", { email: undefined }],
    ["password", { password: "short" }],
    ["password", { password: "x".repeat(129) }],
    ["password", { password: "Password1" }],
    ["password", { password: "broken \uD800 pair" }],
    ["name", { name: " " }],
    ["name", { name: "a".repeat(65) }],
    ["name", { name: "a\0b" }],
    ["name", { name: null }],
  ])("with a wrong %s is refused and names the field: %j", async (field, change) => {
    const refused = await post("/auth/register", { email: newEmail(), password, name: "Ann", ...change });
    expect([refused.status, refused.body.code]).toEqual([422, "INVALID_CONTENT"]);
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual([field]);
  });
});

const paths = ["register", "verify-registration", "login", "verify-login", "resend-code", "refresh", "verify-token"];

describe.each(paths)("%s refuses", (path) => {
  test.each([
    [400, "{"],
    [400, "[]"],
    [400, '"text"'],
    [400, "null"],
    [422, "{}"],
    [422, '{"email":{},"password":[],"name":1,"challenge":null,"code":123456,"refresh_token":true,"token":{}}'],
  ])("with %i: %s", async (status, raw) => {
    expect((await call("POST", `/auth/${path}`, { raw })).status).toBe(status);
  });

  test("what is not JSON by its type, is too long, or is empty", async () => {
    const form = await call("POST", `/auth/${path}`, { raw: "a=b", headers: { "Content-Type": "text/plain" } });
    expect([form.status, form.body.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    const long = await call("POST", `/auth/${path}`, { raw: JSON.stringify({ email: "a".repeat(300_000) }) });
    expect([long.status, long.body.code]).toEqual([413, "TOO_LARGE"]);
    const empty = await call("POST", `/auth/${path}`, {});
    expect(empty.status).toBeGreaterThanOrEqual(400);
    expect(empty.status).toBeLessThan(500);
  });
});

describe("a code", () => {
  test("that is wrong is named, and five of them end the challenge", async () => {
    const { challenge, code } = await startRegistration();
    for (let tries = 0; tries < 5; tries++) {
      const refused = await post("/auth/verify-registration", { challenge, code: otherThan(code) });
      expect([refused.status, refused.body.code]).toEqual([422, "INVALID_CONTENT"]);
      expect(refused.body.errors).toEqual([{ path: "code", message: "is wrong" }]);
    }
    const right = await post("/auth/verify-registration", { challenge, code });
    expect([right.status, right.body.code]).toEqual([410, "GONE"]);
  });

  test("guessed thirty times at once has five tries", async () => {
    const { challenge, code } = await startRegistration();
    const guesses = Array.from({ length: 30 }, () =>
      post("/auth/verify-registration", { challenge, code: otherThan(code) }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 422)).toHaveLength(5);
    expect(statuses.filter((status) => status === 410)).toHaveLength(25);
    expect((await post("/auth/verify-registration", { challenge, code })).status).toBe(410);
  });

  test("sent ten times at once is right once", async () => {
    const account = await newAccount();
    const { challenge, code } = await startLogin(account);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post("/auth/verify-login", { challenge, code })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 410)]);
  });

  test("is refused after ten minutes, and under a challenge nobody was given", async () => {
    const { challenge, code } = await startRegistration();
    expect((await post("/auth/verify-registration", { challenge: "a".repeat(43), code })).status).toBe(410);
    expect((await post("/auth/verify-registration", { challenge: "\0", code })).status).toBe(410);
    later(10 * 60_000);
    expect((await post("/auth/verify-registration", { challenge, code })).status).toBe(410);
  });

  test("of a login does not finish a registration, nor the other way, and loses nothing by it", async () => {
    const login = await startLogin(await newAccount());
    const registration = await startRegistration();
    for (let tries = 0; tries < 6; tries++) {
      expect((await post("/auth/verify-registration", login)).status).toBe(410);
      expect((await post("/auth/verify-login", registration)).status).toBe(410);
    }
    expect((await post("/auth/verify-login", login)).status).toBe(200);
    expect((await post("/auth/verify-registration", registration)).status).toBe(201);
  });

  test("of another challenge is wrong", async () => {
    const [one, two] = [await startRegistration(), await startRegistration()];
    expect((await post("/auth/verify-registration", { ...one, code: two.code })).status).toBe(
      one.code === two.code ? 201 : 422,
    );
  });

  test("that is not of the form takes no try", async () => {
    const { challenge, code } = await startRegistration();
    for (const form of ["12345", "1234567", "12345a", "١٢٣٤٥٦", "", "12 456"]) {
      expect((await post("/auth/verify-registration", { challenge, code: form })).status).toBe(422);
    }
    expect((await post("/auth/verify-registration", { challenge, code })).status).toBe(201);
  });

  test("is nowhere in the cache, nor is its challenge; both are kept as keyed hashes", async () => {
    const { challenge, code } = await startRegistration();
    const { cache, config } = connect(bindings);
    const kept = await cache.read(`challenge:${keyedHashText(config.CODE_KEY, "challenge", challenge)}`);
    expect(kept).toContain('"kind":"register"');
    expect(kept).not.toContain(challenge);
    expect(kept).not.toContain(code);
    expect(kept).not.toContain(password);
  });
});

describe("a resend", () => {
  test("mails another code after a minute, and the first is void", async () => {
    const { email, challenge, code } = await startRegistration();
    const early = await post("/auth/resend-code", { challenge });
    expect([early.status, early.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
    expect(early.body.retry_after_ms).toBeGreaterThan(50_000);
    expect(Number(early.headers.get("Retry-After"))).toBeGreaterThan(50);
    later(60_000);
    const sent = await post("/auth/resend-code", { challenge });
    expect([sent.status, sent.body]).toEqual([202, { ...pending, challenge }]);
    const fresh = await lastCodeTo(email);
    expect(await mailsTo(email)).toHaveLength(2);
    if (fresh !== code) expect((await post("/auth/verify-registration", { challenge, code })).status).toBe(422);
    expect((await post("/auth/verify-registration", { challenge, code: fresh })).status).toBe(201);
  });

  test("happens five times and lengthens nothing", async () => {
    const { email, challenge } = await startRegistration();
    const ends = [];
    for (let count = 0; count < 5; count++) {
      later(60_000);
      ends.push((await post("/auth/resend-code", { challenge })).body.expires_at);
    }
    expect(new Set(ends).size).toBe(1);
    later(60_000);
    expect((await post("/auth/resend-code", { challenge })).status).toBe(429);
    expect(await mailsTo(email)).toHaveLength(6);
    later(5 * 60_000);
    expect((await post("/auth/resend-code", { challenge })).status).toBe(410);
  });

  test("asked for ten times at once is one letter", async () => {
    const { email, challenge } = await startRegistration();
    later(60_000);
    const answers = await Promise.all(Array.from({ length: 10 }, () => post("/auth/resend-code", { challenge })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(9);
    expect(await mailsTo(email)).toHaveLength(2);
  });

  test("of an unknown challenge is gone", async () => {
    expect((await post("/auth/resend-code", { challenge: newId() })).status).toBe(410);
  });
});

describe("a login", () => {
  test("asks for the password, then for the mailed code", async () => {
    const account = await newAccount("Ann");
    const asked = await post("/auth/login", { email: ` ${account.email.toUpperCase()} `, password });
    expect([asked.status, asked.body]).toEqual([202, pending]);
    const code = await lastCodeTo(account.email);
    const done = await post("/auth/verify-login", { challenge: asked.body.challenge, code });
    expect([done.status, done.body]).toEqual([200, { user: account.user, tokens: pair }]);
    expect(done.body.tokens.refresh_token).not.toBe(account.tokens.refresh_token);
  });

  test("with a wrong password and of an unknown address are refused alike", async () => {
    const { email } = await newAccount();
    const wrong = await post("/auth/login", { email, password: `${password}!` });
    const unknown = await post("/auth/login", { email: newEmail(), password });
    expect([wrong.status, wrong.body.code]).toEqual([401, "AUTH_FAILED"]);
    expect({ ...unknown.body, request_id: "" }).toEqual({ ...wrong.body, request_id: "" });
  });

  test.each(["a", "\u0001", "", "x".repeat(257)])(
    "with a password nobody can have is refused: %j",
    async (impossible) => {
      const { email } = await newAccount();
      const refused = await post("/auth/login", { email, password: impossible });
      expect([401, 422]).toContain(refused.status);
    },
  );

  test("asks the cache the same for a known and an unknown address, and so does a registration", async () => {
    const { email } = await newAccount();
    const fetched = vi.spyOn(globalThis, "fetch");
    const asked = async (path: string, body: unknown) => {
      fetched.mockClear();
      await post(path, body);
      return fetched.mock.calls.map(([input, init]) => {
        const sent = String(init?.body ?? "");
        return `${String(input)} ${/EVAL|eval|SET|set|GET|get|select|insert/.exec(sent)?.[0]}`;
      });
    };
    const wrong = { password: "not the password" };
    expect(await asked("/auth/login", { email: newEmail(), ...wrong })).toEqual(
      await asked("/auth/login", { email, ...wrong }),
    );
    const known = await asked("/auth/register", { email, password, name: "Eve" });
    expect(await asked("/auth/register", { email: newEmail(), password, name: "Eve" })).toEqual(known);
    expect(known.length).toBeGreaterThanOrEqual(4);
  });
});

describe("a throttle", () => {
  test.each(["known", "unknown"])(
    "refuses the eleventh wrong password for a %s address, and the right one then",
    async (kind) => {
      const email = kind === "known" ? (await newAccount()).email : newEmail();
      const guesses = Array.from({ length: 12 }, () => post("/auth/login", { email, password: "not the password" }));
      const statuses = (await Promise.all(guesses)).map(({ status }) => status).sort();
      expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
      const refused = await post("/auth/login", { email, password });
      expect([refused.status, refused.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
      expect(refused.body.retry_after_ms).toBeGreaterThan(14 * 60_000);
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(14 * 60);
    },
  );

  test("counts no right password", async () => {
    const on = envWith({ AUTH_RATE_LIMIT_PER_ACCOUNT: "2" });
    const { email } = await newAccount();
    for (let count = 0; count < 4; count++)
      expect((await post("/auth/login", { email, password }, { on })).status).toBe(202);
    const wrong = () => post("/auth/login", { email, password: "not the password" }, { on });
    expect([(await wrong()).status, (await wrong()).status, (await wrong()).status]).toEqual([401, 401, 429]);
  });

  test("mails ten letters an hour to a mailbox, answers alike after, and keeps no owner from signing in", async () => {
    const account = await newAccount();
    const { email } = account;
    const asks = Array.from({ length: 12 }, () => post("/auth/register", { email, password, name: "Eve" }));
    for (const asked of await Promise.all(asks)) expect([asked.status, asked.body]).toEqual([202, pending]);
    expect(await mailsTo(email)).toHaveLength(10);
    expect((await post("/auth/verify-login", await startLogin(account))).status).toBe(200);
  });

  test("counts an address, IPv6 by its network, over all open routes, and believes no other header", async () => {
    const on = envWith({ AUTH_RATE_LIMIT_PER_ADDRESS: "3" });
    const network = Array.from(crypto.getRandomValues(new Uint16Array(3)), (group) => group.toString(16)).join(":");
    const ask = async (path: string, host: string, more = {}) =>
      await call("POST", path, { raw: "{}", on, headers: { "CF-Connecting-IP": `2001:${network}${host}`, ...more } });
    expect((await ask("/auth/login", "::1")).status).toBe(422);
    expect((await ask("/auth/refresh", "::2")).status).toBe(422);
    expect((await ask("/auth/verify-token", ":1:2:3:4")).status).toBe(422);
    const refused = await ask("/auth/register", "::5", {
      "X-Forwarded-For": "203.0.113.9",
      "True-Client-IP": "203.0.113.9",
    });
    expect([refused.status, refused.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    const other = await call("POST", "/auth/login", {
      raw: "{}",
      on,
      headers: { "CF-Connecting-IP": `2002:${network}::1` },
    });
    expect(other.status).toBe(422);
  });
});

describe("a refresh", () => {
  const refresh = (refresh_token: string) => post("/auth/refresh", { refresh_token });

  test("gives the next pair, and the session goes on", async () => {
    const { tokens } = await newAccount();
    const next = await refresh(tokens.refresh_token);
    expect([next.status, next.body]).toEqual([200, { tokens: pair }]);
    expect(next.body.tokens.refresh_token).not.toBe(tokens.refresh_token);
    expect(await mayRead(next.body.tokens.access_token)).toBe(200);
    expect((await refresh(next.body.tokens.refresh_token)).status).toBe(200);
  });

  test("repeated within ten seconds gives the same successor, ten times at once too", async () => {
    const { tokens } = await newAccount();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(tokens.refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(new Set(answers.map(({ body }) => body.tokens.refresh_token)).size).toBe(1);
    later(9_000);
    expect((await refresh(tokens.refresh_token)).body.tokens.refresh_token).toBe(answers[0]?.body.tokens.refresh_token);
  });

  async function isOver(account: Account, access: string, newest: string): Promise<void> {
    expect(await mayRead(access)).toBe(401);
    expect((await refresh(newest)).status).toBe(401);
    const { sid } = JSON.parse(
      atob(account.tokens.access_token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? ""),
    );
    const object = bindings.USERS.get(bindings.USERS.idFromName(account.user.id));
    expect((await object.attached(newId(), sid)).ended).toBe(true);
  }

  test("with a token replaced more than ten seconds ago ends the session, sockets included", async () => {
    const account = await newAccount();
    const next = (await refresh(account.tokens.refresh_token)).body.tokens;
    later(11_000);
    const reused = await refresh(account.tokens.refresh_token);
    expect([reused.status, reused.body.code]).toEqual([401, "AUTH_FAILED"]);
    await isOver(account, next.access_token, next.refresh_token);
  });

  test("with a token whose successor was used ends the session, though within ten seconds", async () => {
    const account = await newAccount();
    const second = (await refresh(account.tokens.refresh_token)).body.tokens;
    const third = (await refresh(second.refresh_token)).body.tokens;
    expect((await refresh(account.tokens.refresh_token)).status).toBe(401);
    await isOver(account, third.access_token, third.refresh_token);
  });

  test("with a token of any older generation ends the session", async () => {
    const account = await newAccount();
    let newest = account.tokens;
    for (let generation = 0; generation < 4; generation++) newest = (await refresh(newest.refresh_token)).body.tokens;
    expect((await refresh(account.tokens.refresh_token)).status).toBe(401);
    await isOver(account, newest.access_token, newest.refresh_token);
  });

  test("with a token we never issued is refused and harms no session", async () => {
    const { tokens } = await newAccount();
    const [session, secret = "", mac] = tokens.refresh_token.split(".");
    const forgeries = [
      `${session}.${"A".repeat(43)}.${mac}`,
      `${session}.${secret}.${"A".repeat(22)}`,
      `${newId()}.${secret}.${mac}`,
      tokens.access_token,
      `${tokens.refresh_token} `,
      "x",
      "\0",
    ];
    for (const forgery of forgeries) {
      const refused = await refresh(forgery);
      expect([refused.status, refused.body.code]).toEqual([401, "AUTH_FAILED"]);
    }
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });

  test("is refused after thirty days without use", async () => {
    const { tokens } = await newAccount();
    later(30 * 24 * 60 * 60_000 + 1);
    expect((await refresh(tokens.refresh_token)).status).toBe(401);
  });

  test("token is no access token", async () => {
    const { tokens } = await newAccount();
    expect(await mayRead(tokens.refresh_token)).toBe(401);
  });
});

describe("a logout", () => {
  test("ends this session at once, everywhere, and no other", async () => {
    const account = await newAccount();
    const other = (await post("/auth/verify-login", await startLogin(account))).body.tokens;
    const { access_token, refresh_token } = account.tokens;
    expect(await mayRead(access_token)).toBe(200);
    const out = await call("POST", "/auth/logout", { token: access_token });
    expect([out.status, out.body]).toEqual([204, null]);
    expect(await mayRead(access_token)).toBe(401);
    expect((await post("/auth/refresh", { refresh_token })).status).toBe(401);
    expect((await post("/auth/verify-token", { token: access_token })).body).toEqual({ active: false });
    expect((await call("POST", "/auth/logout", { token: access_token })).status).toBe(401);
    // Another isolate has never heard of it: it asks the cache.
    expect(await get("/users/me", { token: access_token, on: envWith({}) })).toMatchObject({ status: 401 });
    expect(await mayRead(other.access_token)).toBe(200);
    expect((await post("/auth/refresh", { refresh_token: other.refresh_token })).status).toBe(200);
  });

  test("needs to be signed in", async () => {
    const refused = await call("POST", "/auth/logout");
    expect([refused.status, refused.body.code]).toEqual([401, "AUTH_REQUIRED"]);
  });
});

describe("verify-token", () => {
  test("says whose a token is and until when", async () => {
    const { user, tokens } = await newAccount();
    const { status, body } = await post("/auth/verify-token", { token: tokens.access_token });
    expect([status, body]).toEqual([
      200,
      { active: true, user_id: user.id, expires_at: expect.stringMatching(/\.000Z$/) },
    ]);
  });

  test.each(["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."])("says that %s is not active", async (token) => {
    const { status, body } = await post("/auth/verify-token", { token });
    expect([status, body]).toEqual([200, { active: false }]);
  });

  test("says that a refresh token and an expired token are not active", async () => {
    const { tokens } = await newAccount();
    expect((await post("/auth/verify-token", { token: tokens.refresh_token })).body).toEqual({ active: false });
    later(30 * 60_000);
    expect((await post("/auth/verify-token", { token: tokens.access_token })).body).toEqual({ active: false });
    expect(await mayRead(tokens.access_token)).toBe(401);
  });
});

describe("a backend that is away", () => {
  test("the cache: codes fail closed with 503, who is signed in goes on, and so does the session", async () => {
    const { email, tokens } = await newAccount();
    const asks = [
      ["/auth/register", { email: newEmail(), password, name: "Ann" }],
      ["/auth/login", { email, password }],
      ["/auth/verify-login", { challenge: "x", code: "123456" }],
      ["/auth/resend-code", { challenge: "x" }],
    ] as const;
    for (const [path, body] of asks) {
      const refused = await post(path, body, { on: redisAway });
      expect([path, refused.status, refused.body.code]).toEqual([path, 503, "UNAVAILABLE"]);
      expect(refused.headers.get("Retry-After")).toBe("2");
    }
    expect((await get("/users/me", { token: tokens.access_token, on: redisAway })).status).toBe(200);
    expect((await post("/auth/refresh", { refresh_token: tokens.refresh_token }, { on: redisAway })).status).toBe(200);
    expect((await call("POST", "/auth/logout", { token: tokens.access_token, on: redisAway })).status).toBe(204);
  });

  test("the database: 503, and nothing of it is told", async () => {
    const { email, tokens } = await newAccount();
    const refused = await post("/auth/login", { email, password }, { on: postgresAway });
    expect([refused.status, refused.body.code]).toEqual([503, "UNAVAILABLE"]);
    expect((await get("/users/me", { token: tokens.access_token, on: postgresAway })).status).toBe(503);
  });

  test("the mail: the answer is the same, and the failure is counted", async () => {
    const on = envWith({ SMTP_PORT: String(inject("smtp").port), MAIL_FROM: `PingMe <x@refuses.${newId()}.test>` });
    const asked = await post("/auth/register", { email: newEmail(), password, name: "Ann" }, { on });
    expect([asked.status, asked.body]).toEqual([202, pending]);
    expect(await connect(on).mail.state()).toEqual({ failures: 1, failed_at: expect.any(Number) });
  });
});

test("no line of the log holds an address, a password, a code, a challenge or a token", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const on = envWith({ LOG_LEVEL: "debug" });
  const account = await register("Ann", { on });
  const { challenge, code } = await startRegistration();
  await post("/auth/verify-registration", { challenge, code: otherThan(code) }, { on });
  await post("/auth/login", { email: account.email, password: "not the password" }, { on });
  await post("/auth/refresh", { refresh_token: account.tokens.refresh_token }, { on });
  await get(`/users/search?query=${account.email}`, { token: account.tokens.access_token, on });
  await post("/auth/register", { email: account.email, password, name: "Eve" }, { on: redisAway });
  await call("POST", "/auth/logout", { token: account.tokens.access_token, on });
  expect(lines.length).toBeGreaterThan(5);
  const secrets = [
    account.email,
    password,
    "not the password",
    challenge,
    code,
    ...Object.values(account.tokens).map(String),
  ];
  for (const secret of secrets.filter((text) => text.length > 4 && text !== "Bearer")) {
    expect(lines.join("\n")).not.toContain(secret);
  }
  connect(envWith({ LOG_LEVEL: "warn" }));
});
