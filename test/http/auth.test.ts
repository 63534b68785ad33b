import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { users } from "../../src/db/schema.ts";
import { credentialsOf } from "../../src/db/users.ts";
import { limits } from "../../src/protocol/limits.ts";
import { hashPassword } from "../../src/services/passwords.ts";
import {
  call,
  defaultSettings,
  lastCodeTo,
  mailsTo,
  newAccount,
  newEmail,
  password,
  post,
} from "../support/accounts.ts";
import { bindings, counting, mayRead, pair, pending, startLogin, startRegistration } from "../support/signing.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

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

const paths = [
  "register",
  "verify-registration",
  "login",
  "verify-login",
  "resend-code",
  "reset-password",
  "verify-reset-password",
  "refresh",
  "verify-token",
];

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

  test("is refused with a code whose password or address was changed meanwhile, or whose account was deleted", async () => {
    const [ann, bob, cem] = [await newAccount(), await newAccount(), await newAccount()];
    const started = [await startLogin(ann), await startLogin(bob), await startLogin(cem)];
    const { db } = connect(bindings);
    await db
      .update(users)
      .set({ password_hash: await hashPassword("another password") })
      .where(eq(users.id, ann.user.id));
    await db.update(users).set({ deleted_at: new Date(), email: null }).where(eq(users.id, bob.user.id));
    await db.update(users).set({ email: newEmail() }).where(eq(users.id, cem.user.id));
    for (const { challenge, code } of started) {
      const refused = await post("/auth/verify-login", { challenge, code });
      expect([refused.status, refused.body.code]).toEqual([410, "GONE"]);
    }
  });

  test("speaks the language the account has chosen, whatever the browser says", async () => {
    const { email, user } = await newAccount();
    await connect(bindings)
      .db.update(users)
      .set({ settings: { language: "ru" } })
      .where(eq(users.id, user.id));
    await post("/auth/login", { email, password }, { headers: { "Accept-Language": "en" } });
    expect((await mailsTo(email)).at(-1)?.subject).toBe("Ваш код для входа в PingMe");
    await post("/auth/register", { email, password, name: "Eve" }, { headers: { "Accept-Language": "en" } });
    expect((await mailsTo(email)).at(-1)?.subject).toBe("У вас уже есть аккаунт PingMe");
  });
});

describe("a known and an unknown address", () => {
  const wrong = { password: "not the password" };
  const doors: [string, object][] = [
    ["/auth/register", { password, name: "Eve" }],
    ["/auth/login", wrong],
    ["/auth/login", { ...wrong, device_token: "a token of nobody" }],
    ["/auth/reset-password", {}],
  ];

  test.each(doors)("are asked about alike, backend by backend and hash by hash: %s %j", async (path, more) => {
    const { email } = await newAccount();
    await post(path, { email: newEmail(), ...more }); // what is made once for the isolate is made
    const work = async (address: string) => {
      const asked = await counting(() => post(path, { email: address, ...more }));
      return { ...asked, status: asked.given.status, given: Object.keys(asked.given.body) };
    };
    const unknown = await work(newEmail());
    expect(await work(email)).toEqual(unknown);
    expect(unknown.redis.length + unknown.postgres).toBeGreaterThanOrEqual(2);
  });

  test.each([
    ["/auth/register", "/auth/verify-registration", { password, name: "Eve" }, { code: "000000" }],
    ["/auth/reset-password", "/auth/verify-reset-password", {}, { code: "00000000", password: "a quite new battery" }],
  ])("are sent to again and answered alike: %s", async (path, verify, more, answer) => {
    const work = async (email: string) => {
      const { challenge } = (await post(path, { email, ...more })).body;
      const answered = await counting(() => post(verify, { challenge, ...answer }));
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + limits.codeResendAfterMs });
      const resent = await counting(() => post("/auth/resend-code", { challenge }));
      vi.useRealTimers();
      return [answered, resent].map(({ given, ...asked }) => ({ ...asked, status: given.status }));
    };
    const unknown = await work(newEmail());
    expect(await work((await newAccount()).email)).toEqual(unknown);
    expect(unknown.map(({ status }) => status)).toEqual([422, 202]);
  });
});
