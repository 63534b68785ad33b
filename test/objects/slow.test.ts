import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { exactPing } from "../../src/protocol/frames.ts";
import { type Line, pair, Room, soon, userObject, userSocket, withLimits } from "../support/room.ts";

const kibibyte = 1_024;

withLimits({
  ...soon,
  behindEvents: 20,
  behindBytes: 16 * kibibyte,
  unheardBytes: 64 * kibibyte,
  compareEvents: 4,
  compareBytes: 2 * kibibyte,
});

const long = "x".repeat(3 * kibibyte);
const slow = { code: 4413, reason: "Reader too slow" };

/** Ann's socket of a kind, where Bob speaks. */
async function stage(kind: "direct" | "user") {
  const { room, ann, bob } = await pair();
  const open = (since?: number) =>
    kind === "direct" ? room.socket(ann, since === undefined ? {} : { since }) : userSocket(ann);
  const asleep = () =>
    evictDurableObject((kind === "direct" ? room.object : userObject(ann)) as unknown as DurableObjectStub);
  const line = await open();
  /** Bob says so much, and Ann's sockets that are open hear it. */
  const hear = async (count: number, content = "hello") => {
    let newest = 0;
    for (let said = 0; said < count; said++) newest = (await room.say(bob, content)).sequence;
    return newest;
  };
  const heard = (by: Line, sequence: number) => by.next((frame) => frame.sequence === sequence && "epoch" in frame);
  const ack = (sequence: number) => ({ type: "ack", sequence, conversation_id: room.id });
  return { room, ann, bob, line, open, asleep, hear, heard, ack };
}

async function expectAlive(line: Line) {
  await line.caughtUp();
  expect(line.closed).toBeUndefined();
}

describe.each(["direct", "user"] as const)("a %s socket that acknowledges", (kind) => {
  test("is closed with 4413 when too many events are before it, and has all of them when it resumes", async () => {
    const { room, line, open, hear, heard, ack } = await stage(kind);
    await heard(line, await hear(1));
    await line.ask(ack(1));
    const newest = await hear(30);
    expect(await line.ended()).toEqual(slow);
    const again = await open(1);
    if (kind === "user") again.send({ type: "subscribe", conversation_id: room.id, since: 1 });
    await heard(again, newest);
    expect(again.events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 30 }, (_, at) => at + 2));
  });

  test("is closed with 4413 when too many bytes are before it", async () => {
    const { line, hear, heard, ack } = await stage(kind);
    await heard(line, await hear(1));
    await line.ask(ack(1));
    await hear(7, long);
    expect(await line.ended()).toEqual(slow);
  });

  test("is not while it goes on doing so, by ack or mark_read, though only now and then", async () => {
    const { line, hear, heard, ack } = await stage(kind);
    for (let turn = 0; turn < 4; turn++) {
      const newest = await hear(15);
      await heard(line, newest);
      await line.ask(turn % 2 === 0 ? ack(newest) : { ...ack(newest), type: "mark_read" });
    }
    await expectAlive(line);
  });

  test("is not taken back by what it acknowledges late", async () => {
    const { line, hear, heard, ack } = await stage(kind);
    await heard(line, await hear(1));
    await line.ask(ack(1));
    for (let turn = 0; turn < 3; turn++) {
      const newest = await hear(15);
      await heard(line, newest);
      for (const sequence of [newest, newest - 12]) await line.ask(ack(sequence));
    }
    await expectAlive(line);
  });

  test("is as strictly looked at when its object has slept", async () => {
    const { line, hear, heard, ack, asleep } = await stage(kind);
    await heard(line, await hear(1));
    await line.ask(ack(1));
    await asleep();
    await hear(30);
    expect(await line.ended()).toEqual(slow);
  });

  test("is not behind by what it has asked for", async () => {
    const { line, hear, heard, ack } = await stage(kind);
    await heard(line, await hear(5, long));
    await hear(15);
    await line.ask(ack(20));
    for (let turn = 0; turn < 3; turn++) {
      const { conversation_id } = ack(0);
      await line.ask({ type: "subscribe", conversation_id, since: 0 });
      await line.ask({ type: "sync", conversation_id, since: 0 });
    }
    await hear(10);
    await expectAlive(line);
  });
});

describe.each(["direct", "user"] as const)("a %s socket that acknowledges nothing", (kind) => {
  test("is closed with 4413 when it has said nothing for too many bytes", async () => {
    const { line, hear } = await stage(kind);
    await hear(30, long);
    expect(await line.ended()).toEqual(slow);
  });

  test.each([
    ["exact pings", exactPing],
    ["frames", '{"type":"ping","ref":"r"}'],
  ])("is not while it sends %s, however much it hears", async (_what, text) => {
    const { line, hear } = await stage(kind);
    for (let turn = 0; turn < 6; turn++) {
      await line.ask(text);
      await hear(10, long);
    }
    await expectAlive(line);
    await hear(30, long);
    expect(await line.ended()).toEqual(slow);
  });

  test("may mark as read without having to acknowledge all from then on", async () => {
    const { line, hear, heard, ack } = await stage(kind);
    await heard(line, await hear(1));
    await line.ask({ ...ack(1), type: "mark_read" });
    await hear(40);
    await expectAlive(line);
  });
});

describe("a user socket", () => {
  test("has what came before the event it acknowledges, whatever conversation it came from", async () => {
    const { ann, bob, line, room, hear, heard, ack } = await stage("user");
    const [other, third] = [await Room.create([bob, ann]), await Room.create([bob, ann])];
    let newest = await hear(15);
    await heard(line, newest);
    await line.ask(ack(newest));
    for (let turn = 0; turn < 4; turn++) {
      for (let said = 0; said < 14; said++) await other.say(bob);
      newest = await hear(1);
      await line.next((frame) => frame.conversation_id === room.id && frame.sequence === newest && "epoch" in frame);
      await line.ask(ack(newest));
    }
    await expectAlive(line);
    for (let said = 0; said < 15; said++) await third.say(bob);
    await line.ask(ack(newest));
    for (let said = 0; said < 10; said++) await third.say(bob);
    expect(await line.ended()).toEqual(slow);
  });
});
