import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { ConversationObject } from "../../src/objects/conversation.ts";
import { Waits } from "../../src/objects/floods.ts";
import { refuse } from "../../src/protocol/errors.ts";
import { type Line, pair, soon, userSocket, withLimits } from "../support/room.ts";

withLimits({ ...soon, refusedFrames: 20, asksOut: 5 });

afterEach(() => void vi.restoreAllMocks());

describe("who is told to wait", () => {
  test("is not asked about by their object until then; other kinds are", async () => {
    const { room, ann } = await pair();
    await room.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 2 });
    const line = await userSocket(ann);
    const say = (ref: string) => line.ask({ type: "message", conversation_id: room.id, content: "hello", ref });
    for (const ref of ["one", "two"]) expect(await say(ref)).toMatchObject({ type: "message" });
    expect(await say("three")).toMatchObject({ code: "RATE_LIMIT_EXCEEDED", ref: "three" });
    const asked = vi.spyOn(ConversationObject.prototype, "execute");
    const refused = await say("four");
    expect(refused).toMatchObject({ code: "RATE_LIMIT_EXCEEDED", ref: "four" });
    expect(refused.details.retry_after_ms).toBeGreaterThan(0);
    expect(refused.details.retry_after_ms).toBeLessThanOrEqual(30_000);
    expect(asked).not.toHaveBeenCalled();
    expect(await line.ask({ type: "ack", conversation_id: room.id, sequence: 1 })).toMatchObject({
      type: "message_ack",
    });
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test("is asked about again when the time is over, for that bucket alone", () => {
    const waits = new Waits();
    const now = vi.spyOn(Date, "now").mockReturnValue(1_000);
    waits.learn("here", "message", refuse("RATE_LIMIT_EXCEEDED", "wait", { retry_after_ms: 100 }));
    waits.learn("here", "ack", { ok: true, value: undefined });
    now.mockReturnValue(1_040);
    expect(waits.refusalOf("here", "message")).toMatchObject({ details: { retry_after_ms: 60 } });
    for (const [where, type] of [
      ["here", "message_edit"],
      ["here", "ack"],
      ["there", "message"],
    ] as const) {
      expect(waits.refusalOf(where, type)).toBeUndefined();
    }
    now.mockReturnValue(1_100);
    expect(waits.refusalOf("here", "message")).toBeUndefined();
  });
});

describe.each(["user", "direct"] as const)("a flood on a %s socket", (kind) => {
  const flood = (line: Line, roomId: string, count: number) => {
    for (let at = 0; at < count; at++) line.send({ type: "message", conversation_id: roomId, content: `number ${at}` });
  };

  test("is answered for a while, then its socket is closed with 4429; the user's others stay", async () => {
    const { room, ann, bob } = await pair();
    await room.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 2 });
    const open = () => (kind === "user" ? userSocket(ann) : room.socket(ann));
    const [line, other, bobs] = [await open(), await open(), await room.socket(bob)];
    flood(line, room.id, 3);
    await line.next(({ code }) => code === "RATE_LIMIT_EXCEEDED");
    flood(line, room.id, 19);
    await line.caughtUp();
    expect(line.closed).toBeUndefined();
    flood(line, room.id, 2);
    expect(await line.ended()).toMatchObject({ code: 4429 });
    expect(await other.ask({ type: "ping", ref: "r" })).toMatchObject({ type: "pong" });
    expect((await bobs.caughtUp()).filter(({ type }) => type === "message")).toHaveLength(2);
    expect(bobs.closed).toBeUndefined();
  });
});

test("a user socket that asks of more conversations than can be waited for is closed with 4429", async () => {
  const { room, ann } = await pair();
  const line = await userSocket(ann, { batch: true });
  const acks = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ type: "ack", sequence: 0, conversation_id: at % 2 ? newId() : room.id },
    }));
  line.send(acks(5));
  await line.caughtUp();
  expect(line.closed).toBeUndefined();
  line.send(acks(6));
  expect(await line.ended()).toMatchObject({ code: 4429 });
});
