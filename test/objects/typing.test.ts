import { describe, expect, test } from "vitest";
import { configOf } from "../../src/env.ts";
import { bindings, killedUser, pair, type Someone, someRoom, soon, userSocket, withLimits } from "../support/room.ts";

withLimits(soon);

const start = { type: "typing_start" };
const stop = { type: "typing_stop" };

/** As the object is configured when it next wakes. */
async function withTimeout(seconds: number, run: () => Promise<void>): Promise<void> {
  const config = configOf(bindings);
  const { WS_TYPING_TIMEOUT } = config;
  Object.assign(config, { WS_TYPING_TIMEOUT: seconds });
  await run().finally(() => Object.assign(config, { WS_TYPING_TIMEOUT }));
}

describe("typing", () => {
  test("is heard by the others who follow, on either socket, and by none of one's own", async () => {
    const { room, ann, bob } = await pair();
    const to = { conversation_id: room.id };
    const [anns, annsOther, bobs, bobsUser] = [
      await room.socket(ann),
      await room.socket(ann),
      await room.socket(bob),
      await userSocket(bob),
    ];
    const annsUser = await userSocket(ann);
    for (const line of [bobsUser, annsUser]) await line.ask({ type: "subscribe", since: 0, ...to });
    anns.send(start);
    const who = { ...to, user_id: ann.id, user_name: "Ann" };
    for (const line of [bobs, bobsUser]) expect(await line.ofType("typing_start")).toEqual({ ...start, ...who });
    anns.send(stop);
    anns.send(stop);
    for (const line of [bobs, bobsUser]) expect(await line.next()).toEqual({ ...stop, ...who });
    annsUser.send({ ...start, ...to });
    for (const line of [bobs, bobsUser]) expect(await line.next()).toEqual({ ...start, ...who });
    for (const line of [anns, annsOther]) expect(await line.caughtUp()).toEqual([]);
    expect((await annsUser.caughtUp()).map(({ type }) => type)).toEqual(["subscribed"]);
    expect((await bobs.caughtUp()).map(({ type }) => type)).toEqual(["typing_start", "typing_stop", "typing_start"]);
  });

  test("is not heard by a user socket that does not follow", async () => {
    const { room, ann, bob } = await pair();
    const [anns, bobs] = [await room.socket(ann), await userSocket(bob)];
    anns.send(start);
    await anns.caughtUp();
    expect((await bobs.caughtUp()).map(({ type }) => type)).toEqual([]);
  });

  test("ends with the message: first what is said, then the stop", async () => {
    const { room, ann, bob } = await pair();
    const [anns, bobs] = [await room.socket(ann), await room.socket(bob)];
    anns.send(start);
    anns.send({ type: "message", content: "here it is" });
    await bobs.ofType("typing_stop");
    expect(bobs.frames.map(({ type }) => type)).toEqual(["typing_start", "message", "typing_stop"]);
    anns.send({ type: "message", content: "and on" });
    await bobs.ofType("message");
    expect((await bobs.caughtUp()).filter(({ type }) => type === "typing_stop")).toHaveLength(1);
  });

  test.each(["direct", "user"] as const)("ends with its %s socket", async (way) => {
    const { room, ann, bob } = await pair();
    const to = { conversation_id: room.id };
    const [anns, bobs] = [way === "direct" ? await room.socket(ann) : await userSocket(ann), await room.socket(bob)];
    anns.send({ ...start, ...to });
    await bobs.ofType("typing_start");
    anns.close(1000);
    expect(await bobs.next()).toMatchObject({ ...stop, user_id: ann.id });
  });

  test("ends by itself some time after the last start, also where the user's object died", async () => {
    await withTimeout(0.3, async () => {
      const { room, ann, bob } = await pair();
      const to = { conversation_id: room.id };
      const [anns, bobs] = [await userSocket(ann), await room.socket(bob)];
      for (let at = 0; at < 3; at++) {
        anns.send({ ...start, ...to });
        await bobs.ofType("typing_start");
      }
      await killedUser(ann);
      expect(await bobs.next()).toMatchObject({ ...stop, user_id: ann.id });
      expect((await bobs.caughtUp()).map(({ type }) => type)).toEqual([
        ...Array(3).fill("typing_start"),
        "typing_stop",
      ]);
    });
  });

  test("of who is removed ends by itself for those who stay", async () => {
    await withTimeout(0.3, async () => {
      const { room, people } = await someRoom(3);
      const [ann, bob, cem] = people as [Someone, Someone, Someone];
      const [anns, bobs] = [await room.socket(ann), await userSocket(bob)];
      bobs.send({ ...start, conversation_id: room.id });
      await anns.ofType("typing_start");
      await room.remove(ann, bob);
      expect(await anns.ofType("typing_stop")).toMatchObject({ user_id: bob.id });
      expect((await bobs.caughtUp()).map(({ type }) => type)).toEqual(["member_removed"]);
      await room.say(cem);
    });
  });

  test("on one socket is not ended by the end of another, nor by a stop that comes by it", async () => {
    const { room, ann, bob } = await pair();
    const to = { conversation_id: room.id };
    const [direct, user, idle, bobs] = [
      await room.socket(ann),
      await userSocket(ann),
      await userSocket(ann),
      await room.socket(bob),
    ];
    user.send({ ...start, ...to });
    await bobs.ofType("typing_start");
    direct.send(start);
    await bobs.ofType("typing_start");
    user.send({ ...stop, ...to });
    await user.caughtUp();
    user.close(1000);
    idle.close(1000);
    await direct.caughtUp();
    direct.send({ type: "message", content: "at last" });
    await bobs.ofType("typing_stop");
    expect(bobs.frames.map(({ type }) => type)).toEqual(["typing_start", "typing_start", "message", "typing_stop"]);
  });

  test("makes no event, writes nothing, and has a limit of its own", async () => {
    const { room, people } = await someRoom(2);
    const [ann] = people as [Someone, Someone];
    await room.limited({ WS_RATE_LIMIT_TYPING_PER_MINUTE: 3 });
    const line = await room.socket(ann);
    const before = await room.everything();
    for (let at = 0; at < 3; at++) line.send(start);
    expect(await line.ask({ ...start, ref: "r" })).toMatchObject({ code: "RATE_LIMIT_EXCEEDED", ref: "r" });
    expect(await line.ask({ type: "message", content: "goes on" })).toMatchObject({ sequence: 1 });
    expect(before).not.toContain("typing");
    expect(await room.everything()).not.toContain("typing");
  });

  test("is nobody's business who is not in, nor of who has blocked one", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    const eve = people[2] as Someone;
    const line = await userSocket(eve);
    expect(await line.ask({ ...start, conversation_id: room.id })).toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    const { room: dialog, ann, bob } = await pair({ kind: "dialog" });
    const known = { user_id: bob.id, name: "Bob", shows_reading: true, shows_presence: true, revision: 1 };
    await dialog.object.know({ ...known, blocks: new Set([ann.id]) });
    const anns = await dialog.socket(ann);
    expect(await anns.ask(start)).toMatchObject({ code: "PERMISSION_DENIED" });
  });
});
