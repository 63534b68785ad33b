import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { conversations, sessions, users } from "../../src/db/schema.ts";
import {
  type Account,
  type Call,
  call,
  get,
  lastCodeTo,
  mailsTo,
  newAccount,
  otherThan,
  password,
  post,
} from "../support/accounts.ts";
import {
  bindings,
  db,
  everythingIn,
  insideUser,
  killedUser,
  Room,
  type Someone,
  soon,
  until,
  userSocket,
  withLimits,
} from "../support/room.ts";
import { tracesInPostgres, tracesInRedis } from "../support/traces.ts";
import { whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, jobSoonMs: 5, jobCalls: 2, netMs: 50 });

const tokenOf = ({ tokens }: Account) => tokens.access_token;
const remove = (who: Account, body: unknown = { password }, options: Call = {}) =>
  call("DELETE", "/users/me", { body, token: tokenOf(who), ...options });
const askForCode = (who: Account) => post("/users/me/deletion-code", undefined, { token: tokenOf(who) });
const mayRead = async (who: Account) => (await get("/users/me", { token: tokenOf(who) })).status;

async function withCode(who: Account) {
  const { body } = await askForCode(who);
  return { challenge: body.challenge, code: await lastCodeTo(who.email) };
}

/** As a test opens sockets for them. */
async function someoneOf({ user, tokens }: Account): Promise<Someone> {
  const { sid } = JSON.parse(atob(tokens.access_token.split(".")[1]?.replace(/-/g, "+").replace(/_/g, "/") ?? ""));
  const actor = { user_id: user.id, user_name: user.name, session_id: sid, token_id: newId() };
  return { id: user.id, name: user.name, actor: { ...actor, expires_at: Date.now() + 600_000 } };
}

async function group(owner: Account, ...others: Account[]): Promise<Room> {
  const participant_ids = others.map(({ user }) => user.id);
  const { body } = await post("/conversations", { title: "Lunch", participant_ids }, { token: tokenOf(owner) });
  return new Room(body.id);
}

async function dialog(one: Account, other: Account): Promise<Room> {
  const { body } = await post("/conversations", { participant_ids: [other.user.id] }, { token: tokenOf(one) });
  return new Room(body.id);
}

const say = (who: Account, room: Room, content: string) =>
  post(`/conversations/${room.id}/messages`, { content }, { token: tokenOf(who) });

/** Every conversation has been told once. */
const told = (who: Account) =>
  until("the end of the first round", async () => {
    const look = ({ storage }: DurableObjectState) =>
      storage.sql.exec("select round from jobs where name = 'forget' and round = 2").toArray().length > 0;
    return (await insideUser({ id: who.user.id } as Someone, look)) || undefined;
  });

