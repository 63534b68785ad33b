import { eq } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { sessions, trustedDevices, users } from "../../src/db/schema.ts";
import { endSessions } from "../../src/db/sessions.ts";
import { credentialsOfUser } from "../../src/db/users.ts";
import {
  type Account,
  type Call,
  call,
  envWith,
  get,
  lastCodeTo,
  mailsTo,
  newAccount,
  newEmail,
  otherThan,
  password,
  post,
} from "../support/accounts.ts";
import { bindings, db } from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

const next = "staple battery horse";
const tokenOf = ({ tokens }: Account) => tokens.access_token;
const setPassword = (who: Account, body: unknown, options: Call = {}) =>
  call("PUT", "/users/me/password", { body, token: tokenOf(who), ...options });
const askFor = (who: Account, email: string, shown = password, options: Call = {}) =>
  post("/users/me/email", { email, password: shown }, { token: tokenOf(who), ...options });
const verify = (who: Account, challenge: string, code: string) =>
  post("/users/me/email/verify", { challenge, code }, { token: tokenOf(who) });
const login = (email: string, shown = password) => post("/auth/login", { email, password: shown });
const mayRead = async (token: string) => (await get("/users/me", { token })).status;
const field = (path: string, message: string) => [{ path, message }];

/** Signed in once more. */
async function elsewhere({ email, ...account }: Account): Promise<Account> {
  const { body } = await login(email);
  const again = await post("/auth/verify-login", { challenge: body.challenge, code: await lastCodeTo(email) });
  return { ...account, email, tokens: again.body.tokens };
}

function trustedBy({ user }: Account) {
  const now = new Date();
  return {
    id: newId(now.getTime()),
    user_id: user.id,
    token_hash: newId(),
    name: "",
    trusted_at: now,
    last_used_at: now,
  };
}

async function withGoogleOnly(): Promise<Account> {
  const account = await newAccount("Gwen");
  await db.update(users).set({ password_hash: null }).where(eq(users.id, account.user.id));
  return account;
}

/** Has asked to move to a new address. */
async function moving(who: Account, email = newEmail()) {
  const { body } = await askFor(who, email);
  return { email, challenge: body.challenge as string, code: await lastCodeTo(email) };
}

describe("a change of password does", () => {
  test("take the new one, end all other sessions and tell by mail", async () => {
    const ann = await newAccount();
    const there = await elsewhere(ann);
    await db.insert(trustedDevices).values(trustedBy(ann));
    expect((await setPassword(ann, { old_password: password, password: next })).status).toBe(204);
    expect(await db.select().from(trustedDevices).where(eq(trustedDevices.user_id, ann.user.id))).toEqual([]);
    expect([await mayRead(tokenOf(ann)), await mayRead(tokenOf(there))]).toEqual([200, 401]);
    const refreshed = await post("/auth/refresh", { refresh_token: there.tokens.refresh_token });
    expect(refreshed.status).toBe(401);
    expect((await post("/auth/refresh", { refresh_token: ann.tokens.refresh_token })).status).toBe(200);
    expect((await login(ann.email)).status).toBe(401);
    expect((await login(ann.email, next)).status).toBe(202);
    const subjects = (await mailsTo(ann.email)).map(({ subject }) => subject);
    expect(subjects).toContain("Your PingMe password was changed");
  });

  test("set the first one of who signed in with Google", async () => {
    const gwen = await withGoogleOnly();
    expect((await setPassword(gwen, { password: next })).status).toBe(204);
    expect((await login(gwen.email, next)).status).toBe(202);
    const again = await setPassword(gwen, { password });
    expect([again.status, again.body.errors]).toEqual([422, field("old_password", "is needed")]);
  });

  test("happen once where two are asked for at once", async () => {
    const ann = await newAccount();
    const wanted = ["first of two horses", "second of two horses"];
    const answers = await Promise.all(wanted.map((one) => setPassword(ann, { old_password: password, password: one })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422]);
    const winner = wanted[answers.findIndex(({ status }) => status === 204)] ?? "";
    expect((await login(ann.email, winner)).status).toBe(202);
  });
});

