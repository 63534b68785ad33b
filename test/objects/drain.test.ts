import { and, asc, eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { conversations, members, messages } from "../../src/db/schema.ts";
import { Log } from "../../src/objects/log.ts";
import { db, type Json, type Room, type Someone, someRoom, soon, until, withLimits } from "../support/room.ts";
import { type Fate, whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, drainEvents: 3, drainWaitMs: 50 });

const action = fc.record({
  what: fc.constantFrom("say", "say", "say", "read", "add", "remove", "killed"),
  who: fc.nat(1),
  at: fc.nat(20),
});
const fates = fc.infiniteStream(fc.constantFrom<Fate>("fine", "fine", "away", "lost"));

describe("a drain", () => {
  test("leaves Postgres equal to the log, wherever it was cut and whatever was killed in between", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 3, maxLength: 25, size: "max" }),
        fates,
        async (actions, weather) => {
          const { room, people } = await someRoom(3, { inside: 2 });
          await whilePostgres(
            room.id,
            () => weather.next().value ?? "fine",
            async () => {
              for (const { what, who, at } of actions) await act(room, people, { what, who, at });
            },
          );
          await room.settled();
          await expectEqual(room, people[0]);
        },
      ),
      { numRuns: 8 },
    );
  });

  test("that was applied but never answered is repeated, and changes nothing", async () => {
    const { room, people } = await someRoom(2);
    await room.settled();
    const weather: Fate[] = ["lost", "lost", "away"];
    await whilePostgres(
      room.id,
      () => weather.shift() ?? "fine",
      async (sent) => {
        await room.say(people[0], "once");
        await until("three tries and one more", () => (weather.length === 0 ? true : undefined));
        await room.settled();
        expect(sent.filter(({ body }) => body.includes("once")).length).toBe(3);
      },
    );
    await expectEqual(room, people[0]);
  });

  test("overwrites what an object with a faster clock has archived", async () => {
    const { room, people } = await someRoom(2);
    await room.settled();
    const tomorrow = Date.now() + 86_400_000;
    await db.update(conversations).set({ version: tomorrow }).where(eq(conversations.id, room.id));
    await db.update(members).set({ version: tomorrow }).where(eq(members.conversation_id, room.id));
    await room.emptied();
    await room.say(people[0], "today");
    await room.settled();
    await expectEqual(room, people[0]);
  });

  test("cut by death between the two sides loses nothing", async () => {
    for (const fate of ["away", "fine", "lost"] as const) {
      const { room, people } = await someRoom(2);
      await room.settled();
      let isKilled = false;
      await whilePostgres(
        room.id,
        async () => {
          if (isKilled) return "fine";
          isKilled = true;
          return fate;
        },
        async () => {
          await room.say(people[0], "kept");
          await until("the drain", () => (isKilled ? true : undefined));
          await room.killed();
          await room.settled();
        },
      );
      expect(await room.log(people[1])).toMatchObject([{ content: "kept", sequence: 1 }]);
      await expectEqual(room, people[0]);
    }
  });

  test("of an older batch that arrives late changes nothing", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    await whilePostgres(
      room.id,
      () => "fine",
      async (sent) => {
        await room.say(ann, "first");
        await room.settled();
        await room.remove(ann, cem);
        await room.ask(bob, { type: "mark_read", sequence: 2 });
        await room.say(bob, "second");
        await room.settled();
        const before = await archived(room);
        for (const { body, again } of [...sent]) if (body.includes("insert")) expect(await again()).toBe(200);
        expect(await archived(room)).toEqual(before);
      },
    );
    await expectEqual(room, ann);
  });

  test("does not happen before Postgres answers: until then the cursor stays", async () => {
    const { room, people } = await someRoom(2);
    await room.settled();
    let tries = 0;
    await whilePostgres(
      room.id,
      () => {
        tries += 1;
        return "away";
      },
      async () => {
        await room.say(people[0], "not yet there");
        await until("a few tries", () => (tries > 2 ? true : undefined));
        expect(await room.rows("select drained from room")).toEqual([{ drained: 0 }]);
      },
    );
    await room.settled();
    await expectEqual(room, people[0]);
  });

  test("under way takes nothing for archived that changed meanwhile", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    await room.say(ann, "one");
    await room.say(ann, "two");
    await room.settled();
    let [isOut, mayGo] = [false, false];
    await whilePostgres(
      room.id,
      async () => {
        isOut = true;
        await until("the word to go on", () => mayGo || undefined);
        return "fine" as const;
      },
      async () => {
        await room.ask(bob, { type: "mark_read", sequence: 1 });
        await until("a drain", () => isOut || undefined);
        await room.ask(bob, { type: "mark_read", sequence: 2 });
        await room.say(ann, "three");
        mayGo = true;
        await room.settled();
      },
    );
    await expectEqual(room, ann);
  });

  test("takes one round trip for many messages", async () => {
    const { room, people } = await someRoom(2);
    await room.settled();
    await whilePostgres(
      room.id,
      () => "fine",
      async (sent) => {
        const line = await room.socket(people[0]);
        for (let at = 0; at < 3; at++) line.send({ type: "message", content: `number ${at}` });
        await until("all three", () => (line.events.length === 3 ? true : undefined));
        await room.settled();
        expect(sent.filter(({ body }) => body.includes("insert")).length).toBeLessThan(3);
      },
    );
  });

  test("keeps apart what two conversations say under one id", async () => {
    const [one, other] = [await someRoom(2), await someRoom(2)];
    const id = newId();
    await one.room.say(one.people[0], "in one", id);
    await other.room.say(other.people[0], "in the other", id);
    await Promise.all([one.room.settled(), other.room.settled()]);
    const contents = await db.select({ content: messages.content }).from(messages).where(eq(messages.id, id));
    expect(contents.map((row) => row.content).sort()).toEqual(["in one", "in the other"]);
  });
});

