import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { connectDatabase } from "../../src/db/connect.ts";
import { endSessions, insertSession, rotateSession } from "../../src/db/sessions.ts";
import { insertUser } from "../../src/db/users.ts";
import { configOf, type Env } from "../../src/env.ts";

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

test("registering one address twenty times at once makes one account", async () => {
  const email = `${newId()}@example.test`;
  const made = await Promise.all(
    Array.from({ length: 20 }, () =>
      insertUser(db, { id: newId(), email, name: "Ann", password_hash: "x", created_at: new Date(now) }),
    ),
  );
  expect(made.filter(Boolean)).toHaveLength(1);
});
