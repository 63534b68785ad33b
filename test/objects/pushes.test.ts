import { describe, expect, test } from "vitest";
import { deleteDevice } from "../../src/db/push-devices.ts";
import { endSessions } from "../../src/db/sessions.ts";
import { unwrap } from "../../src/protocol/errors.ts";
import { limits } from "../../src/protocol/limits.ts";
import type { Platform } from "../../src/protocol/push.ts";
import { awaitedPushes, fares, pushedTo, pushesTo } from "../support/fcm.ts";
import { annAndBob, everyone, settled, waiting } from "../support/pushes.ts";
import {
  db,
  insideUser,
  pair,
  Room,
  type Someone,
  soon,
  unique,
  until,
  userSocket,
  withLimits,
} from "../support/room.ts";
import { type Fate, whileFcm } from "../support/weather.ts";

withLimits({ ...soon, pushSoonMs: 60, pushAgainMs: 60, pushRestMs: 50, pushRetryMs: 10 });

const readBy = (room: Room, who: Someone, sequence: number) => room.ask(who, { type: "mark_read", sequence });

const tried = (who: Someone) =>
  insideUser(who, ({ storage }) => storage.sql.exec("select 1 from pushes where attempts > 0").toArray().length > 0);

const bodyOf = ({ notification }: Awaited<ReturnType<typeof pushesTo>>[number]) => notification?.body;

test("what is unread in a conversation is counted so far, not through all of its history", async () => {
  const { ann, bob, room } = await annAndBob();
  for (let nth = 0; nth < 4; nth++) await room.say(ann);
  const before = limits.pushCounted;
  const unread = async () => unwrap(await room.object.notable(bob.id, { upTo: 0, shown: [] }))?.unread;
  expect(await unread()).toBe(4);
  Object.assign(limits, { pushCounted: 3 });
  expect(await unread()).toBe(3);
  expect((await room.record(bob)).me.unread).toBe(4);
  Object.assign(limits, { pushCounted: before });
});

test("what is said while a push is on its way is pushed, too", async () => {
  const { ann, bob, room, token } = await annAndBob();
  const wanted = () =>
    insideUser(bob, ({ storage }) => storage.sql.exec<{ wanted: number }>("select wanted from pushes").toArray());
  let isSaid = false;
  await whileFcm(
    token,
    async (): Promise<Fate> => {
      if (isSaid) return "fine";
      isSaid = true;
      await room.say(ann, "second");
      await until("the second is heard of", async () => ((await wanted())[0]?.wanted === 2 ? true : undefined));
      return "fine";
    },
    async () => {
      await room.say(ann, "first");
      await expect.poll(async () => (await pushesTo(token)).map(bodyOf).sort()).toEqual(["Ann: first", "Ann: second"]);
    },
  );
});

/** The pushes of a message to three devices: 0 where one of them is active, 3 where none is. */
describe("one message to somebody with three devices", () => {
  const three: Platform[] = ["android", "ios", "web"];

  test("is pushed to none while one of them has an active socket", async () => {
    const { ann, bob, room, tokens } = await annAndBob(three);
    const line = await userSocket(bob);
    await room.say(ann);
    await line.ofType("message");
    await settled(room, bob);
    expect(await everyone(tokens)).toEqual([0, 0, 0]);
  });

  test("is pushed to all three while none has", async () => {
    const { ann, bob, room, tokens } = await annAndBob(three);
    const line = await userSocket(bob);
    line.send({ type: "client_state", state: "background" });
    await line.caughtUp();
    const said = await room.say(ann, "lunch?");
    await line.ofType("message");
    for (const token of tokens) await awaitedPushes(token, 1);
    await settled(room, bob);
    expect(await everyone(tokens)).toEqual([1, 1, 1]);
    const [push] = await pushesTo(tokens[0] ?? "");
    expect(push).toMatchObject({
      notification: { title: "Lunch", body: "Ann: lunch?" },
      data: { type: "message", conversation_id: room.id, message_id: said.id, sequence: "1", epoch: said.epoch },
      android: { collapse_key: room.id, notification: { tag: room.id } },
    });
  });
});