describe("deleting one's account", () => {
  test("with the password ends it at once: no token, no sign-in, no profile; the address is free", async () => {
    const [ann, bob] = [await newAccount(), await newAccount("Bob")];
    expect(await remove(ann)).toMatchObject({ status: 202, body: { done: false } });
    expect(await mayRead(ann)).toBe(401);
    expect((await post("/auth/refresh", { refresh_token: ann.tokens.refresh_token })).status).toBe(401);
    expect((await post("/auth/login", { email: ann.email, password })).status).toBe(401);
    expect((await get(`/users/${ann.user.id}`, { token: tokenOf(bob) })).status).toBe(404);
    expect((await mailsTo(ann.email)).at(-1)?.subject).toMatch(/deleted/i);
    const { body } = await post("/auth/register", { email: ann.email, password, name: "Ann" });
    const again = { challenge: body.challenge, code: await lastCodeTo(ann.email) };
    const registered = await post("/auth/verify-registration", again);
    expect(registered).toMatchObject({ status: 201, body: { user: { email: ann.email } } });
    expect(registered.body.user.id).not.toBe(ann.user.id);
  });

  test("with a mailed code does the same, also for who has no password", async () => {
    const ann = await newAccount();
    await db.update(users).set({ password_hash: null }).where(eq(users.id, ann.user.id));
    expect((await remove(ann, await withCode(ann))).status).toBe(202);
    expect(await mayRead(ann)).toBe(401);
  });

  test("three times at once does it once: one letter, and no answer but 202 or 401", async () => {
    const ann = await newAccount();
    const answers = await Promise.all(Array.from({ length: 3 }, () => remove(ann)));
    expect(answers.filter(({ status }) => status !== 202).every(({ status }) => status === 401)).toBe(true);
    expect(await mailsTo(ann.email)).toHaveLength(1);
  });

  test("closes their sockets, of all sessions, and lets no new one in", async () => {
    const [ann, bob] = [await newAccount(), await newAccount("Bob")];
    const who = await someoneOf(ann);
    const other = { ...who, actor: { ...who.actor, session_id: newId() } };
    const [room, talk] = [await group(bob, ann), await dialog(ann, bob)];
    const lines = [await userSocket(who), await room.socket(who), await talk.socket(who), await talk.socket(other)];
    await remove(ann);
    expect((await lines[0]?.ended())?.code).toBe(4401);
    // The group is left in the same moment: whichever is told first.
    expect([4401, 4403]).toContain((await lines[1]?.ended())?.code);
    for (const line of lines.slice(2)) expect((await line.ended()).code).toBe(4401);
    await expect(userSocket(who)).rejects.toThrow("AUTH_FAILED");
    await expect(talk.socket(other)).rejects.toThrow(/AUTH_FAILED|CONVERSATION_NOT_FOUND/); // as far as it has got
  });

  test.each([true, false])("leaves nothing personal anywhere, erase: %s", async (erase) => {
    const [ann, bob] = [await newAccount(`Ann ${newId()}`), await newAccount("Bob")];
    const personal = {
      username: `u${newId().replaceAll("-", "").slice(8)}`,
      phone_number: `+${Date.now()}${erase ? 1 : 2}`,
      bio: newId(),
    };
    await db
      .update(users)
      .set({ ...personal, google_sub: newId() })
      .where(eq(users.id, ann.user.id));
    const rooms = [await group(ann, bob), await group(bob, ann), await dialog(ann, bob), await group(ann)];
    const words = newId();
    for (const room of rooms) await say(ann, room, `my words ${words}`);
    await say(bob, rooms[0] as Room, "these stay");
    await call("DELETE", `/conversations/${rooms[1]?.id}/members/${ann.user.id}`, { token: tokenOf(bob) });
    const { challenge, code } = await withCode(ann);
    expect((await remove(ann, { challenge, code, erase })).status).toBe(202);
    await told(ann);
    await Promise.all(rooms.slice(0, 3).map((room) => room.settled()));
    const { email, user } = ann;
    const traces = [
      email,
      user.name,
      personal.username,
      personal.phone_number,
      personal.bio,
      ...(erase ? [words] : []),
    ];
    expect(await tracesInPostgres(traces)).toEqual([]);
    expect(await tracesInRedis(traces)).toEqual([]);
    const stores = await Promise.all([
      ...rooms.map((room) => room.everything()),
      ...[ann, bob].map((who) => insideUser({ id: who.user.id } as Someone, ({ storage }) => everythingIn(storage))),
    ]);
    for (const store of stores) for (const text of traces) expect(store).not.toContain(text);
    expect(await db.select().from(sessions).where(eq(sessions.user_id, user.id))).toEqual([]);
    const history = await get(`/conversations/${rooms[0]?.id}/messages`, { token: tokenOf(bob) });
    const shown = { content: erase ? "" : `my words ${words}`, is_deleted: erase, sender_name: "" };
    expect(history.body.items).toMatchObject([{ content: "these stay" }, shown]);
    expect((await get(`/conversations/${rooms[0]?.id}`, { token: tokenOf(bob) })).body.me.role).toBe("OWNER");
    const peer = { id: user.id, name: "" };
    expect((await get(`/conversations/${rooms[2]?.id}`, { token: tokenOf(bob) })).body).toMatchObject({ peer });
    const listed = (await get("/conversations", { token: tokenOf(bob) })).body.items;
    expect(listed.find((one: { id: string }) => one.id === rooms[2]?.id)).toMatchObject({ peer });
    expect((await say(bob, rooms[2] as Room, "hello?")).status).toBe(403);
    expect(
      await db
        .select()
        .from(conversations)
        .where(eq(conversations.id, rooms[3]?.id ?? "")),
    ).toEqual([]);
  });
});

