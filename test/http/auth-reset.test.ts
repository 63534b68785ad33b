import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { keyedHashText } from "../../src/core/secrets.ts";
import { users } from "../../src/db/schema.ts";
import { limits } from "../../src/protocol/limits.ts";
import { mailsTo, newAccount, newEmail, password as oldPassword, otherThan, post } from "../support/accounts.ts";
import {
  bindings,
  later,
  mayRead,
  pair,
  pending,
  plain,
  redisAway,
  type Started,
  startLogin,
  startReset,
} from "../support/signing.ts";

const password = "a quite new battery";
const verify = ({ challenge, code }: Pick<Started, "challenge" | "code">, chosen = password) =>
  post("/auth/verify-reset-password", { challenge, code, password: chosen });
const ask = (email: string) => post("/auth/reset-password", { email });
const { cache, config, db } = connect(bindings);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Where the account's wrong reset codes are counted. */
const bucketOf = (email: string) => `wrong:reset:${keyedHashText(config.CODE_KEY, "mailbox", email)}`;

/** As if so many wrong codes had been tried today. */
async function wrongBefore(email: string, times: number): Promise<void> {
  for (let tries = 0; tries < times; tries++) {
    await cache.count(bucketOf(email), limits.wrongResetCodes, limits.wrongCodesWindowMs);
  }
}

describe("a reset", () => {
  test("sets the password, signs in, ends all sessions and trusts no device, and says so by mail", async () => {
    const account = await newAccount();
    const { body: trusting } = await post("/auth/verify-login", { ...(await startLogin(account)), trust_device: true });
    const started = await startReset(account);
    expect(started.code).toMatch(/^\d{8}$/);

    const done = await verify(started);
    expect([done.status, done.body]).toEqual([200, { user: account.user, tokens: pair }]);
    expect(await mayRead(done.body.tokens.access_token)).toBe(200);
    for (const { access_token, refresh_token } of [account.tokens, trusting.tokens]) {
      expect(await mayRead(access_token)).toBe(401);
      expect((await post("/auth/refresh", { refresh_token })).status).toBe(401);
    }
    const { email } = account;
    expect((await post("/auth/login", { email, password: oldPassword })).status).toBe(401);
    const { device_token } = trusting;
    expect((await post("/auth/login", { email, password, device_token })).status).toBe(202);
    const subjects = (await mailsTo(email)).map(({ subject }) => subject);
    expect(subjects).toContain("Your PingMe password was changed");
  });

  test("ends the sessions in the user's object, too, so that their sockets close", async () => {
    const account = await newAccount();
    await verify(await startReset(account));
    const object = bindings.USERS.get(bindings.USERS.idFromName(account.user.id));
    const [, claims = ""] = account.tokens.access_token.split(".");
    const { sid } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    expect((await object.attached(newId(), sid, true)).ended).toBe(true);
  });

  test("gives a password to an account that has none", async () => {
    const account = await newAccount();
    await db.update(users).set({ password_hash: null, google_sub: newId() }).where(eq(users.id, account.user.id));
    expect((await verify(await startReset(account))).status).toBe(200);
    expect((await post("/auth/login", { email: account.email, password })).status).toBe(202);
  });

  test("passes the wrong passwords that others have tried", async () => {
    const account = await newAccount();
    const { email } = account;
    await Promise.all(Array.from({ length: 10 }, () => post("/auth/login", { email, password: "not the password" })));
    expect((await post("/auth/login", { email, password: oldPassword })).status).toBe(429);
    expect((await verify(await startReset(account))).status).toBe(200);
    expect((await post("/auth/login", { email, password })).status).toBe(202);
  });

  test("of an unknown address answers as for a known one, mails nothing, and no code is right", async () => {
    const [{ email }, unknown] = [await newAccount(), newEmail()];
    const [one, other] = [await ask(email), await ask(unknown)];
    expect([one.status, one.body]).toEqual([202, pending]);
    expect([other.status, other.body]).toEqual([202, pending]);
    expect(await mailsTo(unknown)).toEqual([]);
    const codes = ["00000000", "00000001", "00000002", "00000003", "00000004", "00000005"];
    const answers = async (challenge: string) => {
      const answered = [];
      for (const code of codes) answered.push(await verify({ challenge, code }));
      return answered.map(({ status, body }) => [status, plain(body)]);
    };
    const seen = await answers(other.body.challenge);
    expect(seen).toEqual(await answers(one.body.challenge));
    expect(seen.map(([status]) => status)).toEqual([422, 422, 422, 422, 422, 410]);
  });

  test("code sent ten times at once is right once", async () => {
    const started = await startReset(await newAccount());
    const answers = await Promise.all(Array.from({ length: 10 }, () => verify(started)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 410)]);
  });

  test("ends the login that is under way with the old password", async () => {
    const account = await newAccount();
    const login = await startLogin(account);
    expect((await verify(await startReset(account))).status).toBe(200);
    const refused = await post("/auth/verify-login", login);
    expect([refused.status, refused.body.code]).toEqual([410, "GONE"]);
  });

  test("ends the other resets that are under way, and is nothing for an address that changed meanwhile", async () => {
    const [account, mover] = [await newAccount(), await newAccount()];
    const [one, other] = [await startReset(account), await startReset(account)];
    expect((await verify(one)).status).toBe(200);
    expect((await verify(other, "yet another battery")).status).toBe(410);
    const started = await startReset(mover);
    await db.update(users).set({ email: newEmail() }).where(eq(users.id, mover.user.id));
    expect((await verify(started)).status).toBe(410);
    expect(await mayRead(mover.tokens.access_token)).toBe(200);
  });
});