describe("a push", () => {
  test("is not for an active direct socket's user, but for one in the background, and of another conversation", async () => {
    const { ann, bob, room, token } = await annAndBob();
    const [line, pocket] = [await room.socket(bob), await userSocket(bob)];
    pocket.send({ type: "client_state", state: "background" });
    await pocket.caughtUp();
    await room.say(ann, "seen");
    await line.ofType("message");
    await settled(room, bob);
    expect(await pushesTo(token)).toEqual([]);
    const other = await Room.create([ann, bob]);
    await other.say(ann, "elsewhere");
    await awaitedPushes(token, 1);
    line.send({ type: "client_state", state: "background" });
    await line.caughtUp();
    await room.say(ann, "unseen");
    const pushes = await awaitedPushes(token, 2);
    expect(pushes.map(({ notification }) => notification?.body)).toEqual(["Ann: elsewhere", "Ann: unseen"]);
  });

  test("is one for all that is said in a moment, and the next takes its place", async () => {
    const { ann, bob, room, token } = await annAndBob();
    const said = ["one", "two", "three"].map((content) => ({ type: "message" as const, content }));
    await room.execute(ann, said);
    await awaitedPushes(token, 1);
    await settled(room, bob);
    await room.say(ann, "four");
    const pushes = await awaitedPushes(token, 2);
    await settled(room, bob);
    expect(pushes.map(({ notification, data }) => [notification?.body, data.unread])).toEqual([
      ["Ann: three", "3"],
      ["Ann: four", "4"],
    ]);
    expect(new Set(pushes.map(({ android }) => android?.notification?.tag))).toEqual(new Set([room.id]));
    expect(await pushesTo(token)).toHaveLength(2);
  });

  test("is of what was missed, not of what a socket took since", async () => {
    const { ann, bob, room, token } = await annAndBob();
    await fares(token, { as: "quota", times: 1, retry_after: 1 });
    await room.say(ann, "missed");
    await until("it waits", async () => ((await tried(bob)) ? true : undefined));
    const line = await userSocket(bob);
    await room.say(ann, "taken");
    await line.ofType("message");
    const [push] = await awaitedPushes(token, 1);
    await settled(room, bob);
    expect(push?.notification?.body).toBe("Ann: missed");
    expect(await pushesTo(token)).toHaveLength(1);
  });

  test("is not sent for what was read or deleted meanwhile", async () => {
    const { ann, bob, room, token } = await annAndBob();
    const [first, second] = [await room.say(ann), await room.say(ann)];
    await readBy(room, bob, first.sequence);
    await room.ask(ann, { type: "message_delete", message_id: second.id });
    await until("it is looked at", async () => ((await waiting(bob)) > 0 ? true : undefined));
    await settled(room, bob);
    expect(await pushesTo(token)).toEqual([]);
  });

  test("of a muted conversation is only for who is spoken to", async () => {
    const { ann, bob, room, token } = await annAndBob();
    const muted_until = new Date(Date.now() + 60_000).toISOString();
    await room.ask(bob, { type: "change_mine", change: { muted_until } });
    await room.say(ann, "not for Bob");
    await settled(room, bob);
    await room.ask(ann, { type: "message", content: "for Bob", mentions: [bob.id] });
    await room.say(ann, "nor this");
    const [push] = await awaitedPushes(token, 1);
    await settled(room, bob);
    expect(push).toMatchObject({ notification: { body: "Ann: for Bob" }, data: { unread: "3", badge: "0" } });
    expect(await pushesTo(token)).toHaveLength(1);
  });

  test("counts for the icon what is unread everywhere else, too", async () => {
    const { ann, bob, room, token } = await annAndBob(["ios"]);
    const other = await Room.create([ann, bob]);
    for (let time = 0; time < 2; time++) await other.say(ann);
    await awaitedPushes(token, 1);
    await settled(other, bob);
    await room.say(ann);
    const pushes = await awaitedPushes(token, 2);
    expect(pushes.at(-1)).toMatchObject({ apns: { payload: { aps: { badge: 3 } } }, data: { unread: "1" } });
  });

  test("says no name and no word where its user wants none to be seen", async () => {
    const { ann, bob, room, token } = await annAndBob();
    const settings = JSON.stringify({ push_text: false, language: "ru" });
    await db.execute(`update users set settings = '${settings}' where id = '${bob.id}'`);
    const words = unique("words");
    await room.say(ann, words);
    const [push] = await awaitedPushes(token, 1);
    expect(push?.notification).toEqual({ title: "Новое сообщение" });
    for (const text of [words, "Ann", "Lunch"]) expect(JSON.stringify(push)).not.toContain(text);
  });

  test("is nothing that is kept, asked or called for who has no device, or none any more", async () => {
    const { ann, bob, room } = await pair();
    await room.say(ann);
    await room.settled();
    const tables = await insideUser(bob, ({ storage }) =>
      storage.sql.exec("select name from sqlite_master where name = 'pushes'").toArray(),
    );
    expect(tables).toEqual([]);
    await pushedTo(bob);
    await deleteDevice(db, bob.id, "device-0");
    await room.say(ann);
    await settled(room, bob);
    await room.say(ann);
    await room.settled();
    expect(await waiting(bob)).toBe(0);
    const [left] = await insideUser(bob, ({ storage }) => storage.sql.exec("select * from pushing").toArray());
    expect(left).toBeUndefined();
  });

  test("goes to no device of a session that has ended", async () => {
    const { ann, bob, room, token } = await annAndBob();
    await endSessions(db, bob.id, {}, Date.now());
    await room.say(ann);
    await settled(room, bob);
    expect(await pushesTo(token)).toEqual([]);
  });
});