describe("deleting one's account is refused", () => {
  const wrong = (path: string) => ({ status: 422, body: { code: "INVALID_CONTENT", errors: [{ path }] } });

  test("without a proof, with a wrong one, and to who is not signed in", async () => {
    const ann = await newAccount();
    expect(await remove(ann, {})).toMatchObject(wrong("password"));
    expect(await remove(ann, { password: "not this one" })).toMatchObject(wrong("password"));
    expect(await remove(ann, { password, erase: "yes" })).toMatchObject(wrong("erase"));
    const { challenge, code } = await withCode(ann);
    expect(await remove(ann, { challenge })).toMatchObject(wrong("password"));
    expect(await remove(ann, { challenge, code: otherThan(code) })).toMatchObject(wrong("code"));
    expect((await call("DELETE", "/users/me", { body: { password } })).status).toBe(401);
    expect((await post("/users/me/deletion-code", undefined)).status).toBe(401);
    expect(await mayRead(ann)).toBe(200);
  });

  test("with a code of somebody else, which stays theirs; of another flow; of an address one has no more", async () => {
    const [ann, eve] = [await newAccount(), await newAccount("Eve")];
    const hers = await withCode(ann);
    for (let at = 0; at < 6; at++) expect((await remove(eve, hers)).status).toBe(410);
    const login = await post("/auth/login", { email: ann.email, password });
    const asked = { challenge: login.body.challenge, code: await lastCodeTo(ann.email) };
    expect((await remove(ann, asked)).status).toBe(410);
    const moved = await newAccount("Mona");
    const before = await withCode(moved);
    await db
      .update(users)
      .set({ email: `${newId()}@example.test` })
      .where(eq(users.id, moved.user.id));
    expect((await remove(moved, before)).status).toBe(410);
    expect((await remove(ann, hers)).status).toBe(202);
    expect((await remove(ann, hers)).status).toBe(401);
  });

  test("to nobody who signs in meanwhile: what they had begun ends with the account", async () => {
    const ann = await newAccount();
    const { body } = await post("/auth/login", { email: ann.email, password });
    const code = await lastCodeTo(ann.email);
    await remove(ann);
    const verified = await post("/auth/verify-login", { challenge: body.challenge, code });
    expect(verified.status).toBeGreaterThanOrEqual(400);
    expect(verified.status).toBeLessThan(500);
  });
});

describe("deleting one's account survives", () => {
  test("Postgres away behind the promise: sockets end at once, the rest when it is back", async () => {
    const ann = await newAccount();
    const line = await userSocket(await someoneOf(ann));
    await whilePostgres(
      ann.user.id,
      (body) => (body.includes('update \\"users') ? "away" : "fine"),
      async () => {
        expect((await remove(ann)).status).toBe(202);
        expect((await line.ended()).code).toBe(4401);
        expect(await mayRead(ann)).toBe(401);
        expect(await tracesInPostgres([ann.email])).toEqual(["users"]);
      },
    );
    await told(ann);
    expect(await tracesInPostgres([ann.email])).toEqual([]);
  });

  test("the object's death again and again, lost answers, and the same asked twice", async () => {
    const [ann, bob] = [await newAccount(`Ann ${newId()}`), await newAccount("Bob")];
    const rooms = await Promise.all(Array.from({ length: 6 }, () => group(ann, bob)));
    const words = newId();
    await Promise.all(rooms.map((room) => say(ann, room, words)));
    const who = await someoneOf(ann);
    let asked = 0;
    await whilePostgres(
      ann.user.id,
      () => (["fine", "lost", "fine", "away", "lost", "fine", "fine", "lost"] as const)[asked++] ?? "fine",
      async () => {
        await bindings.USERS.get(bindings.USERS.idFromName(who.id)).forget(false);
        await killedUser(who);
        await bindings.USERS.get(bindings.USERS.idFromName(who.id)).forget(true);
        for (const room of rooms.slice(0, 3)) {
          await room.killed();
          await killedUser(who);
        }
        await told(ann);
      },
    );
    await Promise.all(rooms.map((room) => room.settled()));
    expect(await tracesInPostgres([ann.email, ann.user.name, words])).toEqual([]);
    for (const room of rooms) {
      const store = await room.everything();
      for (const text of [ann.user.name, words]) expect(store).not.toContain(text);
      const roster = await get(`/conversations/${room.id}/members`, { token: tokenOf(bob) });
      expect(roster.body.items).toMatchObject([{ user: { id: bob.user.id }, role: "OWNER" }]);
    }
  });
});
