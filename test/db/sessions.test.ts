import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { changeEmail } from "../../src/db/accounts.ts";
import { connectDatabase } from "../../src/db/connect.ts";
import { devicesOf, insertDevice } from "../../src/db/devices.ts";
import { changePassword, resetPassword } from "../../src/db/passwords.ts";
import { sessions, users } from "../../src/db/schema.ts";
import { endSessions, insertSession, rotateSession } from "../../src/db/sessions.ts";
import { insertUser } from "../../src/db/users.ts";
import { configOf, type Env } from "../../src/env.ts";
import { limits } from "../../src/protocol/limits.ts";

const db = connectDatabase(configOf(env as unknown as Env));
const now = Date.now();

/** A session of a user of its own; `show` is what showing a token with this hash does at a time. */
async function opened() {
  const user = {
    id: newId(),
    email: `${newId()}@example.test`,
    name: "Ann",
    password_hash: "x",
    created_at: new Date(now),
  };
  await insertUser(db, user);
  const id = newId();
  await insertSession(db, { id, user_id: user.id, refresh_hash: `${id} 1`, device: "test", country: "DE", now });
  const show = (generation: number, afterMs = 0) =>
    rotateSession(db, {
      session_id: id,
      hash: `${id} ${generation}`,
      next_hash: `${id} ${generation + 1}`,
      now: now + afterMs,
    });
  return { id, user, show };
}

describe("showing a refresh token", () => {
  test("in force replaces it; the one just replaced changes nothing for ten seconds", async () => {
    const { show, user } = await opened();
    const alive = { user_id: user.id, user_name: "Ann", ended: false };
    expect(await show(1)).toMatchObject(alive);
    expect(await show(1, 10_000)).toMatchObject(alive);
    expect(await show(2, 10_000)).toMatchObject(alive);
    expect(await show(3, 10_000)).toMatchObject(alive);
  });

  test("just replaced, too late, ends the session, and only once", async () => {
    const { show } = await opened();
    await show(1);
    expect(await show(1, 10_001)).toMatchObject({ ended: true });
    expect(await show(1, 10_002)).toBeUndefined();
    expect(await show(2, 10_003)).toBeUndefined();
  });

  test("lengthens the session to thirty days from its use, a repeat does not", async () => {
    const { show } = await opened();
    const days = 24 * 60 * 60_000;
    expect((await show(1, 20 * days))?.expires_at).toEqual(new Date(now + 50 * days));
    expect((await show(1, 20 * days + 5_000))?.expires_at).toEqual(new Date(now + 50 * days));
    expect(await show(2, 50 * days)).toBeUndefined();
  });

  test("twenty times at once replaces it once", async () => {
    const { show } = await opened();
    const shown = await Promise.all(Array.from({ length: 20 }, () => show(1)));
    expect(shown.filter((one) => one && !one.ended)).toHaveLength(20);
    expect(await show(2)).toMatchObject({ ended: false });
    expect(await show(1)).toMatchObject({ ended: true });
  });

  test("of a session that has ended, or of none, is nothing", async () => {
    const { id, user, show } = await opened();
    expect(await endSessions(db, user.id, {}, now)).toEqual([id]);
    expect(await show(1)).toBeUndefined();
    expect(await rotateSession(db, { session_id: newId(), hash: "a", next_hash: "b", now })).toBeUndefined();
  });
});

