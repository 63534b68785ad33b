import { describe, expect, test } from "vitest";
import { unwrap } from "../../src/protocol/errors.ts";
import { type Json, pair, type Room, type Someone, someRoom, soon, userSocket, withLimits } from "../support/room.ts";

withLimits({ ...soon, keptEvents: 8, pruneSlack: 2, rebuildRows: 4 });

const react = (room: Room, who: Someone, message_id: string, emoji = "👍", on = true) =>
  room.ask(who, { type: "reaction", message_id, emoji, on });
const pin = (room: Room, who: Someone, message_id: string, on = true) => room.ask(who, { type: "pin", message_id, on });

async function reactionsSeen(room: Room, who: Someone, id: string): Promise<Json> {
  const { items } = await room.page(who, { after: 0 });
  const shown = items.find((message) => message.id === id);
  expect(unwrap(await room.object.message(who.id, id))).toEqual(shown);
  return shown?.reactions;
}

async function pinned(room: Room, who: Someone): Promise<Json[]> {
  return unwrap(await room.object.pins(who.id, { limit: 10 }));
}

/** Something happens to the object, or the log goes on until what was said lies below its floor. */
async function befall(room: Room, what: "nothing" | "evicted" | "killed" | "emptied" | "pruned", who: Someone) {
  if (what === "nothing") return;
  if (what !== "pruned") {
    await room.settled();
    await room[what]();
    await room.settled();
    return;
  }
  for (let at = 0; at < 16; at++) await room.say(who, `number ${at}`);
  await room.settled();
  await expect.poll(async () => (await room.rows("select floor from room"))[0].floor).toBeGreaterThan(6);
}

const fates = ["nothing", "evicted", "killed", "emptied", "pruned"] as const;

describe("reactions", () => {
  test.each(fates)(
    "are shown with their message, who made them in their order, after its object was %s",
    async (what) => {
      const { room, people } = await someRoom(3);
      const [ann, bob, cem] = people as [Someone, Someone, Someone];
      const { id } = await room.say(ann);
      for (const who of [ann, bob, cem]) await react(room, who, id, "❤️");
      await react(room, bob, id);
      await react(room, cem, id, "❤️", false);
      await befall(room, what, ann);
      const seen = () => reactionsSeen(room, ann, id);
      await expect.poll(seen).toEqual([
        { emoji: "❤️", user_ids: [ann.id, bob.id] },
        { emoji: "👍", user_ids: [bob.id] },
      ]);
      expect((await react(room, bob, id)).events).toEqual([]);
      for (const on of [false, true]) await react(room, ann, id, "❤️", on);
      await react(room, cem, id);
      await react(room, bob, id, "❤️", false);
      expect(await seen()).toEqual([
        { emoji: "👍", user_ids: [bob.id, cem.id] },
        { emoji: "❤️", user_ids: [ann.id] },
      ]);
    },
  );

  test("are told to all sockets, a repeat to the asking one alone, by either socket", async () => {
    const { room, ann, bob } = await pair();
    const { id: message_id } = await room.say(ann);
    const [direct, user, bobs] = [await room.socket(ann), await userSocket(ann), await room.socket(bob)];
    const frame = { type: "reaction", conversation_id: room.id, message_id, emoji: "🎉", on: true };
    const told = await direct.ask(frame);
    expect(told).toEqual({ ...frame, epoch: expect.any(String), sequence: 2, user_id: ann.id });
    expect(await user.ofType("reaction")).toEqual(told);
    expect(await user.ask(frame)).toEqual(told);
    expect(await user.ask({ ...frame, on: false })).toMatchObject({ on: false, sequence: 3 });
    expect(await user.ask({ ...frame, emoji: "party", ref: "r" })).toMatchObject({ code: "INVALID_MESSAGE", ref: "r" });
    expect((await bobs.caughtUp()).map(({ sequence }) => sequence)).toEqual([2, 3]);
  });

  test("are of nobody's concern for unread, and go with their message", async () => {
    const { room, ann, bob } = await pair();
    const { id } = await room.say(ann);
    await react(room, ann, id);
    await pin(room, ann, id);
    expect((await room.record(bob)).me.unread).toBe(1);
    await room.ask(ann, { type: "message_delete", message_id: id });
    expect(await reactionsSeen(room, bob, id)).toBeUndefined();
    expect(await pinned(room, bob)).toEqual([]);
    expect(await room.rows("select message_id from reactions union all select message_id from pins")).toEqual([]);
    await expect(react(room, bob, id)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("wait, after a rebuild, until all the archive has are here", async () => {
    const { room, ann, bob } = await pair();
    const said: Json[] = [];
    for (let at = 0; at < 5; at++) said.push(await room.say(ann));
    for (const { id } of said) await react(room, bob, id);
    await room.settled();
    await room.emptied();
    const first = said[0].id;
    const refusals: string[] = [];
    await expect
      .poll(async () => {
        const [answer] = await room.execute(bob, [{ type: "reaction", message_id: first, emoji: "👍", on: true }]);
        if (answer && !answer.ok) refusals.push(answer.code);
        return answer?.ok ? answer.value.events : undefined;
      })
      .toEqual([]);
    expect(new Set(refusals)).toEqual(new Set(["UNAVAILABLE"]));
    expect(await reactionsSeen(room, bob, first)).toEqual([{ emoji: "👍", user_ids: [bob.id] }]);
  });

  test.each(["reaction", "pin"] as const)("and pins have a bucket each, kept over sleep: %s", async (type) => {
    const { room, ann } = await pair();
    const { id } = await room.say(ann);
    const act = (on: boolean) => (type === "pin" ? pin(room, ann, id, on) : react(room, ann, id, "👍", on));
    await room.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 2 });
    await act(true);
    await act(false);
    const refused = { code: "RATE_LIMIT_EXCEEDED" };
    await expect(act(true)).rejects.toMatchObject(refused);
    await room.say(ann);
    await room.evicted();
    await room.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 2 });
    await expect(act(true)).rejects.toMatchObject(refused);
  });
});

describe("pinned messages", () => {
  test.each(fates)(
    "are listed, the one pinned last first, as history shows them, after its object was %s",
    async (what) => {
      const { room, ann, bob } = await pair({ kind: "dialog" });
      const [one, two, three] = [await room.say(ann, "one"), await room.say(bob, "two"), await room.say(ann, "three")];
      for (const { id } of [two, one, three]) await pin(room, ann, id);
      await pin(room, bob, three.id, false);
      await room.ask(ann, { type: "message_edit", message_id: one.id, content: "1" });
      await befall(room, what, ann);
      const pins = await pinned(room, bob);
      expect(pins).toMatchObject([
        { message: { id: one.id, content: "1", is_edited: true }, pinned_by: ann.id, pinned_at: expect.any(String) },
        { message: { id: two.id, content: "two" }, pinned_by: ann.id },
      ]);
      expect(unwrap(await room.object.pins(bob.id, { before: pins[0]?.sequence, limit: 10 }))).toEqual(pins.slice(1));
      const repeat = await pin(room, bob, one.id);
      expect([repeat.events, JSON.parse(repeat.replies[0] ?? "")]).toMatchObject([[], { user_id: ann.id, on: true }]);
      await pin(room, bob, three.id);
      expect((await pinned(room, ann)).map(({ message }) => message.id)).toEqual([three.id, one.id, two.id]);
    },
  );
});
