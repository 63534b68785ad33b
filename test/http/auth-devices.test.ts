import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { trustedDevices } from "../../src/db/schema.ts";
import { limits } from "../../src/protocol/limits.ts";
import {
  type Account,
  call,
  envWith,
  get,
  newAccount,
  newEmail,
  password,
  post,
  register,
} from "../support/accounts.ts";
import {
  bindings,
  later,
  mayRead,
  pair,
  pending,
  redisAway,
  startLogin,
  startRegistration,
} from "../support/signing.ts";

const { db } = connect(bindings);
const day = 24 * 60 * 60_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function trusting(account: Account, agent = "Phone"): Promise<string> {
  const answer = { ...(await startLogin(account)), trust_device: true };
  const { status, body } = await post("/auth/verify-login", answer, { headers: { "User-Agent": agent } });
  expect([status, body]).toEqual([
    200,
    { user: account.user, tokens: pair, device_token: expect.stringMatching(/^[\w-]{43}$/) },
  ]);
  return body.device_token;
}

const login = (email: string, device_token: string, shown = password) =>
  post("/auth/login", { email, password: shown, device_token });

async function devices({ tokens }: Account) {
  return (await get("/auth/devices", { token: tokens.access_token })).body.items;
}

describe("a trusted device", () => {
  test("signs in with the password alone", async () => {
    const account = await newAccount();
    const token = await trusting(account);
    const done = await login(account.email, token);
    expect([done.status, done.body]).toEqual([200, { user: account.user, tokens: pair }]);
    expect(await mayRead(done.body.tokens.access_token)).toBe(200);
    expect((await login(account.email, token, "not the password")).status).toBe(401);
  });

  test("can be the one that registered", async () => {
    const started = await startRegistration();
    const made = await post("/auth/verify-registration", { ...started, trust_device: true });
    expect((await login(started.email, made.body.device_token)).status).toBe(200);
  });

  test("is not made unasked", async () => {
    const account = await newAccount();
    const answered = await post("/auth/verify-login", { ...(await startLogin(account)), trust_device: false });
    expect(answered.body).not.toHaveProperty("device_token");
    expect(await devices(account)).toEqual([]);
  });

  test("of another account, forged, or empty is as none", async () => {
    const [ann, eve] = [await newAccount(), await newAccount()];
    const theirs = await trusting(eve);
    for (const token of [theirs, "x", "", "A".repeat(43), "\0", ann.tokens.refresh_token]) {
      const asked = await login(ann.email, token);
      expect([asked.status, asked.body]).toEqual([202, pending]);
    }
  });

  test("lapses when it was not used for half a year, and lives on when it was", async () => {
    const account = await newAccount();
    const token = await trusting(account);
    const lapse = async (ms: number) => {
      await db
        .update(trustedDevices)
        .set({ last_used_at: new Date(Date.now() - ms) })
        .where(eq(trustedDevices.user_id, account.user.id));
    };
    await lapse(limits.deviceTrustMs - day);
    expect((await login(account.email, token)).status).toBe(200);
    const [device] = await devices(account);
    expect(Date.now() - Date.parse(device.last_used_at)).toBeLessThan(day);
    await lapse(limits.deviceTrustMs + 1);
    expect((await login(account.email, token)).status).toBe(202);
    expect(await devices(account)).toEqual([]);
  });

  test("is not kept out by the wrong passwords of others, and has as many tries of its own", async () => {
    const account = await newAccount();
    const { email } = account;
    const token = await trusting(account);
    await Promise.all(Array.from({ length: 11 }, () => post("/auth/login", { email, password: "not the password" })));
    expect((await post("/auth/login", { email, password })).status).toBe(429);
    expect((await login(email, token)).status).toBe(200);
    const guesses = Array.from({ length: 12 }, () => login(email, token, "not the password"));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    expect((await login(email, token)).status).toBe(429);
  });

  test("signs in though Redis is away, with as many tries, counted here", async () => {
    const account = await newAccount();
    const device_token = await trusting(account);
    const { email } = account;
    const on = envWith({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1", AUTH_RATE_LIMIT_PER_ACCOUNT: "2" });
    expect((await post("/auth/login", { email, password, device_token }, { on })).status).toBe(200);
    const wrong = () => post("/auth/login", { email, password: "not the password", device_token }, { on });
    expect([(await wrong()).status, (await wrong()).status, (await wrong()).status]).toEqual([401, 401, 429]);
    expect((await post("/auth/login", { email, password }, { on: redisAway })).status).toBe(503);
  });

  test("is never more than one of twenty: the one used longest ago gives way", async () => {
    const account = await newAccount();
    const first = await trusting(account);
    const old = Array.from({ length: limits.trustedDevices - 1 }, (_, index) => {
      const at = new Date(Date.now() + index + 1);
      return { id: newId(), user_id: account.user.id, token_hash: newId(), name: "", trusted_at: at, last_used_at: at };
    });
    await db.insert(trustedDevices).values(old);
    later(1_000);
    const last = await trusting(account);
    expect(await devices(account)).toHaveLength(limits.trustedDevices);
    expect((await login(account.email, first)).status).toBe(202);
    expect((await login(account.email, last)).status).toBe(200);
  });
});

describe("the list of devices", () => {
  test("shows those of oneself by their names, the newest first, in pages, and no token", async () => {
    const account = await newAccount();
    const tokens = [
      await trusting(account, "Phone"),
      await trusting(account, "La\u00dfptop"),
      await trusting(account, ""),
    ];
    await trusting(await newAccount());
    const time = expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/);
    const one = (name: string) => ({ id: expect.any(String), name, trusted_at: time, last_used_at: time });
    const whole = await get("/auth/devices", { token: account.tokens.access_token });
    expect(whole.body).toEqual({ items: [one(""), one("Laptop"), one("Phone")], next: null });
    expect(JSON.stringify(whole.body)).not.toContain(tokens[0]);
    const first = (await get("/auth/devices?limit=2", { token: account.tokens.access_token })).body;
    const rest = (await get(`/auth/devices?cursor=${first.next}`, { token: account.tokens.access_token })).body;
    expect([...first.items, ...rest.items]).toEqual(whole.body.items);
    expect(rest.next).toBeNull();
  });

  test("loses one that is trusted no more: it needs a code again, and its session goes on", async () => {
    const account = await newAccount();
    const token = await trusting(account);
    const session = (await login(account.email, token)).body.tokens;
    const [device] = await devices(account);
    const distrust = () => call("DELETE", `/auth/devices/${device.id}`, { token: account.tokens.access_token });
    const distrusted = await distrust();
    expect([distrusted.status, distrusted.body]).toEqual([204, null]);
    expect((await distrust()).status).toBe(404);
    expect((await login(account.email, token)).status).toBe(202);
    expect(await mayRead(session.access_token)).toBe(200);
  });

  test("loses none of somebody else's: 404, as for an unknown one and what is no id", async () => {
    const [ann, eve] = [await newAccount(), await newAccount()];
    const token = await trusting(ann);
    const [device] = await devices(ann);
    for (const id of [device.id, newId(), "x", "%00"]) {
      const refused = await call("DELETE", `/auth/devices/${id}`, { token: eve.tokens.access_token });
      expect([refused.status, refused.body.code]).toEqual([404, "NOT_FOUND"]);
    }
    expect((await login(ann.email, token)).status).toBe(200);
  });
});

test("the token of a device is kept as a keyed hash alone", async () => {
  const account = await newAccount();
  const token = await trusting(account);
  const [row] = await db.select().from(trustedDevices).where(eq(trustedDevices.user_id, account.user.id));
  expect(row?.token_hash).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(row)).not.toContain(token);
});

test("a login with what is no device token is refused by its form", async () => {
  for (const device_token of [7, null, [], "x".repeat(513)]) {
    const refused = await post("/auth/login", { email: newEmail(), password, device_token });
    expect([refused.status, refused.body.errors[0].path]).toEqual([422, "device_token"]);
  }
  const account = await register();
  const answer = { ...(await startLogin(account)), trust_device: "yes" };
  expect((await post("/auth/verify-login", answer)).body.errors[0].path).toBe("trust_device");
});
