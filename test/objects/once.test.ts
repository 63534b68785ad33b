import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { messagesByIds } from "../../src/db/messages.ts";
import { db, type Json, type Someone, someRoom, soon, withLimits } from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

// Few ids are loaded at a rebuild, and few events kept: what lies below the floor is soon reached.
withLimits({ ...soon, rebuildRows: 3, keptEvents: 4, pruneSlack: 2 });

const sending = fc.record({ who: fc.nat(1), id: fc.nat(5) });
const fate = fc.constantFrom("evicted", "killed", "emptied", "settled");
const steps = fc.array(fc.oneof({ weight: 8, arbitrary: sending }, { weight: 1, arbitrary: fate }), {
  minLength: 5,
  maxLength: 30,
  size: "max",
});

describe("n sends of k ids", () => {
  test("are k messages, through sleep, death, pruning and a rebuild from Postgres", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const { room, people } = await someRoom(2);
        const ids = Array.from({ length: 6 }, () => newId());
        const firsts = new Map<string, Json>();
        for (const step of steps) {
          if (typeof step === "string") {
            if (step === "emptied") await room.settled(); // what Postgres does not have is lost with the storage
            await room[step as "evicted" | "killed" | "emptied" | "settled"]();
            continue;
          }
          const who = people[step.who] as Someone;
          const id = ids[step.id] ?? "";
          const first = firsts.get(id);
          const said = room.say(who, "the body of it", id);
          if (first && first.sender_id !== who.id) await expect(said).rejects.toMatchObject({ code: "CONFLICT" });
          else if (first) expect(lasting(await said)).toEqual(lasting(first));
          else firsts.set(id, await said);
        }
        await room.settled();
        const archived = await messagesByIds(db, room.id, "", ids);
        expect(new Set(archived.map((message) => message.id))).toEqual(new Set(firsts.keys()));
        expect(archived).toHaveLength(firsts.size);
      }),
      { numRuns: 8 },
    );
  });

  test("are one message when two clients race for it, and one of two people's", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    const lines = await Promise.all([room.socket(ann), room.socket(ann), room.socket(bob)]);
    const id = newId();
    for (const line of lines) line.send({ type: "message", content: "mine", id, ref: "race" });
    expect(await lines[2]?.ofType("error")).toMatchObject({ code: "CONFLICT", ref: "race" });
    const first = await lines[0]?.ofType("message");
    expect(await lines[1]?.ofType("message")).toEqual(first);
    for (const line of lines) await line.caughtUp();
    // The one who came second hears it twice: the event, and the answer to the repeat.
    expect(lines.map((line) => line.events.length)).toEqual([1, 2, 1]);
    expect(await room.log(ann)).toEqual([first]);
  });

  test("are one message when two clients race for it while its id is asked of Postgres", async () => {
    const { room, people } = await someRoom(2);
    for (let at = 0; at < 5; at++) await room.say(people[0]);
    await room.settled();
    await room.emptied();
    const id = newId();
    const said = await Promise.allSettled([room.say(people[0], "mine", id), room.say(people[1], "mine", id)]);
    expect(said.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect((await room.page(people[0])).items.filter((message) => message.id === id)).toHaveLength(1);
  });

  test("are k messages in each of two conversations", async () => {
    const [one, other] = [await someRoom(2), await someRoom(2)];
    const id = newId();
    await one.room.say(one.people[0], "in one", id);
    await other.room.say(other.people[0], "in the other", id);
    await Promise.all([one.room.settled(), other.room.settled()]);
    await other.room.emptied();
    expect(await one.room.say(one.people[0], "in one", id)).toMatchObject({ content: "in one", sequence: 1 });
    expect(await other.room.say(other.people[0], "in the other", id)).toMatchObject({ content: "in the other" });
    expect(await other.room.page(other.people[0])).toMatchObject({ items: [{ content: "in the other" }] });
  });
});

describe("a repeat", () => {
  test("of what lies below the floor is answered with the message, and Postgres is asked for nothing else", async () => {
    const { room, people } = await someRoom(2);
    const id = newId();
    const first = await room.say(people[0], "long ago", id);
    for (let at = 0; at < 8; at++) await room.say(people[0]);
    await room.settled();
    await expect
      .poll(async () => (await room.rows("select frame from events where id = ?", id))[0])
      .toEqual({ frame: null });
    await whilePostgres(
      room.id,
      () => "fine",
      async (sent) => {
        const reads = () => sent.filter(({ body }) => body.includes("select") && !body.includes("insert"));
        expect(await room.say(people[0], "long ago", id)).toEqual(first);
        expect(reads()).toHaveLength(1);
        await room.say(people[0], "something new", newId());
        await expect(room.say(people[1], "long ago", id)).rejects.toMatchObject({ code: "CONFLICT" });
        await expect(room.say(people[0], "something else", id)).rejects.toMatchObject({ code: "CONFLICT" });
        expect(reads()).toHaveLength(1);
      },
    );
  });

  test("does not count the order of keys, only the body", async () => {
    const { room, people } = await someRoom(2);
    const line = await room.socket(people[0]);
    const id = newId();
    const first = await line.ask({ type: "message", content: "hi", id, mentions: [people[1].id] });
    expect(await line.ask({ mentions: [people[1].id], id: id.toUpperCase(), content: "hi", type: "message" })).toEqual(
      first,
    );
    expect(await line.ask({ type: "message", content: "hi", id })).toMatchObject({ code: "CONFLICT" });
  });

  test("is refused while Postgres is away and the id may be there; what comes behind it waits its turn", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    for (let at = 0; at < 5; at++) await room.say(ann);
    await room.settled();
    await whilePostgres(
      room.id,
      (body) => (body.includes("insert") || body.includes("limit") ? "fine" : "away"),
      async () => {
        await room.emptied();
        const line = await room.socket(ann);
        line.send({ type: "message", content: "perhaps known", id: newId(), ref: "with an id" });
        line.send({ type: "message", content: "without an id", ref: "behind it" });
        expect(await line.next()).toMatchObject({ type: "error", code: "UNAVAILABLE", ref: "with an id" });
        expect(await line.next()).toMatchObject({ type: "message", content: "without an id" });
        expect(await room.say(bob, "nobody waits for others")).toMatchObject({ type: "message" });
      },
    );
  });
});

/** What of a message stays the same when its epoch does not. */
function lasting({ id, sequence, content, sender_id, created_at }: Json) {
  return { id, sequence, content, sender_id, created_at };
}