/** Its session is over, but where this is asked it is not known yet. */
async function signedOutElsewhere(who: Account): Promise<void> {
  expect(await mayRead(tokenOf(who))).toBe(200);
  await endSessions(db, who.user.id, {}, Date.now());
  expect(await mayRead(tokenOf(who))).toBe(200);
}

describe("who was signed out, with a token that is believed still,", () => {
  test("changes no password, sets no first one, and moves to no address", async () => {
    const [ann, gwen, mona] = [await newAccount(), await withGoogleOnly(), await newAccount()];
    const { challenge, code } = await moving(mona);
    for (const who of [ann, gwen, mona]) await signedOutElsewhere(who);
    const email = newEmail();
    const refusals = [
      await setPassword(ann, { old_password: password, password: next }),
      await setPassword(gwen, { password: next }),
      await setPassword(gwen, {}),
      await askFor(ann, email),
      await verify(mona, challenge, code),
    ];
    for (const { status, body } of refusals) expect([status, body.code]).toEqual([401, "AUTH_FAILED"]);
    expect(await mailsTo(email)).toEqual([]);
    expect((await credentialsOfUser(db, gwen.user.id))?.password_hash).toBeNull();
    expect((await credentialsOfUser(db, mona.user.id))?.email).toBe(mona.email);
  });
});