describe("a structural change", () => {
  test("is in Postgres when it is answered", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    const added = people[2] as Someone;
    await room.add(people[0], added);
    expect(await memberRow(room, added)).toMatchObject({ joined_sequence: 1, left_at: null });
    await room.remove(people[0], added);
    expect((await memberRow(room, added))?.left_at).not.toBeNull();
  });

  test("is answered all the same while Postgres is away, and drained later", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    const added = people[2] as Someone;
    await room.settled();
    await whilePostgres(
      room.id,
      (body) => (body.includes("insert") ? "away" : "fine"),
      async () => {
        await room.add(people[0], added);
        expect(await memberRow(room, added)).toBeUndefined();
      },
    );
    await room.settled();
    expect(await memberRow(room, added)).toMatchObject({ joined_sequence: 1 });
  });
});

async function act(
  room: Room,
  people: readonly Someone[],
  { what, who, at }: { what: string; who: number; at: number },
) {
  const [ann, , cem] = people as [Someone, Someone, Someone];
  const actor = people[who] as Someone;
  if (what === "say") await room.say(actor, `said ${at}`);
  if (what === "read") await room.execute(actor, [{ type: "mark_read", sequence: at }]);
  if (what === "add") await room.add(ann, cem);
  if (what === "remove") await room.execute(ann, [{ type: "remove_member", user_id: cem.id }]);
  if (what === "killed") await room.killed();
}

async function memberRow(room: Room, who: Someone) {
  const rows = await db
    .select()
    .from(members)
    .where(and(eq(members.conversation_id, room.id), eq(members.user_id, who.id)));
  return rows[0];
}

async function archived(room: Room) {
  const [conversation] = await db.select().from(conversations).where(eq(conversations.id, room.id));
  const rows = await db
    .select()
    .from(messages)
    .where(eq(messages.conversation_id, room.id))
    .orderBy(asc(messages.sequence));
  const people = await db.select().from(members).where(eq(members.conversation_id, room.id)).orderBy(members.user_id);
  return { conversation, messages: rows, members: people };
}

describe("pruning", () => {
  withLimits({ keptEvents: 10, pruneSlack: 10, pruneSoonMs: 600_000 });

  test("looks at what lies between two floors, not at all that was ever said", async () => {
    const { room, people } = await someRoom(1);
    const prune = () =>
      room.inside(({ storage }) => {
        const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
        const exec = (query: string, ...bindings: SqlStorageValue[]) => {
          const cursor = storage.sql.exec(query, ...bindings);
          if (/^(delete|update)/.test(query)) cursors.push(cursor);
          return cursor;
        };
        const transactionSync = <T>(run: () => T) => storage.transactionSync(run);
        const log = new Log({ sql: { exec }, transactionSync } as unknown as DurableObjectStorage);
        log.archive.prune();
        return { floor: log.room?.floor ?? 0, read: cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0) };
      });
    const reads: number[] = [];
    let floor = 0;
    for (let turn = 0; turn < 4; turn++) {
      for (let at = 0; at < 25; at++) await room.say(people[0]);
      await room.settled();
      const pruned = await prune();
      expect(pruned.floor).toBeGreaterThan(floor);
      floor = pruned.floor;
      reads.push(pruned.read);
      await room.killed();
    }
    expect(reads.at(-1)).toBeLessThan(1.3 * (reads[1] ?? 0));
  });
});

/** Postgres says what the object says: messages, where everybody is, who is in. */
async function expectEqual(room: Room, owner: Someone): Promise<void> {
  const found = await archived(room);
  const log = await room.log(owner);
  const said = log.filter((event) => event.type === "message");
  expect(found.messages.map(shown)).toEqual(said.map(shown));
  const record = await room.record(owner);
  expect(found.conversation).toMatchObject({
    epoch: record.epoch,
    sequence: record.sequence,
    member_count: record.member_count,
    title: record.title,
  });
  const present = found.members.filter((member) => member.left_at === null);
  const roster = (await room.roster(owner)).map(({ user_id, role, read, delivered }) => ({
    user_id,
    role,
    read,
    delivered,
  }));
  expect(present.map(({ user_id, role, read, delivered }) => ({ user_id, role, read, delivered }))).toEqual(
    roster.sort((one, other) => (one.user_id < other.user_id ? -1 : 1)),
  );
}

function shown({ id, sequence, content, sender_id, sender_name, created_at }: Json) {
  return { id, sequence, content, sender_id, sender_name, created_at: new Date(created_at).toISOString() };
}
