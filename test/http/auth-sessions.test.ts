import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { sessions } from "../../src/db/schema.ts";
import { insertSession } from "../../src/db/sessions.ts";
import { limits } from "../../src/protocol/limits.ts";
import { type Account, type Call, call, envWith, get, newAccount, post } from "../support/accounts.ts";
import { until } from "../support/room.ts";
import { bindings, later, mayRead, pair, redisAway, startLogin } from "../support/signing.ts";

const { db } = connect(bindings);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Another session of the account. */
async function signIn(account: Account, options?: Call) {
  const { body } = await post("/auth/verify-login", await startLogin(account), options);
  return body.tokens as Account["tokens"];
}

interface Listed {
  id: string;
  current: boolean;
}

async function listed(token: string): Promise<Listed[]> {
  const { status, body } = await get("/auth/sessions", { token });
  expect([status, body.next]).toEqual([200, null]);
  return body.items;
}

async function idOf(tokens: Account["tokens"]): Promise<string> {
  return (await listed(tokens.access_token)).find(({ current }) => current)?.id ?? "";
}

const end = (path: string, token: string, options: Call = {}) =>
  call("DELETE", `/auth/sessions${path}`, { token, ...options });

/** Rows of other sessions of the account, used a second apart, the first longest ago. */
async function alive(user_id: string, count: number, now = Date.now()): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => newId(now - 1_000_000 + index));
  for (const [index, id] of ids.entries()) {
    const at = now - (count - index) * 1_000;
    await insertSession(db, { id, user_id, refresh_hash: id, device: "", country: null, now: at });
  }
  return ids;
}

describe("the list of sessions", () => {
  test("shows each with its device and times, the newest first, and which is the present one", async () => {
    const account = await newAccount();
    const tokens = await signIn(account, { headers: { "User-Agent": "Fire\u00e4fox/1 (X11)\u0007" } });
    const { items } = (await get("/auth/sessions", { token: tokens.access_token })).body;
    const times = { created_at: expect.stringMatching(/Z$/), last_used_at: expect.stringMatching(/Z$/) };
    expect(items).toEqual([
      { id: expect.any(String), device: "Firefox/1 (X11)", ...times, current: true },
      { id: expect.any(String), device: "test", ...times, current: false },
    ]);
    expect(items[1].id).toBe(await idOf(account.tokens));
  });

  test("has the country, and the time of the last use", async () => {
    const account = await newAccount();
    const id = await idOf(account.tokens);
    await db.update(sessions).set({ country: "DE" }).where(eq(sessions.id, id));
    later(60_000);
    await post("/auth/refresh", { refresh_token: account.tokens.refresh_token });
    const [only] = (await get("/auth/sessions", { token: account.tokens.access_token })).body.items;
    expect(only.country).toBe("DE");
    expect(Date.parse(only.last_used_at) - Date.parse(only.created_at)).toBeGreaterThanOrEqual(60_000);
  });

  test("leaves out those that have ended or lapsed, and those of others", async () => {
    const account = await newAccount();
    const [lapsed = "", ended = ""] = await alive(account.user.id, 2);
    await db.update(sessions).set({ expires_at: new Date() }).where(eq(sessions.id, lapsed));
    await db.update(sessions).set({ ended_at: new Date() }).where(eq(sessions.id, ended));
    await newAccount();
    expect(await listed(account.tokens.access_token)).toHaveLength(1);
    for (const id of [lapsed, ended]) expect((await end(`/${id}`, account.tokens.access_token)).status).toBe(404);
  });

  test("comes in pages", async () => {
    const account = await newAccount();
    const ids = await alive(account.user.id, 4);
    const seen: string[] = [await idOf(account.tokens)];
    let path = "/auth/sessions?limit=2";
    for (let pages = 0; pages < 3; pages++) {
      const { body } = await get(path, { token: account.tokens.access_token });
      seen.push(...body.items.filter(({ current }: Listed) => !current).map(({ id }: Listed) => id));
      expect(body.next === null).toBe(pages === 2);
      path = `/auth/sessions?limit=2&cursor=${body.next}`;
    }
    expect(seen.slice(1)).toEqual(ids.toReversed());
  });

  test.each(["/auth/sessions", "/auth/devices"])("refuses what is no cursor or limit: %s", async (path) => {
    const { tokens } = await newAccount();
    const foreign = [btoa('["x"]'), btoa('[7,"x"]'), btoa("[]"), "%00", "x"];
    for (const query of [...foreign.map((cursor) => `cursor=${cursor}`), "limit=0", "limit=101", "limit=x"]) {
      const refused = await get(`${path}?${query}`, { token: tokens.access_token });
      expect([query, refused.status, refused.body.code]).toEqual([query, 422, "INVALID_CONTENT"]);
    }
  });
});

