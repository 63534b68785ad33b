import { describe, expect, test } from "vitest";
import { UserObject } from "../../src/objects/user.ts";
import type { Delivery } from "../../src/protocol/deliveries.ts";
import { person } from "../support/people.ts";
import {
  bindings,
  type Line,
  Room,
  type Someone,
  someRoom,
  soon,
  until,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";

withLimits({ ...soon, deliverFrames: 4, fanCalls: 3, fanAtOnce: 2, fanSlowMs: 200 });

describe("a member's object", () => {
  test("hears every event in order, the sender's own included, whatever arrives meanwhile", async () => {
    const { room, people } = await someRoom(3);
    const lines = await Promise.all(people.map((who) => userSocket(who)));
    const direct = await room.socket(people[0]);
    for (let at = 0; at < 60; at++) direct.send({ type: "message", content: `number ${at}` });
    for (const line of lines) await inOrder(line, 60);
  });

  test("is told of a creation by inbox with the whole record, the creator's is not", async () => {
    const { people } = await someRoom(2, { inside: 1 });
    const lines = await Promise.all(people.map((who) => userSocket(who)));
    const room = await Room.create(people);
    const inbox = await lines[1]?.next();
    expect(inbox).toMatchObject({
      type: "inbox",
      conversation_id: room.id,
      sequence: 0,
      unread: 0,
      me: { role: "MEMBER" },
    });
    expect(inbox.conversation).toEqual(await room.record(people[1]));
    await room.say(people[1], "hello");
    expect(await lines[0]?.next()).toMatchObject({ type: "message" });
  });

  test("is told of an addition by the event and then by inbox; the others by the event alone", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    await room.say(ann, "before");
    const [bobs, cems] = [await userSocket(bob), await userSocket(cem)];
    await room.add(ann, cem);
    await room.say(ann, "after");
    expect(await cems.next()).toMatchObject({ type: "member_added", sequence: 2, user_id: cem.id, by: ann.id });
    expect(await cems.next()).toMatchObject({ type: "inbox", unread: 0, conversation: { id: room.id, sequence: 2 } });
    expect(await cems.next()).toMatchObject({ type: "message", sequence: 3, content: "after" });
    await until("the same for Bob", () => (bobs.events.length === 2 ? true : undefined));
    expect(bobs.frames.map((frame) => frame.type)).toEqual(["member_added", "message"]);
  });

  test("that fails is called again until it has everything", async () => {
    const { room, people } = await someRoom(2);
    const bobs = await userSocket(people[1]);
    await failing(people[1], 3, async () => {
      for (let at = 0; at < 5; at++) await room.say(people[0], `number ${at}`);
      await until("all of them", () => (bobs.events.length >= 5 ? true : undefined));
    });
    expect(bobs.events.map((event) => event.sequence)).toEqual([1, 2, 3, 4, 5]);
    await room.settled();
  });

  test("is not called for each event while only direct sockets are open, and is from the first user socket on", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    const direct = await room.socket(bob);
    await room.say(ann, "asked whether he has a user socket");
    await room.settled();
    const calls = await callsOf(bob, async () => {
      for (let at = 0; at < 5; at++) await room.say(ann, `number ${at}`);
      await room.settled();
    });
    expect(calls).toBe(0);
    expect((await direct.caughtUp()).length).toBe(6);
    const user = await userSocket(bob);
    await room.say(ann, "on both");
    expect(await user.ofType("message")).toMatchObject({ content: "on both", sequence: 7 });
    expect(await direct.next((frame) => frame.sequence === 7)).toMatchObject({ content: "on both" });
  });

  test("that has no socket at all is called all the same", async () => {
    const { room, people } = await someRoom(2);
    await room.settled();
    const calls = await callsOf(people[1], async () => {
      await room.say(people[0]);
      await room.settled();
    });
    expect(calls).toBe(1);
  });

  test("drops what it has passed", async () => {
    const { room, people } = await someRoom(2);
    const bobs = await userSocket(people[1]);
    const said = await room.say(people[0], "once");
    await bobs.ofType("message");
    const delivery: Delivery = {
      conversation_id: room.id,
      epoch: said.epoch,
      isTaken: false,
      frames: [{ sequence: 1, text: JSON.stringify(said) }],
      passing: [],
    };
    await userObject(people[1]).deliver(delivery);
    expect((await bobs.caughtUp()).length).toBe(1);
    await userObject(people[1]).deliver({ ...delivery, epoch: "another" });
    expect((await bobs.caughtUp()).length).toBe(2);
  });
});

