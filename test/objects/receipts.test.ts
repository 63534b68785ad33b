import { describe, expect, test } from "vitest";
import { type Json, type Line, type Someone, someRoom, soon, userSocket, withLimits } from "../support/room.ts";

/** So long that what a test does at once is within it. */
withLimits({ ...soon, receiptsMs: 400, receiptsAtOnce: 3 });

const isReceipt = ({ type }: Json) => type === "message_read" || type === "message_delivered";
const receiptsOn = ({ frames }: Line): Json[] => frames.filter(isReceipt);

/** Ann, Bob, Cem and Dot, of whom Ann has said three things; Bob listens on the conversation's socket and on his own. */
async function stage() {
  const { room, people } = await someRoom(4);
  const [ann, bob, cem, dot] = people as [Someone, Someone, Someone, Someone];
  const [direct, user] = [await room.socket(bob), await userSocket(bob)];
  for (const content of ["one", "two", "three"]) await room.say(ann, content);
  for (const line of [direct, user]) await line.next(({ sequence }) => sequence === 3);
  /** Dot's receipt comes after all that are owed by now. @returns what Bob has heard before it */
  const heard = async () => {
    const { sequence } = await room.say(ann);
    await room.ask(dot, { type: "ack", sequence });
    const isDots = (frame: Json) => isReceipt(frame) && frame.user_id === dot.id && frame.sequence === sequence;
    for (const line of [direct, user]) await line.next(isDots);
    const [one, other] = [direct, user].map((line) => receiptsOn(line).filter((frame) => !isDots(frame)));
    expect(other).toEqual(one);
    return one ?? [];
  };
  return { room, ann, bob, cem, dot, direct, user, heard };
}

describe("receipts", () => {
  test("of one who acknowledges much at once are one of each kind, the newest; each is answered at once", async () => {
    const { room, ann, cem, heard, direct } = await stage();
    const line = await room.socket(cem, { batch: true });
    const marks = (type: string, upTo: number) =>
      Array.from({ length: 100 }, (_, at) => ({ type, sequence: at % upTo }));
    line.send([...marks("mark_read", 2), { type: "mark_read", sequence: 2 }, ...marks("ack", 4)]);
    await line.next(({ type, sequence }) => type === "message_ack" && sequence === 3);
    expect(receiptsOn(direct)).toEqual([]);
    expect((await room.roster(ann)).find(({ user_id }) => user_id === cem.id)).toMatchObject({ read: 2, delivered: 3 });
    expect((await line.caughtUp()).filter((frame) => !isReceipt(frame))).toHaveLength(201);
    expect(await heard()).toMatchObject([
      { type: "message_read", sequence: 2, reader_id: cem.id, reader_name: "Cem" },
      { type: "message_delivered", sequence: 3, user_id: cem.id },
    ]);
    expect((await line.caughtUp()).filter(({ type }) => type === "message_read")).toEqual([]);
  });

  test("asked for one by one, by whatever mouth, rise, are fewer, and end with the newest", async () => {
    const { room, ann, cem, heard } = await stage();
    for (let said = 3; said < 30; said++) await room.say(ann);
    const direct = await room.socket(cem);
    const user = await userSocket(cem);
    for (let sequence = 1; sequence <= 30; sequence++) {
      const ack = { type: "ack" as const, sequence };
      if (sequence % 3 === 0) await direct.ask(ack);
      else if (sequence % 3 === 1) await user.ask({ ...ack, conversation_id: room.id });
      else await room.ask(cem, ack);
    }
    const told = (await heard()).map(({ sequence }) => sequence);
    expect(told.at(-1)).toBe(30);
    expect(told).toEqual([...new Set(told)].sort((one, other) => one - other));
    expect(told.length).toBeLessThan(20);
  });

  test("are told to all of the reader's other sockets, and not to the one that read last", async () => {
    const { room, cem, heard } = await stage();
    const [one, other, user] = [await room.socket(cem), await room.socket(cem), await userSocket(cem)];
    await user.ask({ type: "subscribe", conversation_id: room.id, since: 3 });
    await one.ask({ type: "mark_read", sequence: 1 });
    await other.ask({ type: "mark_read", sequence: 2 });
    await heard();
    expect(await one.ofType("message_read")).toMatchObject({ sequence: 2 });
    expect(await user.ofType("message_read")).toMatchObject({ sequence: 2 });
    expect(await user.ofType("inbox")).toMatchObject({ sequence: 4, unread: 2, me: { read: 2 } });
    expect((await other.caughtUp()).filter(({ type }) => type === "message_read")).toEqual([]);
    expect(user.frames.filter(({ type }) => type === "inbox" || type === "message_read")).toHaveLength(2);
  });

  test("are told to the other user sockets with the answer, the last of an array alone", async () => {
    const { room, cem, heard } = await stage();
    const [acting, other] = [await userSocket(cem, { batch: true }), await userSocket(cem)];
    await other.ask({ type: "subscribe", conversation_id: room.id, since: 3 });
    acting.send([1, 2].map((sequence) => ({ type: "mark_read", conversation_id: room.id, sequence })));
    expect(await other.next()).toMatchObject({ type: "message_read", sequence: 2, reader_id: cem.id });
    expect(await other.next()).toMatchObject({ type: "inbox", unread: 1, me: { read: 2 } });
    expect(await heard()).toHaveLength(1);
    const isOwn = ({ type }: Json) => type === "message_read" || type === "inbox";
    expect(other.frames.filter(isOwn)).toHaveLength(2);
    expect((await acting.caughtUp()).filter(isOwn)).toEqual([]);
  });

  test("of a crowd are told few at a time, and all", async () => {
    const { room, bob, cem, dot } = await stage();
    const line = await room.socket(bob, { batch: true });
    for (const who of [cem, dot]) {
      await room.ask(who, { type: "mark_read", sequence: 2 });
      await room.ask(who, { type: "ack", sequence: 3 });
    }
    await line.next(({ type, user_id }) => type === "message_delivered" && user_id === dot.id);
    const readers = line.frames.map(({ reader_id, user_id }) => reader_id ?? user_id);
    expect(readers).toEqual([cem.id, cem.id, dot.id, dot.id]);
    expect(line.raw.map((text) => [JSON.parse(text)].flat().length)).toEqual([3, 1]);
  });
});

