import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conversationsOf } from "../../src/db/conversations.ts";
import { db, type Json, type Room, type Someone, someRoom, soon, withLimits } from "../support/room.ts";

withLimits(soon);

const command = fc.record({
  who: fc.nat(2),
  what: fc.constantFrom("say", "say", "say", "read", "read", "ack", "add", "remove"),
  at: fc.nat(12),
});
const commands = fc.array(command, { minLength: 3, maxLength: 30, size: "max" });
const mishaps = fc.array(fc.constantFrom("none", "none", "none", "killed", "evicted", "emptied"), {
  maxLength: 12,
  size: "max",
});

describe("watermarks", () => {
  test("only rise, a read one never above the delivered one, whatever happens to the object", async () => {
    await fc.assert(
      fc.asyncProperty(commands, mishaps, async (commands, mishaps) => {
        const { room, people } = await someRoom(3);
        let before = new Map<string, Json>();
        for (const [at, { who, what, at: place }] of commands.entries()) {
          if (what !== "add" && what !== "remove") await perform(room, people, { who, what, at: place });
          await befall(room, mishaps[at] ?? "none");
          const roster = new Map((await room.roster(people[0])).map((member) => [member.user_id, member]));
          for (const [id, { read, delivered }] of roster) {
            expect(read).toBeLessThanOrEqual(delivered);
            expect(read).toBeGreaterThanOrEqual(before.get(id)?.read ?? 0);
            expect(delivered).toBeGreaterThanOrEqual(before.get(id)?.delivered ?? 0);
          }
          before = roster;
        }
      }),
      { numRuns: 6 },
    );
  });

  test("of a member are in `subscribed`, and a late or repeated mark moves none back", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    for (let at = 0; at < 3; at++) await room.say(ann);
    const line = await room.socket(bob);
    expect(await line.ask({ type: "mark_read", sequence: 3, ref: "r" })).toMatchObject({ sequence: 3, ref: "r" });
    expect(await line.ask({ type: "mark_read", sequence: 1 })).toMatchObject({
      type: "mark_read_success",
      sequence: 1,
    });
    expect(await line.ask({ type: "ack", sequence: 2 })).toMatchObject({ type: "message_ack", status: "delivered" });
    const { watermarks } = await line.ask({ type: "subscribe", since: 3 });
    expect(watermarks).toContainEqual({ user_id: bob.id, delivered: 3, read: 3 });
    expect(watermarks).toContainEqual({ user_id: ann.id, delivered: 3, read: 3 });
  });

  test("above the newest event, or of a message that is not there, are refused", async () => {
    const { room, people } = await someRoom(2);
    const line = await room.socket(people[0]);
    expect(await line.ask({ type: "mark_read", sequence: 1 })).toMatchObject({ code: "MESSAGE_NOT_FOUND" });
    const message_id = people[0].id;
    expect(await line.ask({ type: "ack", message_id })).toMatchObject({ code: "MESSAGE_NOT_FOUND" });
  });

  test("are told to the others once for each rise, not to the socket that moved them", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    await room.say(ann);
    const [anns, bobs, bobsOther] = [await room.socket(ann), await room.socket(bob), await room.socket(bob)];
    const told = { type: "message_read", sequence: 1, reader_id: bob.id };
    bobs.send({ type: "mark_read", sequence: 1 });
    for (const line of [anns, bobsOther]) expect(await line.next()).toMatchObject(told);
    for (const sequence of [1, 0]) bobs.send({ type: "mark_read", sequence });
    await bobs.caughtUp();
    await room.say(ann);
    bobs.send({ type: "mark_read", sequence: 2 });
    for (const line of [anns, bobsOther]) {
      await line.ofType("message_read");
      expect(line.frames.map(({ sequence }) => sequence)).toEqual([1, 2, 2]);
    }
    const mine = (await bobs.caughtUp()).map(({ type }) => type).filter((type) => type !== "message");
    expect(mine).toEqual(Array(4).fill("mark_read_success"));
  });
});

describe("unread", () => {
  test("equals a recount, in the record and in Postgres's list", async () => {
    await fc.assert(
      fc.asyncProperty(commands, mishaps, async (commands, mishaps) => {
        const { room, people } = await someRoom(3);
        for (const [at, command] of commands.entries()) {
          await perform(room, people, command);
          await befall(room, mishaps[at] ?? "none");
        }
        await room.settled();
        const messages = (await room.page(people[0])).items;
        for (const { user_id, read } of await room.roster(people[0])) {
          const who = people.find((person) => person.id === user_id) as Someone;
          const count = messages.filter((one) => one.sequence > read && one.sender_id !== user_id).length;
          expect((await room.record(who)).me).toMatchObject({ read, unread: count });
          const [listed] = await conversationsOf(db, user_id, { after: undefined, limit: 10 });
          expect(listed?.me).toMatchObject({ read, unread: count });
        }
      }),
      { numRuns: 6 },
    );
  });

  test("is nothing for who has just been added", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    for (let at = 0; at < 3; at++) await room.say(people[0]);
    await room.add(people[0], people[2] as Someone);
    expect((await room.record(people[2] as Someone)).me).toMatchObject({ read: 4, unread: 0 });
  });
});

/** The first of them owns the group; only the third is ever removed. Refusals are part of it. */
async function perform(
  room: Room,
  people: readonly Someone[],
  { who, what, at }: { who: number; what: string; at: number },
): Promise<void> {
  const actor = people[who] as Someone;
  const [owner, , third] = people as [Someone, Someone, Someone];
  if (what === "say") await room.execute(actor, [{ type: "message", content: `said ${at}` }]);
  const sequence = at % ((await room.record(owner)).sequence + 1);
  if (what === "read") await room.execute(actor, [{ type: "mark_read", sequence }]);
  if (what === "ack") await room.execute(actor, [{ type: "ack", sequence }]);
  if (what === "add") await room.add(owner, third);
  if (what === "remove") await room.execute(owner, [{ type: "remove_member", user_id: third.id }]);
}

async function befall(room: Room, what: string): Promise<void> {
  if (what === "emptied") await room.settled(); // what Postgres does not have is lost with the storage
  if (what === "killed" || what === "evicted" || what === "emptied") await room[what]();
}
