import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { users } from "../../src/db/schema.ts";
import { ConversationObject } from "../../src/objects/conversation.ts";
import { limits } from "../../src/protocol/limits.ts";
import {
  db,
  everythingIn,
  insideUser,
  pair,
  Room,
  type Someone,
  somebody,
  soon,
  unique,
  until,
  userObject,
  withLimits,
} from "../support/room.ts";
import { tracesInPostgres } from "../support/traces.ts";
import { whilePostgres } from "../support/weather.ts";

// As the real numbers, but small: half an hour is half a second.
withLimits({ ...soon, jobSoonMs: 5, endedSessionMs: 500, tellMs: 50 });

const storeOf = (who: Someone) => insideUser(who, ({ storage }) => everythingIn(storage));
const erased = (who: Someone) =>
  until("the end of its storage", async () => ((await storeOf(who)) === "[]" ? true : undefined));

describe("the object of a closed account", () => {
  test("erases itself when the last token has lapsed, and its alarm", async () => {
    const { room, ann, bob } = await pair();
    await userObject(ann).forget(false);
    expect(await storeOf(ann)).toContain("forget");
    await erased(ann);
    expect(await insideUser(ann, ({ storage }) => storage.getAlarm())).toBeNull();
    expect(await room.record(bob)).toMatchObject({ member_count: 1, me: { role: "OWNER" } });
  });

  test("waits for that from when the account was closed, however long Postgres was away before", async () => {
    const ann = await somebody();
    const row = () =>
      insideUser(ann, ({ storage }) => storage.sql.exec("select * from jobs where name = 'forget'").one());
    let tries = 0;
    await whilePostgres(
      ann.id,
      () => (++tries > 9 ? "fine" : "away"),
      async () => {
        await userObject(ann).forget(false);
        const due = await until("the second round", async () => {
          const { round, due_at } = await row();
          return round === 2 ? Number(due_at) : undefined;
        });
        const [account] = await db.select().from(users).where(eq(users.id, ann.id));
        expect(due).toBeGreaterThanOrEqual(Number(account?.deleted_at) + limits.endedSessionMs);
      },
    );
  });

  test("finds by then a group they were added to while the account ended", async () => {
    const [ann, bob] = [await somebody(unique("Ann")), await somebody("Bob")];
    await userObject(ann).forget(true);
    await until("the first round", async () => {
      const look = ({ storage }: DurableObjectState) =>
        storage.sql.exec("select 1 from jobs where round = 2").toArray().length;
      return (await insideUser(ann, look)) || undefined;
    });
    const room = await Room.create([bob, ann]);
    await room.settled();
    await erased(ann);
    expect(await room.record(bob)).toMatchObject({ member_count: 1 });
    expect(await room.everything()).not.toContain(ann.name);
    expect(await tracesInPostgres([ann.name])).toEqual([]);
  });

  test("does not wait for a conversation that never answers: the account ends all the same", async () => {
    const { room, ann } = await pair({ kind: "dialog", annName: unique("Ann") });
    const line = await room.socket(ann);
    const { prototype } = ConversationObject;
    const { endSession } = prototype;
    prototype.endSession = () => new Promise<never>(() => undefined);
    try {
      expect((await userObject(ann).forget(false)).ended).toContain(ann.actor.session_id);
      expect(await tracesInPostgres([ann.name])).not.toContain("users");
      expect((await line.ended()).code).toBe(4401);
    } finally {
      prototype.endSession = endSession;
    }
    await erased(ann);
    expect(await room.everything()).not.toContain(ann.name);
  });

  test("has no more to tell of what changes: what was to be told is not", async () => {
    const { ann } = await pair();
    await userObject(ann).factsChanged();
    await userObject(ann).forget(false);
    await userObject(ann).factsChanged();
    const jobs = await insideUser(ann, ({ storage }) => storage.sql.exec("select name from jobs").toArray());
    expect(jobs).toEqual([{ name: "forget" }]);
    const [row] = await db.select().from(users).where(eq(users.id, ann.id));
    expect(row).toMatchObject({ name: "", email: null, password_hash: null, settings: {} });
    expect(row?.deleted_at).not.toBeNull();
    await erased(ann);
  });
});
