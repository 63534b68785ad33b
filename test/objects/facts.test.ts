import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { changeProfile } from "../../src/db/accounts.ts";
import { deleteBlock, insertBlock } from "../../src/db/blocks.ts";
import { peopleByIds } from "../../src/db/people.ts";
import { ConversationObject } from "../../src/objects/conversation.ts";
import { versions } from "../../src/objects/log-schema.ts";
import type { Person } from "../../src/protocol/commands.ts";
import { person } from "../support/people.ts";
import {
  bindings,
  db,
  insideUser,
  killedUser,
  pair,
  Room,
  type Someone,
  somebody,
  someRoom,
  soon,
  until,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";
import { conversation1, conversation2, inbox1 } from "../support/stores.ts";
import { whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, jobSoonMs: 5, jobCalls: 2, jobCallMs: 200, netMs: 50 });

let revision = 0;

/** As read from Postgres just now: later than all that was read before. */
const known = (who: Someone, changes: Partial<Person> = {}): Person => {
  revision += 1;
  return { ...person(who.id, who.name), revision, ...changes };
};

describe("what a conversation is told of an account", () => {
  test("is in what comes next, over sleep and death, and makes no event", async () => {
    const { room, ann, bob } = await pair();
    await room.say(ann, "as Ann");
    await room.object.know(known(ann, { name: "Anna" }));
    await room.killed();
    expect(await room.say(ann, "as Anna")).toMatchObject({ sequence: 2, sender_name: "Anna" });
    const line = await room.socket(bob);
    await room.ask(ann, { type: "mark_read", sequence: 1 });
    expect(await line.ofType("message_read")).toMatchObject({ reader_name: "Anna" });
    expect((await room.log(bob)).map((event) => event.sender_name)).toEqual(["Ann", "Anna"]);
  });

  test("leaves nothing to drain, and nothing at all where there is no conversation", async () => {
    const { room, people } = await someRoom(2);
    await room.settled();
    await room.object.know(known(people[0], { name: "Anna" }));
    expect(await room.rows("select sum(revision) as revision from members")).toEqual([{ revision: 0 }]);
    const nowhere = new Room(newId());
    await nowhere.object.know(known(people[0]));
    expect(await nowhere.everything()).toBe("[]");
  });

  test("is read from Postgres by one that lost its storage", async () => {
    const { room, ann, bob } = await pair();
    await room.settled();
    await changeProfile(db, ann.id, { name: "Anna", settings: { read_receipts: false } });
    await room.emptied();
    expect(await room.say(ann)).toMatchObject({ sender_name: "Anna" });
    expect((await room.roster(bob)).find(({ user_id }) => user_id === ann.id)).toMatchObject({ read: 0 });
  });
});