describe("a change of password refuses", () => {
  test("the first one of who signed in long ago, before it looks at the fields", async () => {
    const gwen = await withGoogleOnly();
    await db
      .update(sessions)
      .set({ created_at: new Date(Date.now() - 15 * 60_000) })
      .where(eq(sessions.user_id, gwen.user.id));
    for (const body of [{ password: next }, { password: "short" }]) {
      const refused = await setPassword(gwen, body);
      expect([refused.status, refused.body.code]).toEqual([403, "PERMISSION_DENIED"]);
    }
    expect((await credentialsOfUser(db, gwen.user.id))?.password_hash).toBeNull();
  });

  test("nobody since strangers guess at the door, nor the other way round", async () => {
    const ann = await newAccount();
    const strict = { on: envWith({ AUTH_RATE_LIMIT_PER_ACCOUNT: "2" }) };
    const guess = () => post("/auth/login", { email: ann.email, password: "not the one" }, strict);
    expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([401, 401, 429]);
    for (let tries = 0; tries < 2; tries++) {
      const wrong = await setPassword(ann, { old_password: "not the one", password: next }, strict);
      expect(wrong.status).toBe(422);
    }
    expect((await setPassword(ann, { old_password: password, password: next }, strict)).status).toBe(429);
    const bob = await newAccount("Bob");
    for (let tries = 0; tries < 2; tries++) await askFor(bob, newEmail(), "not the one", strict);
    expect((await login(bob.email)).status).toBe(202);
  });

  test.each([
    [{ password: next }, field("old_password", "is needed")],
    [{ old_password: "not the one", password: next }, field("old_password", "is wrong")],
    [{ old_password: password, password: "password1" }, field("password", "is among the most common ones")],
    [{ old_password: password, password: "short" }, field("password", "must be at least 8 characters")],
    [{ old_password: password, password: "a".repeat(129) }, field("password", "must be at most 128 characters")],
    [{ old_password: password, password: `${next}\n` }, field("password", "must not hold control characters")],
    [{ old_password: password }, [{ path: "password", message: expect.any(String) }]],
  ])("%j", async (body, errors) => {
    const ann = await newAccount();
    const before = await credentialsOfUser(db, ann.user.id);
    const refused = await setPassword(ann, body);
    expect([refused.status, refused.body.code, refused.body.errors]).toEqual([422, "INVALID_CONTENT", errors]);
    expect(await credentialsOfUser(db, ann.user.id)).toEqual(before);
  });

  test("guesses beyond the account's limit, then the right one too", async () => {
    const ann = await newAccount();
    const strict = { on: envWith({ AUTH_RATE_LIMIT_PER_ACCOUNT: "2" }) };
    const guess = (old_password: string) => setPassword(ann, { old_password, password: next }, strict);
    const guesses = await Promise.all(["guess 1", "guess 2", "guess 3", "guess 4"].map(guess));
    expect(guesses.map(({ status }) => status).sort()).toEqual([422, 422, 429, 429]);
    const right = await guess(password);
    expect([right.status, right.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
    expect(Number(right.headers.get("Retry-After"))).toBeGreaterThan(0);
  });

  test("who is not signed in, before it looks at the fields", async () => {
    for (const [method, path] of [
      ["PUT", "/users/me/password"],
      ["POST", "/users/me/email"],
      ["POST", "/users/me/email/verify"],
    ] as const) {
      const refused = await call(method, path, { body: {} });
      expect([refused.status, refused.body.code]).toEqual([401, "AUTH_REQUIRED"]);
    }
  });
});

describe("a change of address does", () => {
  test("happen when the code mailed to the new one comes back, and is told to the old one", async () => {
    const ann = await newAccount();
    const { email, challenge, code } = await moving(ann);
    expect((await get("/users/me", { token: tokenOf(ann) })).body.email).toBe(ann.email);
    const moved = await verify(ann, challenge, code);
    expect([moved.status, moved.body.email]).toEqual([200, email]);
    expect((await get("/users/me", { token: tokenOf(ann) })).body).toEqual(moved.body);
    expect([(await login(ann.email)).status, (await login(email)).status]).toEqual([401, 202]);
    const told = await mailsTo(ann.email);
    expect(told.map(({ subject }) => subject)).toEqual(["The address of your PingMe account was changed"]);
    expect(told[0]?.text).not.toContain(email);
  });

  test("take the address in lower case, as it is compared", async () => {
    const ann = await newAccount();
    const email = newEmail();
    const { body } = await askFor(ann, ` ${email.toUpperCase()} `);
    expect((await verify(ann, body.challenge, await lastCodeTo(email))).body.email).toBe(email);
  });

  test("answer alike where the address has an account, whose owner gets a letter without a code", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    expect(await mayRead(tokenOf(ann))).toBe(200); // now it is known that her session has not ended
    const fetched = vi.spyOn(globalThis, "fetch");
    const taken = await askFor(ann, bob.email.toUpperCase());
    const calls = fetched.mock.calls.map(([address]) => String(address));
    fetched.mockClear();
    const free = await askFor(ann, newEmail());
    expect(fetched.mock.calls.map(([address]) => String(address))).toEqual(calls);
    fetched.mockRestore();
    expect([taken.status, Object.keys(taken.body)]).toEqual([free.status, Object.keys(free.body)]);
    const mails = await mailsTo(bob.email);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).not.toMatch(/\d{6}/);
    const answers = [taken, free].map(({ body }) => verify(ann, body.challenge, "000000"));
    const [one, other] = await Promise.all(answers);
    expect([one?.status, one?.body.detail]).toEqual([other?.status, other?.body.detail]);
    const elsewhere = [taken, free].map(({ body }) =>
      post("/auth/verify-registration", { challenge: body.challenge, code: "000000" }),
    );
    expect((await Promise.all(elsewhere)).map(({ status }) => status)).toEqual([410, 410]);
  });

  test("let one of many have an address all of them confirm", async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => newAccount()));
    const email = newEmail();
    const asked: [Account, string, string][] = [];
    for (const who of people) {
      const { challenge, code } = await moving(who, email);
      asked.push([who, challenge, code]);
    }
    const answers = await Promise.all(asked.map((one) => verify(...one)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(await db.select().from(users).where(eq(users.email, email))).toHaveLength(1);
  });

  test("race with a registration of that address: one of the two has it", async () => {
    const ann = await newAccount();
    const email = newEmail();
    const registration = (await post("/auth/register", { email, password, name: "New" })).body.challenge;
    const code = await lastCodeTo(email);
    const move = await moving(ann, email);
    const answers = await Promise.all([
      post("/auth/verify-registration", { challenge: registration, code }),
      verify(ann, move.challenge, move.code),
    ]);
    expect(answers.map(({ status }) => status < 300).sort()).toEqual([false, true]);
    expect(answers.map(({ status }) => status)).toContain(409);
    expect(await db.select().from(users).where(eq(users.email, email))).toHaveLength(1);
  });
});