describe("opening a session", () => {
  const fresh = (user_id: string, password_hash?: string | null) => {
    const id = newId();
    const session = { id, user_id, refresh_hash: id, device: "", country: null, now };
    return insertSession(db, password_hash === undefined ? session : { ...session, password_hash });
  };

  /** Let in by the password, from a device that is trusted from now on. */
  const openedTrusting = async (user_id: string) => {
    const id = newId();
    const opening = { id, user_id, refresh_hash: id, device: "", country: null, now, password_hash: "x" };
    await insertSession(db, opening);
    await insertDevice(db, { id: newId(), session_id: id, token_hash: id, name: "", now });
  };

  test("needs the account, with the password that was shown", async () => {
    const { user } = await opened();
    expect(await fresh(user.id)).toEqual([]);
    expect(await fresh(user.id, "x")).toEqual([]);
    for (const other of ["y", null]) expect(await fresh(user.id, other)).toBeUndefined();
    expect(await fresh(newId())).toBeUndefined();
    await db.update(users).set({ deleted_at: new Date(), email: null }).where(eq(users.id, user.id));
    expect(await fresh(user.id)).toBeUndefined();
  });

  test("ends the one used longest ago where a hundred are alive, and no other", async () => {
    const { id, user, show } = await opened();
    const ids = [];
    for (let count = 1; count < limits.sessionsPerUser; count++) {
      const session = { id: newId(), user_id: user.id, device: "", country: null, now: now + count };
      ids.push(session.id);
      expect(await insertSession(db, { ...session, refresh_hash: session.id })).toEqual([]);
    }
    await show(1, 60_000);
    expect(await fresh(user.id)).toEqual(ids.slice(0, 1));
    expect(await endSessions(db, user.id, { except: id }, now)).toHaveLength(limits.sessionsPerUser - 1);
    expect(await endSessions(db, user.id, { only: newId() }, now)).toEqual([]);
    expect(await endSessions(db, user.id, { only: id }, now)).toEqual([id]);
  });

  test("while others are, leaves no more than a hundred alive", async () => {
    const { user } = await opened();
    for (let count = 2; count < limits.sessionsPerUser; count++) expect(await fresh(user.id)).toEqual([]);
    const ended = await Promise.all(Array.from({ length: 8 }, () => fresh(user.id)));
    expect(ended.flat()).toHaveLength(7);
    expect(await endSessions(db, user.id, {}, now)).toHaveLength(limits.sessionsPerUser);
  });

  test("forgets those that are over for longer than their tokens, and no other", async () => {
    const { id, user } = await opened();
    const [ended, lately] = [newId(), newId()];
    for (const one of [ended, lately]) {
      await insertSession(db, { id: one, user_id: user.id, refresh_hash: one, device: "", country: null, now });
    }
    await endSessions(db, user.id, { only: ended }, now - limits.endedSessionMs - 1);
    await endSessions(db, user.id, { only: lately }, now - limits.endedSessionMs);
    await fresh(user.id);
    const kept = (await db.select().from(sessions).where(eq(sessions.user_id, user.id))).map((row) => row.id);
    expect(kept).toHaveLength(3);
    expect(kept).toEqual(expect.arrayContaining([id, lately]));
    const farOff = now + limits.refreshTokenMs + limits.endedSessionMs + 1;
    const last = { id: newId(), user_id: user.id, refresh_hash: newId(), device: "", country: null, now: farOff };
    await insertSession(db, last);
    expect(await db.select().from(sessions).where(eq(sessions.user_id, user.id))).toHaveLength(1);
  });

  test("while the password is changed leaves none alive that the old one let in, nor its device", async () => {
    for (let round = 0; round < 5; round++) {
      const { id: session_id, user } = await opened();
      const openings = Array.from({ length: 8 }, () => openedTrusting(user.id));
      const wanted = { user_id: user.id, session_id, before: "x", password_hash: "y", now };
      const [ended] = await Promise.all([changePassword(db, wanted), ...openings]);
      expect(ended).toBeDefined();
      expect(await endSessions(db, user.id, {}, now)).toEqual([session_id]);
      expect(await devicesOf(db, user.id, { before: undefined, limit: 10, now })).toEqual([]);
    }
  });

  test("while all are ended by a reset leaves none alive that the old password let in, nor its device", async () => {
    for (let round = 0; round < 5; round++) {
      const { user } = await opened();
      const known = { ...user, password_hash: "x" };
      const openings = Array.from({ length: 8 }, () => openedTrusting(user.id));
      const [reset] = await Promise.all([resetPassword(db, { known, password_hash: "y", now }), ...openings]);
      expect(reset?.user.id).toBe(user.id);
      expect(await endSessions(db, user.id, {}, now)).toEqual([]);
      expect(await devicesOf(db, user.id, { before: undefined, limit: 10, now })).toEqual([]);
    }
  });
});

describe("a reset of the password", () => {
  test("does nothing to an account that is not as it was known", async () => {
    const { id, user } = await opened();
    const known = { id: user.id, email: user.email, password_hash: "x" };
    for (const other of [{ password_hash: "z" }, { password_hash: null }, { email: "other@example.test" }]) {
      const wanted = { known: { ...known, ...other }, password_hash: "y", now };
      expect(await resetPassword(db, wanted)).toBeUndefined();
    }
    expect(await endSessions(db, user.id, {}, now)).toEqual([id]);
  });

  test("twice at once is done once", async () => {
    const { user } = await opened();
    const known = { id: user.id, email: user.email, password_hash: "x" };
    const resets = ["y", "z"].map((password_hash) => resetPassword(db, { known, password_hash, now }));
    expect((await Promise.all(resets)).filter(Boolean)).toHaveLength(1);
  });
});

test("registering one address twenty times at once makes one account", async () => {
  const email = `${newId()}@example.test`;
  const made = await Promise.all(
    Array.from({ length: 20 }, () =>
      insertUser(db, { id: newId(), email, name: "Ann", password_hash: "x", created_at: new Date(now) }),
    ),
  );
  expect(made.filter(Boolean)).toHaveLength(1);
});

describe("what only a living session may do", () => {
  const hashOf = async (id: string) => (await db.select().from(users).where(eq(users.id, id)))[0]?.password_hash;

  test("is not done for one that has ended or lapsed, or is somebody else's", async () => {
    const { id: session_id, user } = await opened();
    const stranger = await opened();
    const lapsed = now + limits.refreshTokenMs + 1;
    const change = (session: string, at = now) =>
      changePassword(db, { user_id: user.id, session_id: session, before: "x", password_hash: "new", now: at });
    const move = (session: string, at = now) => {
      const to = `${newId()}@example.test`;
      const from = { from: user.email, password_hash: "x" };
      return changeEmail(db, { user_id: user.id, session_id: session, ...from, to, now: at });
    };
    for (const attempt of [change, move]) {
      expect([await attempt(session_id, lapsed), await attempt(stranger.id)]).toEqual([undefined, undefined]);
    }
    await endSessions(db, user.id, { only: session_id }, now);
    expect([await change(session_id), await move(session_id)]).toEqual([undefined, undefined]);
    expect(await hashOf(user.id)).toBe("x");
  });

  test("a first password is set by a session that is fresh, and by no other", async () => {
    const { id: session_id, user } = await opened();
    await db.update(users).set({ password_hash: null }).where(eq(users.id, user.id));
    const set = (at: number) =>
      changePassword(db, { user_id: user.id, session_id, before: null, password_hash: "first", now: at });
    expect(await set(now + limits.freshSessionMs + 1)).toBeUndefined();
    expect(await hashOf(user.id)).toBeNull();
    expect(await set(now + 1)).toEqual([]);
    expect(await hashOf(user.id)).toBe("first");
  });
});
