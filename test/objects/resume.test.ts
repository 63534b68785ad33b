import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import {
  type Json,
  type Line,
  type Opening,
  Room,
  type Someone,
  someRoom,
  soon,
  until,
  userSocket,
  withLimits,
} from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

// As the real numbers, but small: 500 a page, 2,000 back, 10,000 kept.
withLimits({ ...soon, replayPage: 5, resetBehind: 20, keptEvents: 30, pruneSlack: 5, rebuildRows: 12, drainEvents: 4 });

/** How a client says where it was: in the address, or in a frame. */
const ways: Record<string, (room: Room, who: Someone, at: Opening) => Promise<Line>> = {
  "in the address of a direct socket": (room, who, at) => room.socket(who, at),
  "in a frame on a direct socket": async (room, who, { since, epoch }) => {
    const line = await room.socket(who);
    line.send({ type: "subscribe", since, epoch });
    return line;
  },
  "on a user socket": async (room, who, { since, epoch }) => {
    const line = await userSocket(who);
    line.send({ type: "subscribe", conversation_id: room.id, since, epoch });
    return line;
  },
};

describe.each(Object.entries(ways))("a cursor given %s", (_, resumed) => {
  test("at the head is live, a little behind recovered, far behind more, too far or of another epoch reset", async () => {
    const { room, people } = await talk(25);
    const [ann, bob] = people;
    const { epoch } = await room.record(bob);
    const answer = async (since: number, of: string | undefined = epoch) => {
      const line = await resumed(room, ann, { since, ...(of !== undefined && { epoch: of }) });
      const first = await line.ofType("subscribed");
      await line.caughtUp();
      line.close();
      return [first.status, line.events.map((event) => event.sequence)];
    };
    expect(await answer(25)).toEqual(["live", []]);
    expect(await answer(22)).toEqual(["recovered", [23, 24, 25]]);
    expect(await answer(20)).toEqual(["recovered", [21, 22, 23, 24, 25]]);
    expect(await answer(19)).toEqual(["more", [20, 21, 22, 23, 24]]);
    expect(await answer(5)).toEqual(["more", [6, 7, 8, 9, 10]]);
    expect(await answer(4)).toEqual(["reset", []]);
    expect(await answer(26)).toEqual(["reset", []]);
    expect(await answer(25, "x".repeat(100))).toEqual(["reset", []]);
  });

  test("is answered with where everybody is, then what was missed, then what is live", async () => {
    const { room, people } = await talk(3);
    const [ann, bob] = people;
    const { epoch } = await room.record(bob);
    const line = await resumed(room, bob, { since: 1, epoch });
    const missed = await room.log(ann, 1);
    expect(await line.ofType("subscribed")).toMatchObject({
      epoch,
      sequence: 3,
      floor: 0,
      unread: 3,
      status: "recovered",
    });
    const live = await room.say(ann, "live");
    for (const event of [...missed, live]) expect(await line.ofType("message")).toEqual(event);
  });
});

describe.each([
  ["direct", (room: Room, who: Someone) => room.socket(who, { batch: true })],
  ["user", (_: Room, who: Someone) => userSocket(who, { batch: true })],
] as const)("what one says before one asks on a %s socket", (_, open) => {
  test("is heard, whatever the answer is: it is the acknowledgement", async () => {
    const { room, people } = await talk(3);
    const line = await open(room, people[0]);
    const to = { conversation_id: room.id };
    const places = [{ since: 3 }, { since: 0, epoch: "another" }, { since: 900 }, { since: 5 }, { since: 2, until: 3 }];
    for (const [at, place] of places.entries()) {
      const heard = line.events.length;
      const answer = at < 3 ? { type: "subscribe", ref: `${at}` } : { type: "sync", ref: `${at}` };
      line.send([
        { type: "message", ...to, content: `said ${at}` },
        { ...to, ...place, ...answer },
      ]);
      await line.next((frame) => frame.ref === `${at}`);
      await line.caughtUp();
      expect(line.events.slice(heard).map((event) => event.sequence)).toContain(4 + at);
      // Behind a reset it would lie below the new cursor, and be dropped.
      const answered = line.frames.findIndex((frame) => frame.ref === `${at}`);
      const said = line.frames.findIndex((frame) => frame.type === "message" && frame.sequence === 4 + at);
      if (line.frames[answered].status === "reset") expect(said).toBeLessThan(answered);
    }
  });
});