describe("a change of address refuses", () => {
  test("a wrong password, and asks who has none to set one first", async () => {
    const ann = await newAccount();
    const wrong = await askFor(ann, newEmail(), "not the one");
    expect([wrong.status, wrong.body.errors]).toEqual([422, field("password", "is wrong")]);
    const none = await askFor(await withGoogleOnly(), newEmail());
    expect([none.status, none.body.errors]).toEqual([422, field("password", "is needed: set one first")]);
  });

  test.each(["x", "a@b", "a@example.test\r\nBcc: b@example.test", "a@ex\u0430mple.test", "a b@example.test", ""])(
    "what is no address: %j",
    async (email) => {
      const refused = await askFor(await newAccount(), email);
      expect([refused.status, refused.body.errors[0].path]).toEqual([422, "email"]);
    },
  );

  test("the challenge of somebody else, who loses no try by it", async () => {
    const [ann, eve] = [await newAccount("Ann"), await newAccount("Eve")];
    const { challenge, code } = await moving(ann);
    for (let tries = 0; tries < 6; tries++) {
      const stolen = await verify(eve, challenge, tries ? otherThan(code) : code);
      expect([stolen.status, stolen.body.code]).toEqual([410, "GONE"]);
    }
    expect((await verify(ann, challenge, code)).status).toBe(200);
  });

  test("a code that is wrong five times, was used, or was for another thing", async () => {
    const ann = await newAccount();
    const { challenge, code } = await moving(ann);
    for (let tries = 0; tries < 5; tries++) {
      const wrong = await verify(ann, challenge, otherThan(code));
      expect([wrong.status, wrong.body.errors]).toEqual([422, field("code", "is wrong")]);
    }
    expect((await verify(ann, challenge, code)).status).toBe(410);
    const second = await moving(ann);
    expect((await verify(ann, second.challenge, second.code)).status).toBe(200);
    expect((await verify(ann, second.challenge, second.code)).status).toBe(410);
    const signing = (await login(second.email)).body.challenge;
    expect((await verify(ann, signing, await lastCodeTo(second.email))).status).toBe(410);
  });

  test("a code asked for before the password changed", async () => {
    const ann = await newAccount();
    const { challenge, code } = await moving(ann);
    await setPassword(ann, { old_password: password, password: next });
    expect((await verify(ann, challenge, code)).status).toBe(410);
    expect((await get("/users/me", { token: tokenOf(ann) })).body.email).toBe(ann.email);
  });

  test("the second of two moves that were confirmed from the same address", async () => {
    const ann = await newAccount();
    const moves = [await moving(ann), await moving(ann)];
    const answers = await Promise.all(moves.map((one) => verify(ann, one.challenge, one.code)));
    expect(answers.every(({ status }) => status === 200 || status === 410)).toBe(true);
    const { body } = await get("/users/me", { token: tokenOf(ann) });
    expect(moves.map(({ email }) => email)).toContain(body.email);
  });

  test("to be asked for more than ten times an hour", async () => {
    const ann = await newAccount();
    const { cache } = connect(bindings);
    for (let asked = 0; asked < 9; asked++) await cache.count(`moves:${ann.user.id}`, 10, 60_000);
    expect((await askFor(ann, newEmail())).status).toBe(202);
    const email = newEmail();
    const refused = await askFor(ann, email);
    expect([refused.status, refused.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
    expect(await mailsTo(email)).toEqual([]);
  });
});

describe("a change survives", () => {
  test("no backend's absence by a lie: it says that it is away", async () => {
    const ann = await newAccount();
    const redisAway = { on: envWith({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" }) };
    expect((await askFor(ann, newEmail(), password, redisAway)).status).toBe(503);
    const asked = async () => {
      const change = await setPassword(ann, { old_password: password, password: next });
      const move = await askFor(ann, newEmail());
      return [change.status, move.status];
    };
    expect(await whilePostgres(ann.user.id, () => "away", asked)).toEqual([503, 503]);
    expect((await login(ann.email)).status).toBe(202);
  });
});
