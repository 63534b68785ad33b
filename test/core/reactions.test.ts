import { describe, expect, test } from "vitest";
import { limits } from "../../src/protocol/limits.ts";
import { emoji } from "../../src/protocol/messages.ts";
import { ann, bob, World } from "../support/world.ts";

const id = "01890000-0000-7000-8000-100000000000";
const missing = "01890000-0000-7000-8000-100000000001";
const reaction = (on = true, emoji = "👍", message_id = id) => ({ type: "reaction" as const, message_id, emoji, on });
const pin = (on = true, message_id = id) => ({ type: "pin" as const, message_id, on });

function said(kind: "group" | "dialog" = "group"): World {
  const world = new World(kind);
  world.do({ type: "message", content: "hello", id });
  return world;
}

describe("a reaction", () => {
  test("is an event that names who and what, put on and taken back", () => {
    const world = said();
    const about = {
      conversation_id: world.room.id,
      epoch: "an epoch",
      message_id: id,
      emoji: "👍",
      user_id: bob.user_id,
    };
    world.do(reaction(), bob.user_id);
    world.do(reaction(false), bob.user_id);
    expect(world.events.slice(1)).toEqual([
      { type: "reaction", ...about, sequence: 2, on: true },
      { type: "reaction", ...about, sequence: 3, on: false },
    ]);
  });

  test.each([
    ["reaction", reaction],
    ["pin", pin],
  ] as const)("or a pin that is so already is told again by its own event: %s", (_what, frame) => {
    const world = said();
    for (const on of [true, false]) {
      world.do(frame(on));
      const told = world.frames.at(-1);
      const head = world.room.head;
      expect(world.do(frame(on))).toMatchObject({ ok: true, events: [], replies: [told] });
      expect(world.room.head).toBe(head);
    }
  });

  test.each([
    ["reaction", reaction],
    ["pin", pin],
  ] as const)("or a pin is refused where it never was, and on what is not there or deleted: %s", (_what, frame) => {
    const world = said();
    expect(world.do(frame(false))).toMatchObject({ code: "CONFLICT" });
    const elsewhere = { ...frame(), message_id: missing };
    expect(world.do(elsewhere)).toMatchObject({ code: "MESSAGE_NOT_FOUND" });
    world.do(frame());
    world.do({ type: "message_delete", message_id: id });
    for (const on of [true, false]) expect(world.do(frame(on))).toMatchObject({ code: "CONFLICT" });
  });

  test("of one person does not stand in the way of another's, nor of another emoji", () => {
    const world = said();
    for (const who of [ann, bob]) for (const emoji of ["👍", "❤️"]) world.do(reaction(true, emoji), who.user_id);
    expect(world.events.slice(1).map(({ sequence }) => sequence)).toEqual([2, 3, 4, 5]);
  });

  test("beyond the most different ones is refused; one more of those there is not", () => {
    const world = said();
    for (let at = 0; at < limits.emojisPerMessage; at++) {
      world.do(reaction(true, String.fromCodePoint(0x1f600 + at)));
    }
    expect(world.do(reaction())).toMatchObject({ code: "CONFLICT" });
    expect(world.do(reaction(true, "\u{1f600}"), bob.user_id)).toMatchObject({ ok: true });
    world.do(reaction(false, "\u{1f601}"));
    expect(world.do(reaction())).toMatchObject({ ok: true });
  });

  test("beyond the most on one message is refused", () => {
    const world = said();
    for (let at = 0; at < limits.reactionsPerMessage; at++) {
      world.reactions.set(`${id} 👍 somebody-${at}`, { sequence: at, is_on: true });
    }
    expect(world.do(reaction())).toMatchObject({ code: "CONFLICT" });
  });

  test("waits for a rebuilt conversation to know all of them", () => {
    const world = said();
    world.isLoading = true;
    expect(world.do(reaction())).toMatchObject({
      code: "UNAVAILABLE",
      details: { retry_after_ms: expect.any(Number) },
    });
  });

  test("reaches nobody who has blocked who reacts, and neither does a pin", () => {
    const world = said("dialog");
    const deaf = { ...world.room.members.get(bob.user_id), blocks: new Set([ann.user_id]) };
    world.room = { ...world.room, members: new Map(world.room.members).set(bob.user_id, deaf as never) };
    for (const frame of [reaction(), pin()]) expect(world.do(frame)).toMatchObject({ code: "PERMISSION_DENIED" });
  });
});

describe("a pin", () => {
  test("is for owner and admins, in a dialog for both", () => {
    expect(said().do(pin(), bob.user_id)).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(said("dialog").do(pin(), bob.user_id)).toMatchObject({ ok: true });
    const world = said();
    world.do(pin());
    const place = { conversation_id: world.room.id, epoch: "an epoch", sequence: 2 };
    expect(world.events[1]).toEqual({ type: "pin", ...place, message_id: id, on: true, user_id: ann.user_id });
  });

  test("beyond the most is refused until one is taken down", () => {
    const world = said();
    const ids = Array.from({ length: limits.pins + 1 }, (_, at) => id.slice(0, -4) + String(1000 + at));
    for (const message_id of ids) {
      world.do({ type: "message", content: "hello", id: message_id });
      world.do(pin(true, message_id));
    }
    expect(world.pins.size).toBe(limits.pins);
    const last = ids.at(-1) ?? "";
    expect(world.do(pin(true, last))).toMatchObject({ code: "CONFLICT" });
    world.do(pin(false, ids[0]));
    expect(world.do(pin(true, last))).toMatchObject({ ok: true });
  });
});

describe("an emoji", () => {
  test.each(["👍", "❤️", "❤", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"])("is %s", (text) => {
    expect(emoji.safeParse(text).success).toBe(true);
  });

  test.each(["", "a", "1", "👍👍", "👍 ", ":+1:", "<b>", "‍", "x".repeat(100)])("is not %j", (text) => {
    expect(emoji.safeParse(text).success).toBe(false);
  });
});
