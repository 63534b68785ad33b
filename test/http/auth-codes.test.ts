import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { keyedHashText } from "../../src/core/secrets.ts";
import { lastCodeTo, mailsTo, newAccount, newEmail, otherThan, password, post } from "../support/accounts.ts";
import { bindings, later, pending, startLogin, startRegistration } from "../support/signing.ts";
import { whilePostgres } from "../support/weather.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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

describe("a right code survives", () => {
  test("Postgres away: 503, then the same code is as good as before, with the tries it had", async () => {
    const { email, challenge, code } = await startRegistration();
    const verify = (shown: string) => post("/auth/verify-registration", { challenge, code: shown });
    for (let tries = 0; tries < 3; tries++) expect((await verify(otherThan(code))).status).toBe(422);
    const refused = await whilePostgres(
      email,
      () => "away",
      () => verify(code),
    );
    expect([refused.status, refused.body.code]).toEqual([503, "UNAVAILABLE"]);
    expect((await verify(otherThan(code))).status).toBe(422);
    expect((await verify(code)).status).toBe(201);
    expect((await verify(code)).status).toBe(410);
  });

  test("no conflict: it is used up by what was refused", async () => {
    const email = newEmail();
    const [one, other] = [await startRegistration(email), await startRegistration(email)];
    expect((await post("/auth/verify-registration", one)).status).toBe(201);
    expect((await post("/auth/verify-registration", other)).status).toBe(409);
    expect((await post("/auth/verify-registration", other)).status).toBe(410);
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
