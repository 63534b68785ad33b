import { eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { closeAccount } from "../../src/db/forgetting.ts";
import { archivedMessages } from "../../src/db/messages.ts";
import { conversations, members, messages } from "../../src/db/schema.ts";
import { type Result, unwrap } from "../../src/protocol/errors.ts";
import { person } from "../support/people.ts";
import { withoutType } from "../support/reader.ts";
import {
  bindings,
  db,
  type Json,
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
import { tracesInPostgres } from "../support/traces.ts";
import { type Fate, type Sent, whilePostgres } from "../support/weather.ts";

// As the real numbers, but small: a slice is 3 messages of 7 events; 12 events are kept, 6 ids known after a rebuild.
withLimits({
  ...soon,
  forgetEvents: 3,
  forgetScan: 7,
  keptEvents: 12,
  pruneSlack: 2,
  rebuildRows: 6,
  drainEvents: 4,
  eraseMessages: 4,
});

/** Forgets somebody slice by slice, as their object has a conversation do. @returns how many slices there were */
async function forget(room: Room, who: Someone, erase = false): Promise<number> {
  await closed(who);
  return await room.forget(who, erase);
}

async function closed(who: Someone): Promise<void> {
  await closeAccount(db, who.id, Date.now());
  await connect(bindings).profiles.forget(who.id);
}

/** A group of Ann, Bob and Cem in which each has said so many things in turn. */
async function talked(rounds: number) {
  const [ann, bob, cem] = [await somebody(), await somebody(unique("Bob \u{1F9E1} \\u0041")), await somebody("Cem")];
  const room = await Room.create([ann, bob, cem]);
  const said: Json[] = [];
  for (let at = 0; at < rounds; at++) {
    for (const who of [ann, bob, cem]) said.push(await room.say(who, unique(`said \u{1F600} "${at}"`)));
  }
  return { room, ann, bob, cem, said, bobs: said.filter((event) => event.sender_id === bob.id) };
}

async function allOf(room: Room, who: Someone): Promise<Json[]> {
  const items: Json[] = [];
  for (let before: number | undefined; ; ) {
    const page = (await room.page(who, { limit: 5, ...(before !== undefined && { before }) })).items;
    items.push(...page);
    before = page.at(-1)?.sequence;
    if (page.length < 5) return items.reverse();
  }
}

const asDeleted = (event: Json) => ({
  ...event,
  content: "",
  mentions: [],
  media: [],
  is_deleted: true,
  sender_name: "",
});

describe("a deleted account whose messages are erased", () => {
  test("has said nothing any more: not in history, replay, a repeat, the archive or the object", async () => {
    const { room, ann, bob, said, bobs } = await talked(8);
    await room.settled();
    // All but what is kept, and the slack beyond which it is pruned at all: where it stops depends on when it began.
    const isPruned = async () => (await room.rows("select floor from room"))[0].floor >= 24 - (12 + 2) || undefined;
    await until("the floor to rise above some of them", isPruned);
    await forget(room, bob, true);
    await room.settled();
    const expected = said.map((event) => withoutType(event.sender_id === bob.id ? asDeleted(event) : event));
    expect(await allOf(room, ann)).toEqual(expected);
    const { floor } = (await room.rows("select floor from room"))[0];
    const log = await room.log(ann, floor);
    const deletes = log.filter((event) => event.type === "message_delete");
    expect(deletes.every((event) => event.deleted_by === bob.id)).toBe(true);
    expect(log.map((event) => event.sequence)).toEqual(log.map((_, at) => floor + 1 + at));
    expect(await tracesInPostgres([...bobs.map((event) => event.content), bob.name, bob.actor.user_name])).toEqual([]);
    const everything = await room.everything();
    for (const { content } of bobs) expect(everything).not.toContain(content);
    expect(everything).not.toContain(bob.name);
    const message = unwrap(await room.object.message(ann.id, bobs[0].id));
    expect(message).toMatchObject({ content: "", is_deleted: true });
  });

  test("is told of by one event a message, by which what was fetched earlier is what is fetched now", async () => {
    const { room, ann, bob, bobs } = await talked(3);
    const line = await room.socket(ann);
    const user = await userSocket(ann);
    const before = await allOf(room, ann);
    const { unread } = (await room.record(ann)).me;
    await forget(room, bob, true);
    await room.settled();
    for (const heard of [line, user]) {
      await heard.caughtUp();
      const deleted = new Set(
        heard.events.filter(({ type }) => type === "message_delete").map((one) => one.message_id),
      );
      expect(deleted).toEqual(new Set(bobs.map((event) => event.id)));
      const folded = before.map((message) => (deleted.has(message.id) ? asDeleted(message) : message));
      expect(folded).toEqual(await allOf(room, ann));
    }
    expect((await room.record(ann)).me.unread).toBe(unread - 1);
    expect(await room.record(ann)).toMatchObject({ last_message: { is_deleted: false }, member_count: 2 });
    const log = await room.log(ann);
    expect(log.map((event) => event.sequence)).toEqual(log.map((_, at) => at + 1));
    expect(log.filter((event) => event.sender_id === bob.id)).toEqual(bobs.map(asDeleted));
  });

  test("is gone while Postgres has not heard of it: what lies below the floor is shown without its text", async () => {
    const { room, ann, bob } = await talked(8);
    await room.settled();
    await closed(bob);
    await whilePostgres(
      room.id,
      (body) => (body.includes("insert") ? "away" : "fine"),
      async () => {
        const answer = await room.object.forget({ user_id: bob.id, erase: true, after: 0 });
        expect(answer).toMatchObject({ code: "UNAVAILABLE" });
        const shown = (await allOf(room, ann)).filter((message) => message.sender_id === bob.id);
        expect(shown.map((message) => message.is_deleted)).toEqual([true, true, ...Array(6).fill(false)]);
      },
    );
    await room.forget(bob, true);
    expect((await allOf(room, ann)).filter((one) => one.sender_id === bob.id && one.content !== "")).toEqual([]);
  });

  test("is erased also where they have left, and where the object was lost and knows not all of its ids", async () => {
    const { room, ann, bob, bobs } = await talked(8);
    await room.remove(ann, bob);
    await room.settled();
    await room.emptied();
    await forget(room, bob, true);
    await room.settled();
    expect((await allOf(room, ann)).filter((one) => one.sender_id === bob.id)).toHaveLength(8);
    expect(await tracesInPostgres([...bobs.map((event) => event.content), bob.name])).toEqual([]);
    const { me } = await room.record(ann);
    const later = (await allOf(room, ann)).filter((one) => one.sequence > me.read && one.sender_id !== ann.id);
    expect(me.unread).toBe(later.filter((one) => !one.is_deleted).length);
  });

  test("whose message is repeated by its id gets it without its text, and nobody else gets the id", async () => {
    const { room, ann, bob } = await pair();
    const { id } = await room.say(bob, "once", newId());
    await forget(room, bob, true);
    await expect(room.say(ann, "once", id)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(room.say(bob, "once", id)).rejects.toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
  });
});

describe("a deleted account whose messages stay", () => {
  test("has no name any more: not in replay, history, the archive or the object; what was said stays", async () => {
    const { room, ann, bob, said } = await talked(8);
    await room.settled();
    await forget(room, bob);
    await room.settled();
    const unnamed = said.map((event) =>
      withoutType(event.sender_id === bob.id ? { ...event, sender_name: "" } : event),
    );
    expect(await allOf(room, ann)).toEqual(unnamed);
    expect(await tracesInPostgres([bob.name])).toEqual([]);
    expect(await room.everything()).not.toContain(bob.name);
    await room.killed();
    expect(await allOf(room, ann)).toEqual(unnamed);
  });

  test("has none in what tells of their coming and going either, though they had left before", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    const [ann] = people;
    const dot = await somebody(unique("Dot"));
    await room.add(ann, dot);
    await room.remove(ann, dot);
    await forget(room, dot);
    expect(await room.log(ann)).toMatchObject([
      { type: "member_added", user_name: "" },
      { type: "member_removed", user_name: "" },
    ]);
    expect(await room.everything()).not.toContain(dot.name);
  });
});

describe("a deleted account in a long conversation", () => {
  test.each([false, true])("is looked for where it spoke, not everywhere; erased: %s", async (erase) => {
    const { room, ann, bob } = await pair({ bobName: unique("Bob") });
    const said: Json[] = [];
    for (let at = 0; at < 70; at++) said.push(await room.say(at === 30 || at === 69 ? bob : ann));
    await room.settled();
    const isPruned = async () => (await room.rows("select floor from room"))[0].floor >= 55 || undefined;
    await until("the floor to rise", isPruned);
    expect(await forget(room, bob, erase)).toBeLessThan(7);
    await room.settled();
    expect(await tracesInPostgres([bob.name])).toEqual([]);
    expect(await room.everything()).not.toContain(bob.name);
    const bobs = (await room.page(ann)).items.filter((one) => one.sender_id === bob.id);
    const places = [70, 31];
    expect(bobs).toMatchObject(places.map((sequence) => ({ sequence, is_deleted: erase })));
    await room.forget(bob, true);
    await room.settled();
    const then = (await allOf(room, ann)).filter((one) => one.sender_id === bob.id);
    expect(then).toMatchObject(places.toReversed().map((sequence) => ({ sequence, is_deleted: true })));
  });
});

describe("a deleted account and who is left", () => {
  test("hands over the group, leaves it in the same turn, and its sockets there end", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    const [anns, bobs] = [await room.socket(ann), await room.socket(bob)];
    await forget(room, ann);
    expect(await anns.ended()).toMatchObject({ code: 4403 });
    await bobs.caughtUp();
    const handed = [
      { type: "member_role", user_id: bob.id, user_name: "Bob", role: "OWNER", by: ann.id, sequence: 1 },
      { type: "member_removed", user_id: ann.id, user_name: "", by: ann.id, sequence: 2 },
    ];
    expect(bobs.events).toMatchObject(handed);
    const roles = new Map((await room.roster(cem)).map(({ user_id, role }) => [user_id, role]));
    expect(roles).toEqual(new Map([bob, cem].map((who) => [who.id, who === bob ? "OWNER" : "MEMBER"])));
    await room.remove(bob, cem);
    await room.settled();
    await room.emptied();
    expect((await room.record(bob)).me.role).toBe("OWNER");
  });

  test("stays in a dialog without a name: the other reads, and cannot write", async () => {
    const { room, ann, bob } = await pair({ kind: "dialog" });
    await room.say(bob, "farewell");
    const line = await room.socket(ann);
    await forget(room, bob);
    for (const mishap of ["none", "killed", "emptied"] as const) {
      await room.settled();
      if (mishap !== "none") await room[mishap]();
      const record = await room.record(ann);
      expect(record.peer).toEqual({ id: bob.id, name: "", created_at: expect.any(String) });
      expect(record).toMatchObject({ member_count: 2, last_message: { content: "farewell", sender_name: "" } });
      await expect(room.say(ann, "are you there?")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
      expect(await room.object.may(ann.id, "send")).toMatchObject({ code: "PERMISSION_DENIED" });
    }
    expect(line.events).toMatchObject([]);
  });

  test.each(["group", "dialog"] as const)("leaves nothing of a %s in which nobody has an account", async (kind) => {
    const { room, ann, bob } = await pair({ kind });
    for (let at = 0; at < 9; at++) await room.say(ann, "nobody will read this");
    await forget(room, ann);
    await room.object.know({ ...person(bob.id, "Bob"), revision: 1 });
    await closed(bob);
    const isErasing = ({ body }: Sent) => body.includes('delete from \\"messages');
    const statements = await whilePostgres(
      room.id,
      () => "fine",
      async (sent) => {
        await room.forget(bob, false);
        return sent.filter(isErasing).length;
      },
    );
    expect(statements).toBe(3);
    expect(await room.everything()).toBe("[]");
    expect(await room.inside(({ storage }) => storage.getAlarm())).toBeNull();
    for (const table of [messages, members] as const) {
      expect(await db.select().from(table).where(eq(table.conversation_id, room.id))).toEqual([]);
    }
    expect(await db.select().from(conversations).where(eq(conversations.id, room.id))).toEqual([]);
    await expect(room.record(bob)).rejects.toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    await expect(room.socket(ann)).rejects.toThrow("CONVERSATION_NOT_FOUND");
    await room.forget(bob, true);
    expect(await room.everything()).toBe("[]");
  });
});

describe("forgetting survives", () => {
  type Mishap = "none" | "killed" | "evicted" | "emptied";
  const befall = async (room: Room, mishap: Mishap) => void (mishap !== "none" && (await room[mishap]()));
  const fates = fc.infiniteStream(fc.constantFrom<Fate>("fine", "fine", "away", "lost"));
  const mishaps = fc.infiniteStream(fc.constantFrom<Mishap>("none", "none", "killed", "evicted"));
  const ends = fc.constantFrom<Mishap>("none", "emptied");

  test("whatever is killed, lost or repeated in between: in the end nothing is left of them", async () => {
    await fc.assert(
      fc.asyncProperty(fates, mishaps, ends, fc.boolean(), async (weather, mishaps, last, erase) => {
        const { room, ann, bob, bobs } = await talked(3);
        await room.settled();
        await closed(bob);
        await whilePostgres(
          room.id,
          () => weather.next().value ?? "fine",
          async () => {
            for (let after: number | null = 0, tries = 0; after !== null && tries < 12; tries++) {
              const answer: Result<number | null> = await room.object.forget({ user_id: bob.id, erase, after });
              if (answer.ok) after = answer.value;
              await befall(room, mishaps.next().value ?? "none");
            }
          },
        );
        await room.settled(); // what Postgres does not have is lost with the storage
        await befall(room, last);
        await room.forget(bob, erase);
        await room.settled();
        const texts = erase ? bobs.map((event) => event.content) : [];
        expect(await tracesInPostgres([bob.name, ...texts])).toEqual([]);
        const everything = await room.everything();
        for (const text of [bob.name, ...texts]) expect(everything).not.toContain(text);
        const shown = await allOf(room, ann);
        expect(shown.filter((one) => one.sender_id === bob.id).map((one) => one.is_deleted)).toEqual(
          Array(3).fill(erase),
        );
        expect(shown.filter((one) => one.sender_id !== bob.id).every((one) => one.content !== "")).toBe(true);
        const { epoch, sequence, me } = await room.record(ann);
        const place = { conversationId: room.id, epoch, upTo: sequence };
        expect(await archivedMessages(db, place, { after: 0 }, 100)).toEqual(shown);
        expect(me.role).toBe("OWNER");
        const log = await room.log(ann, (await room.rows("select floor from room"))[0].floor);
        expect(log.filter((event) => event.type === "member_removed").length).toBeLessThanOrEqual(1);
        const deletes = log.filter((event) => event.type === "message_delete").map((event) => event.message_id);
        expect(new Set(deletes).size).toBe(deletes.length);
      }),
      { numRuns: 3 },
    );
  });
});
