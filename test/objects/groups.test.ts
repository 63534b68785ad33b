import { createScheduledController } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { conversations, invites, members, messages } from "../../src/db/schema.ts";
import { limits } from "../../src/protocol/limits.ts";
import worker from "../../src/worker.ts";
import { person } from "../support/people.ts";
import {
  bindings,
  db,
  insideUser,
  pair,
  Room,
  type Someone,
  somebody,
  someRoom,
  soon,
  unique,
  until,
  userSocket,
  withLimits,
} from "../support/room.ts";
import { type Fate, whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, drainMembers: 4, drainEvents: 3 });

const gone = { code: "CONVERSATION_NOT_FOUND" };
const mishaps = ["evicted", "killed", "emptied"] as const;

async function befall(room: Room, what: (typeof mishaps)[number]): Promise<void> {
  if (what === "emptied") await room.settled(); // what Postgres does not have is lost with the storage
  await room[what]();
}

const ownersOf = async (room: Room, asker: Someone) =>
  (await room.roster(asker)).filter(({ role }) => role === "OWNER").map(({ user_id }) => user_id);

describe.each(mishaps)("a group whose object is %s", (mishap) => {
  test("keeps roles, title, and who was removed", async () => {
    const { room, people } = await someRoom(4);
    const [ann, bob, cem, dot] = people as [Someone, Someone, Someone, Someone];
    await room.ask(ann, { type: "change", change: { title: "Dinner", description: "At eight", public: true } });
    await room.ask(ann, { type: "set_role", user_id: bob.id, role: "ADMIN" });
    await room.ask(ann, { type: "transfer", user_id: cem.id });
    await room.remove(bob, dot);
    await befall(room, mishap);
    expect(await room.record(ann)).toMatchObject({
      ...{ title: "Dinner", description: "At eight", public: true, member_count: 3 },
      me: { role: "ADMIN" },
    });
    const roles = (await room.roster(ann)).map(({ user_id, role }) => [user_id, role]);
    expect(new Map(roles as [string, string][])).toEqual(
      new Map([
        [ann.id, "ADMIN"],
        [bob.id, "ADMIN"],
        [cem.id, "OWNER"],
      ]),
    );
    await expect(room.join(dot)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await room.add(ann, dot);
    await room.ask(dot, { type: "leave" });
    await befall(room, mishap);
    await room.join(dot);
  });

  test("keeps its invites: how often they were used, and which have ended", async () => {
    const { room, people } = await someRoom(4, { inside: 1 });
    const [ann, bob, cem, dot] = people as [Someone, Someone, Someone, Someone];
    const [twice, ended] = [unique("twice"), unique("ended")];
    await room.invite(ann, twice, { max_uses: 2 });
    await room.invite(ann, ended);
    await room.join(bob, twice);
    await befall(room, mishap);
    await room.join(bob, twice);
    await room.join(cem, twice);
    await expect(room.join(dot, twice)).rejects.toMatchObject({ code: "GONE" });
    const listed = await room.object.invites(ann.id, { limit: 10 });
    const left = listed.ok ? listed.value : [];
    expect(left).toMatchObject([{ created_by: ann.id, uses: 0 }]);
    await room.ask(ann, { type: "end_invite", invite_id: left[0]?.id ?? "" });
    await befall(room, mishap);
    await expect(room.join(dot, ended)).rejects.toMatchObject({ code: "GONE" });
  });

  test("stays deleted, and is restored as it was", async () => {
    const { room, ann, bob } = await pair();
    await room.say(ann, "before");
    await room.ask(ann, { type: "delete" });
    await befall(room, mishap);
    for (const who of [ann, bob]) await expect(room.record(who)).rejects.toMatchObject(gone);
    await expect(room.socket(bob)).rejects.toThrow("CONVERSATION_NOT_FOUND");
    await expect(room.ask(bob, { type: "restore" })).rejects.toMatchObject(gone);
    await room.ask(ann, { type: "restore" });
    await befall(room, mishap);
    expect((await room.page(bob)).items).toMatchObject([{ content: "before" }]);
    expect(await room.record(ann)).toMatchObject({ sequence: 3, me: { role: "OWNER" } });
  });
});

describe("many at once", () => {
  test("are added by one command: each an event, all in Postgres in batches", async () => {
    const { room, people } = await someRoom(1);
    const crowd = await Promise.all(Array.from({ length: 11 }, (_, at) => somebody(`Eve ${at}`)));
    const { events } = await room.ask(people[0], {
      type: "add_members",
      people: crowd.map(({ id, name }) => person(id, name)),
    });
    expect(events.map((event) => JSON.parse(event).sequence)).toEqual(events.map((_, at) => at + 1));
    await room.settled();
    const rows = await db.select().from(members).where(eq(members.conversation_id, room.id));
    expect(rows).toHaveLength(12);
    const created = await Room.create([people[0], ...crowd]);
    await created.settled();
    expect(await db.select().from(members).where(eq(members.conversation_id, created.id))).toHaveLength(12);
  });

  test("take an invite's last use: one of them is in, the others are told that it has ended", async () => {
    const { room, people } = await someRoom(5, { inside: 1 });
    const [ann, ...others] = people;
    const token = unique("one");
    await room.invite(ann, token, { max_uses: 1 });
    const tried = await Promise.allSettled(others.map((who) => room.join(who, token)));
    expect(tried.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const one of tried) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "GONE" });
    expect(await room.record(ann)).toMatchObject({ member_count: 2 });
  });

  test("hand over, leave, remove and join: one owner at every event", async () => {
    const { room, people } = await someRoom(5);
    const [ann, bob, cem, dot, eve] = people as [Someone, Someone, Someone, Someone, Someone];
    const token = unique("open");
    await room.invite(ann, token);
    for (let round = 0; round < 4; round++) {
      await Promise.allSettled([
        ...[ann, bob, cem, dot].flatMap((who) => [
          room.ask(who, { type: "transfer", user_id: (who === bob ? ann : bob).id }),
          room.ask(who, { type: "leave" }),
          room.join(who, token),
        ]),
        ...[bob, cem, dot].map((who) => room.remove(ann, who)),
      ]);
    }
    const log = await room.log(eve);
    expect(log.map((event) => event.sequence)).toEqual(log.map((_, at) => at + 1));
    expect(await ownersOf(room, eve)).toHaveLength(1);
    await room.settled();
    const rows = await db.select().from(members).where(eq(members.conversation_id, room.id));
    const owners = rows.filter(({ role, left_at }) => role === "OWNER" && left_at === null);
    expect(owners.map(({ user_id }) => user_id)).toEqual(await ownersOf(room, eve));
  });
});