describe("sync", () => {
  test("gives what lies between, a page at a time, and says whether there is more", async () => {
    const { room, people } = await talk(12);
    const line = await room.socket(people[0]);
    const asked = async (range: Json) => {
      const seen = line.events.length;
      line.send({ type: "sync", ...range });
      const { more, status, sequence } = await line.ofType("synced");
      return [status, more, sequence, line.events.slice(seen).map((event) => event.sequence)];
    };
    expect(await asked({ since: 0 })).toEqual(["recovered", true, 12, [1, 2, 3, 4, 5]]);
    expect(await asked({ since: 7 })).toEqual(["recovered", false, 12, [8, 9, 10, 11, 12]]);
    expect(await asked({ since: 2, until: 4 })).toEqual(["recovered", false, 12, [3, 4]]);
    expect(await asked({ since: 4, until: 2 })).toEqual(["recovered", false, 12, []]);
    expect(await asked({ since: 12 })).toEqual(["recovered", false, 12, []]);
    expect(await asked({ since: 13 })).toEqual(["reset", false, 12, []]);
  });

  test("holds back on a user socket what is delivered meanwhile, so that frames stay in order", async () => {
    const { room, people } = await talk(10);
    const line = await userSocket(people[0]);
    for (let at = 0; at < 10; at++) {
      line.send({ type: "sync", conversation_id: room.id, since: 0 });
      line.send({ type: "message", conversation_id: room.id, content: `live ${at}` });
    }
    await until("all ten", () => (new Set(line.events.map((event) => event.sequence)).size >= 15 ? true : undefined));
    const live = line.events.filter((event) => event.sequence > 10).map((event) => event.sequence);
    expect([...new Set(live)]).toEqual([...new Set(live)].sort((one, other) => one - other));
  });
});

describe("below the floor", () => {
  /** Fifty messages, of which only those above `floor` can be replayed. */
  async function pruned() {
    const world = await talk(49);
    await world.room.settled();
    await world.room.say(world.people[0], "number 49");
    await world.room.settled();
    const floor = await until("the pruning", async () => (await floorOf(world.room)) || undefined);
    return { ...world, floor };
  }

  test("history goes on both ways without a seam", async () => {
    const { room, people, floor } = await pruned();
    const [ann] = people;
    const down = await room.page(ann);
    expect(down.items.map(sequenceOf)).toEqual(range(50, 1));
    expect((await room.page(ann, { after: 0 })).items).toEqual(down.items.toReversed());
    for (let from = floor - 3; from <= floor + 4; from++) {
      const before = await room.page(ann, { before: from, limit: 4 });
      expect(before.items.map(sequenceOf)).toEqual(range(from - 1, from - 4));
      const after = await room.page(ann, { after: from, limit: 4 });
      expect(after.items.map(sequenceOf)).toEqual(range(from + 1, from + 4));
      const around = await room.page(ann, { around: from, limit: 4 });
      expect(around.items.map(sequenceOf)).toEqual(range(from - 1, from + 2));
    }
    const [oldest] = down.items.slice(-1);
    expect(await room.object.message(ann.id, oldest?.id ?? "")).toEqual({ ok: true, value: oldest });
  });

  test("a cursor is reset and sync too; at the floor both are served", async () => {
    const { room, people, floor } = await pruned();
    const line = await room.socket(people[0]);
    expect(await line.ask({ type: "sync", since: floor - 1 })).toMatchObject({ type: "synced", status: "reset" });
    expect(await line.ask({ type: "sync", since: floor })).toMatchObject({ type: "message", sequence: floor + 1 });
    await line.ofType("synced");
    expect(await line.ask({ type: "subscribe", since: 45 })).toMatchObject({ floor, status: "recovered" });
  });

  test("marks and unread count as before, and pruning waits for the archive", async () => {
    const { room, people } = await talk(10);
    const [ann, bob] = people;
    await room.settled();
    const { items } = await room.page(ann);
    await whilePostgres(
      room.id,
      (body) => (body.includes("insert") ? "away" : "fine"),
      async () => {
        for (let at = 0; at < 40; at++) await room.say(ann, `number ${at}`);
        expect(await floorOf(room)).toBeLessThanOrEqual(10);
      },
    );
    await room.settled();
    await room.say(ann, "one more");
    await until("the pruning", async () => ((await floorOf(room)) > 10 ? true : undefined));
    expect((await room.record(bob)).me.unread).toBe(51);
    const first = items.at(-1);
    expect(await room.ask(bob, { type: "mark_read", message_id: first?.id })).toMatchObject({
      mark: { read: 1, unread: 50 },
    });
  });
});