describe("who is added while their object is slow", () => {
  test("hears of the conversation as it was then, and after it all that has come since, counted once", async () => {
    const { room, people } = await someRoom(4, { inside: 2 });
    const [ann, bob, cem, dot] = people as [Someone, Someone, Someone, Someone];
    await room.say(bob, "before");
    const line = await userSocket(cem);
    await hanging([cem], async (end) => {
      await room.ask(ann, { type: "add_members", people: [cem, dot].map(({ id, name }) => person(id, name)) });
      for (let at = 0; at < 3; at++) await room.say(bob, `since ${at}`);
      await room.remove(ann, dot);
      end();
      await until("all of it", () => line.events.length >= 6 || undefined);
    });
    const [added, inbox, ...since] = line.frames;
    expect(added).toMatchObject({ type: "member_added", user_id: cem.id, sequence: 2 });
    expect(inbox).toMatchObject({
      ...{ type: "inbox", sequence: 2, unread: 0, me: { read: 2, delivered: 2, unread: 0 } },
      conversation: { sequence: 2, member_count: 3, last_message: { content: "before" } },
    });
    expect(since.map((frame) => [frame.type, frame.sequence])).toEqual([
      ["member_added", 3],
      ...[4, 5, 6].map((sequence) => ["message", sequence]),
      ["member_removed", 7],
    ]);
  });
});

describe("who is removed while their object is slow", () => {
  test("still hears all up to the removal, and no receipt of what came after", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    const cems = await userSocket(cem);
    cems.send({ type: "subscribe", conversation_id: room.id });
    await cems.caughtUp();
    let [isCalled, mayGo] = [false, false];
    const slow = async () => {
      isCalled = true;
      await until("the word to go on", () => mayGo || undefined);
    };
    await meeting([cem], slow, async () => {
      await room.say(ann, "for all");
      await until("a call", () => isCalled || undefined);
      await room.remove(ann, cem);
      await room.say(ann, "not for Cem");
      await room.ask(bob, { type: "mark_read", sequence: 3 });
      mayGo = true;
      await room.settled();
    });
    expect((await cems.caughtUp()).map((frame) => frame.type)).toEqual(["message", "member_removed"]);
  });
});

describe("more members than are called at once", () => {
  test("hear every event in order, each of them", async () => {
    const { room, people } = await someRoom(12);
    const lines = await Promise.all(people.map((who) => userSocket(who)));
    await room.settled();
    const direct = await room.socket(people[0]);
    const slow = async () => void (await until("all to be said", () => direct.events.length >= 20 || undefined));
    await meeting(people, slow, async () => {
      for (let at = 0; at < 20; at++) direct.send({ type: "message", content: `number ${at}` });
      for (const line of lines) await inOrder(line, 20);
    });
  });

  test("hear all though as many hang as are called at once; and those, too, as soon as they can", async () => {
    const { room, people } = await someRoom(8);
    const lines = await Promise.all(people.map((who) => userSocket(who)));
    await room.settled();
    await hanging(people.slice(0, 4), async (end) => {
      for (let at = 0; at < 6; at++) await room.say(people[0], `number ${at}`);
      for (const line of lines.slice(4)) await inOrder(line, 6);
      expect(lines.slice(0, 4).flatMap((line) => line.events)).toEqual([]);
      end();
      for (const line of lines) await inOrder(line, 6);
    });
    await room.settled();
  });

  test("hear all after the death of the conversation in the middle of it", async () => {
    const { room, people } = await someRoom(12);
    const lines = await Promise.all(people.map((who) => userSocket(who)));
    await room.settled();
    await hanging(people.slice(4), async (end) => {
      for (let at = 0; at < 6; at++) await room.say(people[0], `number ${at}`);
      for (const line of lines.slice(0, 4)) await inOrder(line, 6);
      await room.killed();
      end();
      await room.settled();
    });
    for (const line of lines) await inOrder(line, 6);
  });
});