describe("a reset refuses", () => {
  test("a bad password before the code is used up", async () => {
    const started = await startReset(await newAccount());
    for (const bad of ["short", "password1", "x".repeat(129), "a\0bcdefgh"]) {
      const refused = await verify(started, bad);
      expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual(["password"]);
      expect(refused.status).toBe(422);
    }
    expect((await verify(started)).status).toBe(200);
  });

  test("codes of six digits, of another flow, and under a challenge nobody was given", async () => {
    const account = await newAccount();
    const [reset, login] = [await startReset(account), await startLogin(account)];
    expect((await verify({ challenge: reset.challenge, code: reset.code.slice(2) })).status).toBe(422);
    expect((await verify({ challenge: login.challenge, code: `00${login.code}` })).status).toBe(410);
    expect((await verify({ challenge: "a".repeat(43), code: reset.code })).status).toBe(410);
    const six = { challenge: reset.challenge, code: reset.code.slice(2) };
    for (const path of ["/auth/verify-login", "/auth/verify-registration"]) {
      expect((await post(path, six)).status).toBe(410);
    }
    expect((await verify(reset)).status).toBe(200);
    expect((await post("/auth/verify-login", login)).status).toBe(410);
  });

  test("a code after ten minutes, and its replay", async () => {
    const [one, other] = [await startReset(await newAccount()), await startReset(await newAccount())];
    expect((await verify(one)).status).toBe(200);
    expect((await verify(one)).status).toBe(410);
    later(limits.challengeMs);
    expect((await verify(other)).status).toBe(410);
  });

  test("more than five tries, also at once", async () => {
    const started = await startReset(await newAccount());
    const wrong = { ...started, code: otherThan(started.code) };
    const statuses = (await Promise.all(Array.from({ length: 15 }, () => verify(wrong)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 422)).toHaveLength(5);
    expect(statuses.filter((status) => status === 410)).toHaveLength(10);
    expect((await verify(started)).status).toBe(410);
  });

  test("while Redis is away", async () => {
    const { email } = await newAccount();
    for (const [path, body] of [
      ["/auth/reset-password", { email }],
      ["/auth/verify-reset-password", { challenge: "x", code: "12345678", password }],
    ] as const) {
      const refused = await post(path, body, { on: redisAway });
      expect([refused.status, refused.body.code]).toEqual([503, "UNAVAILABLE"]);
    }
  });
});

describe("resets of an account", () => {
  test("are three an hour; beyond, the answer is the same and no letter leaves", async () => {
    const account = await newAccount();
    const last = [await startReset(account), await startReset(account), await startReset(account)].at(-1);
    const fourth = await ask(account.email.toUpperCase());
    expect([fourth.status, fourth.body]).toEqual([202, pending]);
    expect(await mailsTo(account.email)).toHaveLength(3);
    expect((await verify({ challenge: fourth.body.challenge, code: last?.code ?? "" })).status).toBe(422);
  });

  test("beyond twenty wrong codes a day mail nothing; what was mailed before is right all the same", async () => {
    const account = await newAccount();
    const { email } = account;
    const [one, other] = [await startReset(account), await startReset(account)];
    await wrongBefore(email, 17);
    const wrong = { ...one, code: otherThan(one.code) };
    await Promise.all([verify(wrong), verify(wrong), verify(wrong)]);
    expect(await cache.counted(bucketOf(email))).toBe(20);
    const third = await ask(email);
    expect([third.status, third.body]).toEqual([202, pending]);
    later(limits.codeResendAfterMs);
    expect((await post("/auth/resend-code", { challenge: other.challenge })).status).toBe(202);
    expect(await mailsTo(email)).toHaveLength(2);
    expect((await verify(other)).status).toBe(200);
    expect(await mayRead(account.tokens.access_token)).toBe(401);
  });

  test("count neither a right code nor one that was not judged", async () => {
    const account = await newAccount();
    await wrongBefore(account.email, 3);
    const started = await startReset(account);
    await Promise.all(Array.from({ length: 10 }, () => verify(started)));
    expect(await cache.counted(bucketOf(account.email))).toBe(3);
  });

  test("of an unknown address are sent again without a letter", async () => {
    const email = newEmail();
    const { challenge } = (await ask(email)).body;
    later(limits.codeResendAfterMs);
    const sent = await post("/auth/resend-code", { challenge });
    expect([sent.status, sent.body]).toEqual([202, { ...pending, challenge }]);
    expect(await mailsTo(email)).toEqual([]);
  });
});