describe("a change", () => {
  test("is answered as it was right then, though the one who asked leaves with the next breath", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    const [first, transferred, left] = await room.execute(ann, [
      { type: "message", content: "the turn after it takes both" },
      { type: "transfer", user_id: bob.id },
      { type: "leave" },
    ]);
    expect(first?.ok && left?.ok).toBe(true);
    expect(transferred).toMatchObject({ value: { record: { sequence: 3, member_count: 3, me: { role: "ADMIN" } } } });
    const [given] = await room.execute(bob, [
      { type: "set_role", user_id: cem.id, role: "ADMIN" },
      { type: "remove_member", user_id: cem.id },
    ]);
    expect(given).toMatchObject({ value: { members: [{ user_id: cem.id, role: "ADMIN" }] } });
  });
});

describe("the end of a group", () => {
  test("is heard as its last event: direct sockets end with 4404, user sockets stay; a restoring is heard there", async () => {
    const { room, ann, bob } = await pair();
    const [direct, user] = [await room.socket(bob), await userSocket(bob)];
    await room.evicted();
    await room.ask(ann, { type: "delete" });
    expect(await direct.ended()).toMatchObject({ code: 4404 });
    expect(direct.events).toMatchObject([{ type: "conversation_deleted", sequence: 1, by: ann.id }]);
    await user.ofType("conversation_deleted");
    expect(await user.ask({ type: "message", conversation_id: room.id, content: "no" })).toMatchObject(gone);
    await room.ask(ann, { type: "restore" });
    expect(await user.ofType("conversation_updated")).toMatchObject({ deleted: false, sequence: 2 });
    await room.say(bob, "we are back");
  });
});

describe("what is only mine", () => {
  test("is told to my other user sockets by inbox, never to other people", async () => {
    const { room, ann, bob } = await pair({ kind: "dialog" });
    const [anns, bobs] = [await userSocket(ann), await userSocket(bob)];
    await room.ask(ann, { type: "change_mine", change: { pinned: true, muted_until: "2030-01-01T00:00:00.000Z" } });
    const me = { pinned: true, muted_until: "2030-01-01T00:00:00.000Z", hidden: false };
    expect(await anns.ofType("inbox")).toMatchObject({ conversation_id: room.id, sequence: 0, unread: 0, me });
    await room.ask(ann, { type: "leave" });
    expect(await anns.ofType("inbox")).toMatchObject({ me: { hidden: true, pinned: true } });
    await room.say(bob, "hello again");
    await anns.ofType("message");
    expect((await room.record(ann)).me).toMatchObject({ hidden: false, unread: 1 });
    expect((await bobs.caughtUp()).map((frame) => frame.type)).toEqual(["message"]);
  });
});