describe("an object whose storage was lost", () => {
  test("comes back from Postgres under a new epoch: members, marks, history and ids, and goes on counting", async () => {
    const { room, people } = await talk(20);
    const [ann, bob] = people;
    await room.ask(bob, { type: "mark_read", sequence: 12 });
    await room.settled();
    const before = { record: await room.record(bob), roster: await room.roster(bob), page: await room.page(bob) };
    await room.emptied();
    const record = await room.record(bob);
    expect(record.epoch).not.toBe(before.record.epoch);
    expect({ ...record, epoch: "" }).toMatchObject({ ...before.record, epoch: "", last_message: { sequence: 20 } });
    expect(await room.roster(bob)).toEqual(before.roster);
    expect((await room.page(bob)).items).toEqual(before.page.items.map((item) => ({ ...item, epoch: record.epoch })));
    const line = await room.socket(bob, { since: 20, epoch: before.record.epoch });
    expect(await line.next()).toMatchObject({
      type: "subscribed",
      status: "reset",
      epoch: record.epoch,
      sequence: 20,
      floor: 20,
    });
    expect(await room.say(ann, "goes on")).toMatchObject({ sequence: 21, epoch: record.epoch });
    await room.settled();
  });

  test("never gives out a sequence again that somebody saw, archived or only marked", async () => {
    const { room, people } = await talk(5);
    const [ann, bob] = people;
    await room.settled();
    let drains = 0;
    await whilePostgres(
      room.id,
      (body) => {
        if (!body.includes("insert")) return "fine";
        drains += 1;
        return drains === 1 ? "away" : drains === 2 ? "fine" : "away";
      },
      async () => {
        const said = Array.from({ length: 6 }, () => ({ type: "message" as const, content: "seen by Bob" }));
        await room.execute(ann, said);
        await room.ask(bob, { type: "mark_read", sequence: 11 });
        await until("a part in Postgres", () => (drains > 2 ? true : undefined));
        await room.emptied();
      },
    );
    // Messages 6 to 9 were archived with the marks of all, 10 and 11 were lost.
    expect((await room.page(ann)).items.map(sequenceOf)).toEqual(range(9, 1));
    expect(await room.say(ann, "next")).toMatchObject({ sequence: 12 });
  });

  test("does not know all ids at once, and still answers none of them twice, nor marks by them wrongly", async () => {
    const { room, people } = await talk(30);
    const [ann, bob] = people;
    await room.settled();
    const { items } = await room.page(ann);
    const oldest = items.at(-1);
    await room.emptied();
    expect(await room.say(ann, "number 0", oldest?.id)).toMatchObject({ sequence: 1 });
    const marked = await room.ask(bob, { type: "ack", message_id: oldest?.id });
    expect(JSON.parse(marked.replies[0] ?? "")).toMatchObject({ type: "message_ack", sequence: 1 });
    await until("all ids", async () =>
      (await room.rows("select is_complete from room"))[0].is_complete ? true : undefined,
    );
    expect((await room.rows("select count(*) as count from events where id is not null"))[0].count).toBe(30);
  });

  test("is not served while Postgres is away, and is afterwards", async () => {
    const { room, people } = await talk(2);
    await room.settled();
    await whilePostgres(
      room.id,
      () => "away",
      async () => {
        await room.emptied();
        await expect(room.say(people[0])).rejects.toMatchObject({ code: "UNAVAILABLE" });
        await expect(room.record(people[0])).rejects.toMatchObject({ code: "UNAVAILABLE" });
        await expect(room.socket(people[0])).rejects.toThrow("UNAVAILABLE");
      },
    );
    expect(await room.say(people[0])).toMatchObject({ sequence: 3 });
  });

  test("of which Postgres knows nothing is a conversation nobody knows", async () => {
    const { people } = await someRoom(2);
    const unknown = new Room(newId());
    await expect(unknown.say(people[0])).rejects.toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    expect(await unknown.rows("select name from sqlite_master where name = 'room'")).toEqual([]);
  });
});

async function talk(count: number) {
  const { room, people } = await someRoom(2);
  for (let at = 0; at < count; at++) await room.say(people[0], `number ${at}`);
  return { room, people };
}

async function floorOf(room: Room): Promise<number> {
  return (await room.rows("select floor from room"))[0].floor;
}

const sequenceOf = ({ sequence }: { sequence: number }) => sequence;

function range(from: number, to: number): number[] {
  const step = from < to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, at) => from + at * step);
}
