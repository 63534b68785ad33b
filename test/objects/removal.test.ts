import { afterEach, describe, expect, test, vi } from "vitest";
import { UserObject } from "../../src/objects/user.ts";
import { type Room, type Someone, someRoom, soon, until, userSocket, withLimits } from "../support/room.ts";

withLimits(soon);

afterEach(() => void vi.restoreAllMocks());

async function trio() {
  const { room, people } = await someRoom(3);
  const [ann, bob, cem] = people as [Someone, Someone, Someone];
  return { room, ann, bob, cem };
}

describe("a removal", () => {
  test("that has returned lets no later event reach who was removed, on either socket", async () => {
    const { room, ann, bob, cem } = await trio();
    const [direct, user, anns] = [await room.socket(cem), await userSocket(cem), await userSocket(ann)];
    await room.say(ann, "before");
    await room.remove(ann, cem);
    await room.say(bob, "after");
    await room.ask(bob, { type: "mark_read", sequence: 3 });
    await anns.ofType("message_read");
    await room.settled();
    expect(await direct.ended()).toMatchObject({ code: 4403 });
    expect(direct.frames).toMatchObject([
      { content: "before" },
      { type: "member_removed", user_id: cem.id, sequence: 2 },
    ]);
    expect((await user.caughtUp()).filter((frame) => "epoch" in frame)).toMatchObject([
      { content: "before" },
      { type: "member_removed", user_id: cem.id, by: ann.id },
    ]);
    expect(user.frames.some((frame) => frame.type === "message_read")).toBe(false);
  });

  test("in the middle of a flood cuts the flood for who was removed, and for nobody else", async () => {
    const { room, ann, bob, cem } = await trio();
    const lines = { cem: await room.socket(cem), cems: await userSocket(cem), bob: await room.socket(bob) };
    const flood = Array.from({ length: 20 }, (_, at) => ({ type: "message" as const, content: `number ${at}` }));
    const removal = { type: "remove_member" as const, user_id: cem.id };
    // One call is one turn but for its first command: what comes after the removal is written with it.
    await room.execute(ann, [...flood.slice(0, 10), removal, ...flood.slice(10)]);
    await room.settled();
    await lines.bob.caughtUp();
    await lines.cems.caughtUp();
    expect(lines.bob.events).toHaveLength(21);
    for (const line of [lines.cem, lines.cems]) {
      expect(line.events.map((event) => event.sequence)).toEqual(Array.from({ length: 11 }, (_, at) => at + 1));
    }
  });

  test("raced by a send of the one it removes: the send is before it, or refused", async () => {
    const { room, ann, cem } = await trio();
    const line = await room.socket(cem);
    const removed = room.remove(ann, cem);
    line.send({ type: "message", content: "one last word" });
    await removed;
    const log = await room.log(ann);
    const removedAt = log.find((event) => event.type === "member_removed").sequence;
    for (const event of log) if (event.sender_id === cem.id) expect(event.sequence).toBeLessThan(removedAt);
    await expect(room.say(cem)).rejects.toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
  });

  test("while the object sleeps ends the socket it finds on waking", async () => {
    const { room, ann, bob, cem } = await trio();
    const [cems, bobs] = [await room.socket(cem), await room.socket(bob)];
    await room.evicted();
    await room.remove(ann, cem);
    await room.say(ann, "after");
    expect(await cems.ended()).toMatchObject({ code: 4403 });
    expect(cems.events).toMatchObject([{ type: "member_removed" }]);
    await bobs.caughtUp();
    expect(bobs.events).toMatchObject([{ type: "member_removed" }, { content: "after" }]);
  });

  test("leaves nothing to ask for: no history, no record, no sync, no socket, no subscription", async () => {
    const { room, ann, cem } = await trio();
    const user = await userSocket(cem);
    await room.remove(ann, cem);
    await user.ofType("member_removed");
    const gone = { code: "CONVERSATION_NOT_FOUND" };
    await expect(room.page(cem)).rejects.toMatchObject(gone);
    await expect(room.record(cem)).rejects.toMatchObject(gone);
    await expect(room.roster(cem)).rejects.toMatchObject(gone);
    await expect(room.socket(cem)).rejects.toThrow("CONVERSATION_NOT_FOUND");
    const to = { conversation_id: room.id };
    expect(await user.ask({ type: "sync", since: 0, ...to })).toMatchObject(gone);
    expect(await user.ask({ type: "subscribe", since: 0, ...to })).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(await user.ask({ type: "message", content: "let me in", ...to })).toMatchObject(gone);
  });

  test("undone by an addition lets them hear from there on, and read all there is", async () => {
    const { room, ann, bob, cem } = await trio();
    const user = await userSocket(cem);
    await room.remove(ann, cem);
    await room.say(bob, "without Cem");
    await room.add(ann, cem);
    await room.say(bob, "with Cem");
    await user.next((frame) => frame.content === "with Cem");
    expect(user.events.map((event) => event.sequence)).toEqual([1, 3, 4]);
    expect(await room.record(cem)).toMatchObject({ sequence: 4, me: { role: "MEMBER", read: 3, unread: 1 } });
  });
});

describe("who was removed", () => {
  test("hears nothing without a sequence either, while the word of it is on its way", async () => {
    const { room, ann, bob, cem } = await trio();
    const user = await userSocket(cem);
    await user.ask({ type: "subscribe", conversation_id: room.id, since: 0 });
    const { deliver } = UserObject.prototype;
    const mayHear = vi.fn(() => false);
    vi.spyOn(UserObject.prototype, "deliver").mockImplementation(async function (this: UserObject, delivery) {
      await until("leave to hear", () => mayHear() || undefined);
      return await deliver.call(this, delivery);
    });
    await room.say(ann, "before");
    await room.remove(ann, cem);
    await room.ask(bob, { type: "typing_start" });
    mayHear.mockReturnValue(true);
    await user.ofType("member_removed");
    await room.settled();
    expect((await user.caughtUp()).filter(({ type }) => type === "typing_start")).toEqual([]);
  });
});

describe("a removal is refused", () => {
  test("to who is not the owner, of the owner, and of who is not in", async () => {
    const { room, ann, bob, cem } = await trio();
    await expect(room.remove(bob, cem)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await expect(room.remove(ann, ann)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await room.remove(ann, cem);
    await expect(room.remove(ann, cem)).rejects.toMatchObject({ code: "USER_NOT_FOUND" });
    expect(await sequences(room, ann)).toEqual([1]);
  });
});

async function sequences(room: Room, who: Someone): Promise<number[]> {
  return (await room.log(who)).map((event) => event.sequence);
}