describe("what was deleted 30 days ago", () => {
  const swept = () => worker.scheduled(createScheduledController(), bindings);
  /** As if 30 days had passed. */
  const expiring = async (run: () => Promise<void>) => {
    const { deletedMs } = limits;
    Object.assign(limits, { deletedMs: 0 });
    await run().finally(() => Object.assign(limits, { deletedMs }));
  };
  const inPostgres = async ({ id }: Room) =>
    (
      await Promise.all([
        db.select({ id: conversations.id }).from(conversations).where(eq(conversations.id, id)),
        db.select({ id: members.user_id }).from(members).where(eq(members.conversation_id, id)),
        db.select({ id: messages.id }).from(messages).where(eq(messages.conversation_id, id)),
        db.select({ id: invites.id }).from(invites).where(eq(invites.conversation_id, id)),
      ])
    ).map((rows) => rows.length);

  test.each(["awake", "emptied"] as const)(
    "is erased by the scheduled handler, its object %s, with all that was said",
    async (how) => {
      const { room, ann, bob } = await pair();
      await room.say(bob, "for a while");
      await room.invite(ann, unique("token"));
      await room.ask(ann, { type: "delete" });
      await room.settled();
      await swept();
      expect(await inPostgres(room)).toEqual([1, 2, 1, 1]);
      if (how === "emptied") await room.emptied();
      await expiring(swept);
      expect(await inPostgres(room)).toEqual([0, 0, 0, 0]);
      await expect(room.ask(ann, { type: "restore" })).rejects.toMatchObject(gone);
      expect(await room.inside(({ storage }) => storage.sql.exec("select name from sqlite_master").toArray())).toEqual(
        [],
      );
      expect(await insideUser(bob, () => true)).toBe(true);
    },
  );

  test("does not come back by a drain that was under way when it was erased", async () => {
    const { room, ann } = await pair();
    await room.ask(ann, { type: "delete" });
    await room.settled();
    await room.emptied();
    const seen = { insert: false, erasure: false };
    const hasCome = (what: keyof typeof seen) => until(what, () => seen[what] || undefined).catch(() => undefined);
    // The drain of what was rebuilt begins before the erasure, and arrives behind it, if it can.
    const fate = async (body: string): Promise<Fate> => {
      if (body.includes('insert into \\"conversations\\"')) {
        seen.insert = true;
        await Promise.race([hasCome("erasure"), scheduler.wait(300)]);
      }
      if (body.includes('delete from \\"messages\\"')) await Promise.race([hasCome("insert"), scheduler.wait(300)]);
      if (body.includes('delete from \\"conversations\\"')) seen.erasure = true;
      return "fine";
    };
    await whilePostgres(room.id, fate, () => expiring(swept));
    expect(seen).toEqual({ insert: true, erasure: true });
    expect(await inPostgres(room)).toEqual([0, 0, 0, 0]);
  });

  test("is left alone where it was restored since, though Postgres has not heard of it", async () => {
    const { room, ann } = await pair();
    await room.ask(ann, { type: "delete" });
    await room.settled();
    await room.ask(ann, { type: "restore" });
    await room.settled();
    await db
      .update(conversations)
      .set({ deleted_at: new Date(0), version: 1 })
      .where(eq(conversations.id, room.id));
    await swept();
    await room.say(ann, "still here");
  });
});

describe("a dialog begun again", () => {
  test("is back in the list of who had hidden it", async () => {
    const { room, ann, bob } = await pair({ kind: "dialog" });
    await room.ask(ann, { type: "delete" });
    const creation = { kind: "dialog" as const, public: false, body_hash: "again", fresh: false };
    const begun = await room.object.create({ ...creation, creator: person(ann.id), people: [person(bob.id)] });
    expect(begun).toMatchObject({ value: { created: false, conversation: { me: { hidden: false } } } });
  });

  test("a group one has left keeps its id", async () => {
    const room = new Room(newId());
    const [ann, bob] = [await somebody("Ann"), await somebody("Bob")];
    const creation = { kind: "group" as const, public: false, body_hash: "x", fresh: false };
    const begin = () => room.object.create({ ...creation, creator: person(ann.id), people: [person(bob.id)] });
    await begin();
    await room.awake();
    await room.ask(ann, { type: "transfer", user_id: bob.id });
    await room.ask(ann, { type: "leave" });
    expect(await begin()).toMatchObject({ code: "CONFLICT" });
  });
});
