import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { type Account, call, envWith, get, newAccount, post } from "../support/accounts.ts";
import { bindings, later, mayRead, pair, startLogin } from "../support/signing.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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
    expect((await object.attached(newId(), sid, true)).ended).toBe(true);
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