describe("the fan-out survives", () => {
  test("death between the commit and the call", async () => {
    const { room, people } = await someRoom(2);
    await room.settled();
    const bobs = await userSocket(people[1]);
    await failing(people[1], Number.POSITIVE_INFINITY, async () => {
      await room.say(people[0], "acknowledged");
      expect(bobs.events).toEqual([]);
      await room.killed();
    });
    expect(await bobs.ofType("message")).toMatchObject({ content: "acknowledged", sequence: 1 });
    await room.settled();
  });

  test("death with a drain done: the cursor of the fan-out is its own", async () => {
    const { room, people } = await someRoom(2);
    await room.settled();
    const bobs = await userSocket(people[1]);
    await failing(people[1], Number.POSITIVE_INFINITY, async () => {
      await room.say(people[0], "acknowledged");
      await until("the drain", async () => ((await cursors(room)).drained === 1 ? true : undefined));
      expect(await cursors(room)).toEqual({ drained: 1, fanned: 0 });
      await room.killed();
    });
    expect(await bobs.ofType("message")).toMatchObject({ content: "acknowledged" });
  });

  test("sleep, and repeats nothing once all have everything", async () => {
    const { room, people } = await someRoom(2);
    const bobs = await userSocket(people[1]);
    await room.say(people[0], "one");
    await room.settled();
    await room.evicted();
    await room.say(people[0], "two");
    await bobs.next((frame) => frame.content === "two");
    await room.settled();
    expect(bobs.events.map((event) => event.sequence)).toEqual([1, 2]);
  });

  test("the death of a new conversation: its members hear of it all the same", async () => {
    const { people } = await someRoom(2, { inside: 1 });
    const bobs = await userSocket(people[1]);
    await failing(people[1], Number.POSITIVE_INFINITY, async () => {
      const room = await Room.create(people);
      await room.killed();
    });
    expect(await bobs.ofType("inbox")).toMatchObject({ sequence: 0, conversation: { title: "Lunch" } });
  });

  test("an addition and a removal that nobody could be told of in between", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    const cems = await userSocket(cem);
    await failing(cem, Number.POSITIVE_INFINITY, async () => {
      await room.say(ann, "before");
      await room.add(ann, cem);
      await room.say(bob, "between");
      await room.remove(ann, cem);
      await room.say(bob, "after");
      await room.killed();
    });
    await cems.ofType("member_removed");
    await room.settled();
    expect(cems.frames.map((frame) => frame.sequence)).toEqual([2, 3, 4]);
  });
});

/** A socket hears so many events, from the first on, each once. */
async function inOrder(line: Line, count: number): Promise<void> {
  await until("all of them", () => line.events.length >= count || undefined);
  expect(line.events.map((event) => event.sequence)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
}

async function cursors(room: Room): Promise<{ drained: number; fanned: number }> {
  const [row] = await room.rows("select drained, fanned from room");
  return row;
}

/** How often a user's object is called by `deliver` while `run` goes on. */
async function callsOf(who: Someone, run: () => Promise<void>): Promise<number> {
  return await meeting([who], () => undefined, run);
}

/** So many calls of `deliver` to a user's object fail while `run` goes on. */
async function failing(who: Someone, count: number, run: () => Promise<void>): Promise<void> {
  const fail = (call: number) => {
    if (call <= count) throw new Error("The user's object is away");
  };
  await meeting([who], fail, run);
}

/** Calls of `deliver` to these users' objects are not answered until `run` says so, or is over. */
async function hanging(people: Someone[], run: (end: () => void) => Promise<void>): Promise<void> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  const hang = async () => {
    while (!isOver) await scheduler.wait(4);
  };
  await meeting(people, hang, () => run(end).finally(end));
}

/**
 * Something happens to each call of `deliver` to these users' objects, before it is taken, while `run` goes on.
 * @returns how many calls there were
 */
async function meeting(
  people: Someone[],
  what: (call: number) => void | Promise<void>,
  run: () => Promise<void>,
): Promise<number> {
  let calls = 0;
  const { prototype } = UserObject;
  const { deliver } = prototype;
  const ids = new Set(people.map((who) => bindings.USERS.idFromName(who.id).toString()));
  prototype.deliver = async function (delivery) {
    if (ids.has(Reflect.get(this, "ctx").id.toString())) {
      calls += 1;
      await what(calls);
    }
    return await deliver.call(this, delivery);
  };
  try {
    await run();
    return calls;
  } finally {
    prototype.deliver = deliver;
  }
}