describe("nothing is told of a receipt", () => {
  test("of one who was removed meanwhile, not even when they are back", async () => {
    const { room, ann, cem, dot, heard } = await stage();
    for (const who of [cem, dot]) await room.ask(who, { type: "mark_read", sequence: 2 });
    await room.remove(ann, cem);
    await room.remove(ann, dot);
    await room.add(ann, dot);
    expect(await heard()).toEqual([]);
  });

  test("to one who was removed meanwhile", async () => {
    const { room, ann, bob, cem, dot, direct, user } = await stage();
    await room.ask(cem, { type: "mark_read", sequence: 2 });
    await room.remove(ann, bob);
    const dots = await userSocket(dot);
    await room.say(ann);
    await dots.ofType("message_read");
    for (const line of [direct, user]) expect(receiptsOn(line)).toEqual([]);
  });

  test("of one whose account is gone", async () => {
    const { room, cem, heard } = await stage();
    await room.ask(cem, { type: "mark_read", sequence: 2 });
    await room.ask(cem, { type: "ack", sequence: 3 });
    await room.forget(cem);
    expect(await heard()).toEqual([]);
  });

  test("where the conversation is deleted", async () => {
    const [{ room, ann, cem, direct, user }, elsewhere] = [await stage(), await stage()];
    await room.ask(cem, { type: "ack", sequence: 3 });
    await room.ask(ann, { type: "delete" });
    await elsewhere.room.ask(elsewhere.cem, { type: "ack", sequence: 3 });
    await elsewhere.user.ofType("message_delivered");
    expect(await direct.ended()).toMatchObject({ code: 4404 });
    await user.ofType("conversation_deleted");
    for (const line of [direct, user]) expect(receiptsOn(line)).toEqual([]);
  });
});