describe("a block in a dialog", () => {
  test("refuses what the blocked one says, by whatever mouth, and nothing else", async () => {
    const { room, ann, bob } = await pair({ kind: "dialog" });
    await room.say(bob, "before");
    const [direct, user] = [await room.socket(bob), await userSocket(bob)];
    await room.object.know(known(ann, { blocks: new Set([bob.id]) }));
    const refused = { type: "error", code: "PERMISSION_DENIED" };
    expect(await direct.ask({ type: "message", content: "hello?" })).toMatchObject(refused);
    expect(await user.ask({ type: "message", content: "hello?", conversation_id: room.id })).toMatchObject(refused);
    await expect(room.say(bob)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    expect(await room.object.may(bob.id, "send")).toMatchObject({ code: "PERMISSION_DENIED" });
    expect((await room.page(bob)).items).toMatchObject([{ content: "before" }]);
    expect(await room.say(ann, "by the one who blocks")).toMatchObject({ sequence: 2 });
    expect(await direct.ofType("message")).toMatchObject({ content: "by the one who blocks" });
    await room.object.know(known(ann));
    expect(await room.say(bob)).toMatchObject({ sequence: 3 });
  });

  test("stays where what was read before it arrives later, over sleep, death and loss", async () => {
    const { room, ann, bob } = await pair({ kind: "dialog" });
    const read = async () => (await peopleByIds(db, [ann.id]))[0] as Person;
    const before = await read();
    await insertBlock(db, { user_id: ann.id, blocked_id: bob.id, most: 1, now: Date.now() });
    await room.object.know(await read());
    for (const mishap of ["none", "evicted", "killed", "emptied"] as const) {
      await room.settled();
      if (mishap !== "none") await room[mishap]();
      await room.object.know(before);
      await expect(room.say(bob)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    }
    const blocking = await read();
    await deleteBlock(db, ann.id, bob.id);
    await room.object.know(await read());
    await room.object.know(blocking);
    expect(await room.say(bob)).toMatchObject({ sequence: 1 });
  });

  test("hides each from the other, and leaves the groups they share", async () => {
    for (const kind of ["dialog", "group"] as const) {
      const people = [await somebody("Ann"), await somebody("Bob"), await somebody("Cem")];
      const [ann, bob] = people as [Someone, Someone];
      const room = await Room.create(kind === "dialog" ? people.slice(0, 2) : people, kind);
      const lines = [await room.socket(ann), await room.socket(bob)];
      await room.object.know(known(ann, { blocks: new Set([bob.id]) }));
      for (const [at, line] of lines.entries()) {
        expect(await line.ask({ type: "subscribe", since: 0 })).toMatchObject({ online: [people[at]?.id] });
      }
      if (kind === "group") expect(await room.say(bob)).toMatchObject({ sequence: 1 });
    }
  });
});

describe("who does not show", () => {
  test("that they are there is online for themselves alone", async () => {
    const { room, ann, bob } = await pair();
    const [anns, bobs] = [await room.socket(ann), await room.socket(bob)];
    await room.object.know(known(ann, { shows_presence: false }));
    expect(await bobs.ask({ type: "subscribe", since: 0 })).toMatchObject({ online: [bob.id] });
    expect(await anns.ask({ type: "subscribe", since: 0 })).toMatchObject({ online: [ann.id, bob.id] });
  });

  test("how far they have read tells their own other sockets, and nobody else", async () => {
    const { room, ann, bob } = await pair();
    await room.say(bob, "read me");
    await room.object.know(known(ann, { shows_reading: false }));
    const open = async (who: Someone) => {
      const user = await userSocket(who);
      await user.ask({ type: "subscribe", conversation_id: room.id, since: 1 });
      return [await room.socket(who), user];
    };
    const [mine, theirs] = [await open(ann), await open(bob)];
    const acting = await room.socket(ann);
    const told = { type: "message_read", sequence: 1, reader_id: ann.id };
    expect(await acting.ask({ type: "mark_read", sequence: 1 })).toMatchObject({ type: "mark_read_success" });
    for (const line of mine) expect(await line.ofType("message_read")).toMatchObject(told);
    const hub = await userSocket(ann);
    await room.say(bob, "again");
    expect(await hub.ask({ type: "mark_read", sequence: 2, conversation_id: room.id })).toMatchObject({ sequence: 2 });
    for (const line of mine) expect(await line.ofType("message_read")).toMatchObject({ ...told, sequence: 2 });
    await room.say(bob, "and again");
    await room.ask(ann, { type: "ack", sequence: 3 });
    for (const line of theirs) {
      await line.ofType("message_delivered"); // told after all of the above
      expect((await line.caughtUp()).filter((frame) => frame.type === "message_read")).toEqual([]);
    }
    const { watermarks } = await (theirs[0] ?? acting).ask({ type: "subscribe", since: 3 });
    expect(watermarks).toContainEqual({ user_id: ann.id, delivered: 3, read: 0 });
    const own = await acting.ask({ type: "subscribe", since: 3 });
    expect(own.watermarks).toContainEqual({ user_id: ann.id, delivered: 3, read: 2 });
    const readOf = async (viewer: Someone) =>
      (await room.roster(viewer)).find(({ user_id }) => user_id === ann.id)?.read;
    expect([await readOf(ann), await readOf(bob)]).toEqual([2, 0]);
    expect((await room.record(ann)).me).toMatchObject({ read: 2, unread: 1 });
  });
});

describe("a change of an account", () => {
  /** Ann in so many groups, all in Postgres. */
  async function inGroups(count: number) {
    const [ann, bob] = [await somebody("Ann"), await somebody("Bob")];
    const rooms = await Promise.all(Array.from({ length: count }, () => Room.create([ann, bob])));
    await Promise.all(rooms.map((room) => room.settled()));
    return { ann, bob, rooms };
  }

  const rename = (who: Someone, name: string) => changeProfile(db, who.id, { name });
  const nameIn = async (room: Room, who: Someone) =>
    (await room.rows("select name from members where user_id = ?", who.id))[0]?.name;
  const reached = (rooms: Room[], who: Someone, name: string) =>
    until(`${name} everywhere`, async () => {
      const names = await Promise.all(rooms.map((room) => nameIn(room, who)));
      return names.every((one) => one === name) || undefined;
    });
  const jobsOf = (who: Someone) =>
    insideUser(who, ({ storage }) => storage.sql.exec("select name from jobs").toArray().length);
  const over = (who: Someone) => until("the job's end", async () => ((await jobsOf(who)) === 0 ? true : undefined));

  test("reaches all conversations the user is in, and none they have left", async () => {
    const { ann, bob, rooms } = await inGroups(5);
    const [left, ...others] = rooms as [Room, ...Room[]];
    await left.remove(ann, bob);
    await rename(bob, "Robert");
    await insertBlock(db, { user_id: bob.id, blocked_id: ann.id, most: 1, now: Date.now() });
    await userObject(bob).factsChanged();
    await reached(others, bob, "Robert");
    await over(bob);
    expect(await nameIn(left, bob)).toBe("Bob");
    const [row] = await (others[0] as Room).rows("select blocks from members where user_id = ?", bob.id);
    expect(JSON.parse(row.blocks)).toEqual([ann.id]);
  });

  test("is still told after a death in the middle, by the alarm alone, and where Postgres was away", async () => {
    const { ann, rooms } = await inGroups(7);
    await rename(ann, "Anna");
    const weather = ["away", "fine", "lost", "away"] as const;
    let asked = 0;
    await whilePostgres(
      ann.id,
      () => weather[asked++] ?? "fine",
      async () => {
        await userObject(ann).factsChanged();
        await until("the first of them", async () => {
          const names = await Promise.all(rooms.map((room) => nameIn(room, ann)));
          return names.includes("Anna") || undefined;
        });
        await killedUser(ann);
        await reached(rooms, ann, "Anna");
        await over(ann);
      },
    );
  });

  test("that changes again meanwhile ends as the last word says", async () => {
    const { ann, rooms } = await inGroups(5);
    for (const name of ["Anne", "Anna", "Annette"]) {
      await rename(ann, name);
      await userObject(ann).factsChanged();
    }
    await reached(rooms, ann, "Annette");
    await over(ann);
    await reached(rooms, ann, "Annette");
  });

  test("is known to the conversations when it is answered: what is said next is said under the new name", async () => {
    const { ann, rooms } = await inGroups(2);
    await rename(ann, "Anna");
    await userObject(ann).factsChanged();
    const names = rooms.map(async (room) => (await room.say(ann)).sender_name);
    expect(await Promise.all(names)).toEqual(["Anna", "Anna"]);
  });

  describe("told one at a time", () => {
    withLimits({ jobCallsAtOnce: 1 });

    test("that was changed again while it was told is not told any more by the run that began before", async () => {
      const { ann, rooms } = await inGroups(2);
      const { prototype } = ConversationObject;
      const { know } = prototype;
      const held = Promise.withResolvers<void>();
      const told: string[] = [];
      prototype.know = async function (changed) {
        told.push(changed.name);
        if (changed.name === "Anna") await held.promise;
        await know.call(this, changed);
      };
      try {
        await rename(ann, "Anna");
        const telling = userObject(ann).factsChanged();
        await until("a call that is out", () => (told.length > 0 ? true : undefined));
        await rename(ann, "Annette");
        await userObject(ann).factsChanged();
        held.resolve();
        await telling;
        await reached(rooms, ann, "Annette");
        await over(ann);
        expect(told.filter((name) => name === "Anna")).toHaveLength(1);
      } finally {
        prototype.know = know;
      }
    });
  });

  test("is told to the others while one conversation does not answer, and to that one when it does", async () => {
    const { ann, rooms } = await inGroups(6);
    const [silent, ...others] = rooms as [Room, ...Room[]];
    await rename(ann, "Anna");
    const { prototype } = ConversationObject;
    const { know } = prototype;
    const id = bindings.CONVERSATIONS.idFromName(silent.id).toString();
    let calls = 0;
    prototype.know = async function (changed) {
      if (Reflect.get(this, "ctx").id.toString() === id && ++calls < 3)
        return await new Promise<never>(() => undefined);
      await know.call(this, changed);
    };
    try {
      await userObject(ann).factsChanged();
      await reached(others, ann, "Anna");
      expect(await nameIn(silent, ann)).toBe("Ann");
      await reached([silent], ann, "Anna");
      await over(ann);
    } finally {
      prototype.know = know;
    }
  });
});

describe("an older store", () => {
  test("of a conversation wakes, migrates and serves", async () => {
    const [ann, bob] = [await somebody("Ann"), await somebody("Bob")];
    const room = new Room(newId());
    await room.inside(({ storage }) => void storage.sql.exec(conversation1(room.id, [ann.id, bob.id])));
    await room.killed();
    expect(await room.rows("select number from version")).toEqual([{ number: versions.length }]);
    expect(await room.log(bob)).toMatchObject([{ content: "kept", sender_name: "Ann", sequence: 1 }]);
    expect(await room.say(bob, "on it goes")).toMatchObject({ sequence: 2, sender_name: "Bob" });
    await room.object.know(known(ann, { name: "Anna", shows_reading: false }));
    expect(await room.say(ann)).toMatchObject({ sender_name: "Anna" });
  });

  test("of a conversation knows whom somebody removed", async () => {
    const [ann, bob, cem] = [await somebody("Ann"), await somebody("Bob"), await somebody("Cem")];
    const room = new Room(newId());
    await room.inside(({ storage }) => void storage.sql.exec(conversation2(room.id, [ann.id, bob.id, cem.id])));
    await room.killed();
    await room.ask(ann, { type: "change", change: { public: true } });
    const join = { type: "join" as const, person: known(cem) };
    await expect(room.ask(cem, join)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await room.settled();
    await room.emptied();
    await expect(room.ask(cem, join)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("of a user's object wakes, migrates and still knows which sessions have ended", async () => {
    const { room, people } = await someRoom(2);
    const [ann] = people;
    await insideUser(ann, ({ storage }) => void storage.sql.exec(inbox1(ann.actor.session_id, Date.now())));
    await killedUser(ann);
    await expect(room.socket(ann)).rejects.toThrow("AUTH_FAILED");
    await userObject(ann).factsChanged();
    expect(await insideUser(ann, ({ storage }) => storage.sql.exec("select number from version").one())).toEqual({
      number: 5,
    });
  });
});
