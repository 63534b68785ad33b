import { afterEach, describe, expect, inject, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import {
  call,
  envWith,
  get,
  mailsTo,
  newAccount,
  newEmail,
  otherThan,
  password,
  post,
  register,
} from "../support/accounts.ts";
import { pending, postgresAway, redisAway, startLogin, startRegistration } from "../support/signing.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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

describe("every open route", () => {
  test.each([
    ["POST", "/auth/register"],
    ["POST", "/auth/verify-registration"],
    ["POST", "/auth/login"],
    ["POST", "/auth/verify-login"],
    ["POST", "/auth/resend-code"],
    ["POST", "/auth/reset-password"],
    ["POST", "/auth/verify-reset-password"],
    ["POST", "/auth/refresh"],
    ["POST", "/auth/verify-token"],
    ["GET", "/auth/google"],
    ["GET", "/auth/google/callback"],
    ["POST", "/auth/google/exchange"],
  ])("counts its caller, in Redis or, where that is away, here: %s %s", async (method, path) => {
    for (const changes of [{}, { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" }]) {
      const on = envWith({ AUTH_RATE_LIMIT_PER_ADDRESS: "2", ...changes });
      const headers = { "CF-Connecting-IP": `2001:${newId().slice(0, 4)}:${newId().slice(-9, -5)}::1` };
      const ask = () => call(method, path, { on, headers, ...(method === "POST" ? { raw: "{}" } : {}) });
      for (const { status } of [await ask(), await ask()]) expect(status).not.toBe(429);
      const refused = await ask();
      expect([refused.status, refused.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    }
  });
});

describe("an upgrade", () => {
  test.each(["/ws", `/conversations/${newId()}/ws`])(
    "that is refused counts its caller, one with a sound token does not: %s",
    async (path) => {
      const on = envWith({ AUTH_RATE_LIMIT_PER_ADDRESS: "3" });
      const { tokens } = await newAccount();
      const address = {
        Upgrade: "websocket",
        "CF-Connecting-IP": `2001:${newId().slice(0, 4)}:${newId().slice(-9, -5)}::1`,
      };
      const knock = (token?: string) => get(path, { on, headers: address, ...(token === undefined ? {} : { token }) });
      const statuses = [];
      for (const token of [undefined, "x.y.z", "garbage", undefined]) statuses.push((await knock(token)).status);
      // On a user socket the token may come in the first frame.
      expect(statuses).toEqual([path === "/ws" ? 101 : 401, 401, 401, 429]);
      const throttled = await get("/auth/google", { on, headers: address });
      expect(throttled.status).toBe(429);
      expect([101, 404]).toContain((await knock(tokens.access_token)).status);
    },
  );
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