describe("what is shown", () => {
  /** Bob's devices show one message of Ann's. */
  async function shown(platforms?: Platform[]) {
    const world = await annAndBob(platforms);
    const said = await world.room.say(world.ann);
    await awaitedPushes(world.token, 1);
    await settled(world.room, world.bob);
    return { ...world, said };
  }
  type World = Awaited<ReturnType<typeof shown>>;

  test.each<[string, (world: World) => Promise<unknown>]>([
    ["read over REST", ({ room, bob, said }) => readBy(room, bob, said.sequence)],
    [
      "read on a direct socket",
      async ({ room, bob, said }) => (await room.socket(bob)).ask({ type: "mark_read", sequence: said.sequence }),
    ],
    [
      "read on a user socket",
      async ({ room, bob, said }) =>
        (await userSocket(bob)).ask({ type: "mark_read", conversation_id: room.id, sequence: said.sequence }),
    ],
    ["answered", ({ room, bob }) => room.say(bob)],
    [
      "answered on a direct socket",
      async ({ room, bob }) => (await room.socket(bob)).ask({ type: "message", content: "x" }),
    ],
    ["deleted", ({ room, ann, said }) => room.ask(ann, { type: "message_delete", message_id: said.id })],
    ["in a group that is deleted", ({ room, ann }) => room.ask(ann, { type: "delete" })],
    ["in a group one is removed from", ({ room, ann, bob }) => room.remove(ann, bob)],
  ])("is taken away without a sound when it is %s", async (_, happens) => {
    const world = await shown(["android", "ios"]);
    const { room, tokens } = world;
    await happens(world);
    for (const token of tokens) {
      const pushes = await awaitedPushes(token, 2);
      expect(pushes[1]).toMatchObject({ data: { type: "clear", conversation_id: room.id, unread: "0", badge: "0" } });
      expect(pushes[1]).not.toHaveProperty("notification");
    }
    await settled(room, world.bob);
    expect(await everyone(tokens)).toEqual([2, 2]);
  });

  test("stays where something else is read, deleted, or said to a socket that is there by now", async () => {
    const { ann, bob, room, token } = await shown();
    const line = await userSocket(bob);
    const later = await room.say(ann, "later");
    await line.ofType("message");
    await room.ask(ann, { type: "message_delete", message_id: later.id });
    await line.ofType("message_delete");
    await settled(room, bob);
    expect(await pushesTo(token)).toHaveLength(1);
  });

  test("gives way to what came after what was deleted before it was pushed", async () => {
    const { ann, bob, room, token } = await annAndBob();
    const first = await room.say(ann, "first");
    await room.say(ann, "second");
    await room.ask(ann, { type: "message_delete", message_id: first.id });
    const [push] = await awaitedPushes(token, 1);
    expect(push).toMatchObject({ notification: { body: "Ann: second" }, data: { unread: "1" } });
    await settled(room, bob);
  });

  test("is not taken away on the web, where a browser would show that", async () => {
    const { bob, room, said, tokens } = await shown(["android", "web"]);
    await readBy(room, bob, said.sequence);
    await awaitedPushes(tokens[0] ?? "", 2);
    await settled(room, bob);
    expect(await everyone(tokens)).toEqual([2, 1]);
  });
});