describe("ending a session", () => {
  test("refuses its tokens at once, and leaves the others", async () => {
    const account = await newAccount();
    const other = await signIn(account);
    const id = await idOf(other);
    const ended = await end(`/${id}`, account.tokens.access_token);
    expect([ended.status, ended.body]).toEqual([204, null]);
    expect(await mayRead(other.access_token)).toBe(401);
    expect((await post("/auth/refresh", { refresh_token: other.refresh_token })).status).toBe(401);
    expect(await get("/users/me", { token: other.access_token, on: envWith({}) })).toMatchObject({ status: 401 });
    expect(await mayRead(account.tokens.access_token)).toBe(200);
    expect((await end(`/${id}`, account.tokens.access_token)).status).toBe(404);
  });

  test("of somebody else is 404 and harms nobody, as is an unknown one and what is no id", async () => {
    const [ann, eve] = [await newAccount(), await newAccount()];
    const theirs = await idOf(ann.tokens);
    for (const id of [theirs, newId(), "x", "%00", `${theirs}x`]) {
      const refused = await end(`/${id}`, eve.tokens.access_token);
      expect([id, refused.status, refused.body.code]).toEqual([id, 404, "NOT_FOUND"]);
    }
    expect(await mayRead(ann.tokens.access_token)).toBe(200);
    expect(await get("/users/me", { token: ann.tokens.access_token, on: envWith({}) })).toMatchObject({ status: 200 });
  });

  test("ends all of them, or all but the present one", async () => {
    const account = await newAccount();
    const others = [await signIn(account), await signIn(account)];
    const { access_token } = account.tokens;
    expect((await end("?except=current", access_token)).status).toBe(204);
    for (const other of others) expect(await mayRead(other.access_token)).toBe(401);
    expect(await mayRead(access_token)).toBe(200);
    const last = await signIn(account);
    expect((await end("", access_token)).status).toBe(204);
    for (const token of [access_token, last.access_token]) expect(await mayRead(token)).toBe(401);
  });

  test("refuses to keep anything but the present one", async () => {
    const { tokens } = await newAccount();
    const refused = await end("?except=mine", tokens.access_token);
    expect([refused.status, refused.body.errors[0].path]).toEqual([422, "except"]);
    expect(await mayRead(tokens.access_token)).toBe(200);
  });

  test("survives Redis being away: refused here at once, its refresh token everywhere", async () => {
    const account = await newAccount();
    const other = await signIn(account);
    const { access_token } = account.tokens;
    expect((await end(`/${await idOf(other)}`, access_token, { on: redisAway })).status).toBe(204);
    expect((await get("/users/me", { token: other.access_token, on: redisAway })).status).toBe(401);
    expect((await post("/auth/refresh", { refresh_token: other.refresh_token })).status).toBe(401);
  });

  test("is told again to who did not hear of it", async () => {
    const { tokens, user } = await newAccount();
    const id = await idOf(tokens);
    const real = globalThis.fetch;
    let failures = 0;
    vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
      if (!String(init?.body ?? "").includes(`ended:${id}`) || failures > 2) return real(input, init);
      failures += 1;
      throw new TypeError("Network connection lost.");
    });
    expect((await end("", tokens.access_token)).status).toBe(204);
    await until("that another isolate refuses it", async () => {
      const { status } = await get("/users/me", { token: tokens.access_token, on: envWith({}) });
      return status === 401 || undefined;
    });
    expect(failures).toBe(3);
    await connect(bindings).cache.ping(); // Redis is there again, for the next test, too
    const object = bindings.USERS.get(bindings.USERS.idFromName(user.id));
    expect((await object.attached(newId(), id, true)).ended).toBe(true);
  });
});

describe("a hundred sessions", () => {
  test("are alive at most: the one used longest ago gives way and is refused", async () => {
    const account = await newAccount();
    const [oldest = "", second = ""] = await alive(account.user.id, limits.sessionsPerUser - 1);
    const tokens = await signIn(account);
    expect(tokens).toEqual(pair);
    const { body } = await get("/auth/sessions?limit=100", { token: tokens.access_token });
    const ids = body.items.map(({ id }: Listed) => id);
    expect(ids).toHaveLength(limits.sessionsPerUser);
    expect([ids.includes(oldest), ids.includes(second)]).toEqual([false, true]);
    const object = bindings.USERS.get(bindings.USERS.idFromName(account.user.id));
    expect((await object.attached(newId(), oldest, true)).ended).toBe(true);
  });
});

test.each([
  ["GET", "/auth/sessions"],
  ["DELETE", "/auth/sessions"],
  ["DELETE", `/auth/sessions/${newId()}`],
  ["GET", "/auth/devices"],
  ["DELETE", `/auth/devices/${newId()}`],
  ["POST", "/auth/logout"],
])("%s %s needs a token that is sound", async (method, path) => {
  const { tokens } = await newAccount();
  const missing = await call(method, path);
  expect([missing.status, missing.body.code]).toEqual([401, "AUTH_REQUIRED"]);
  for (const token of ["x", "a.b.c", tokens.refresh_token, `${tokens.access_token}x`]) {
    const refused = await call(method, path, { token });
    expect([refused.status, refused.body.code]).toEqual([401, "AUTH_FAILED"]);
  }
  expect(await mayRead(tokens.access_token)).toBe(200);
});
