import { describe, expect, test } from "vitest";
import { readersOf } from "../../src/core/readers.ts";
import { limits } from "../../src/protocol/limits.ts";
import type { Reader } from "../../src/protocol/messages.ts";
import { person } from "../support/people.ts";
import { ann, bob, cem, World } from "../support/world.ts";

const message = { sequence: 1, sender_id: ann.user_id };

function readers(world: World, viewer = ann.user_id): Reader[] {
  const found = readersOf(world.room, viewer, message);
  return "ok" in found ? [] : found;
}

describe("the readers of a message", () => {
  test("are the members without its sender, with how far each has got", () => {
    const world = new World("group", [bob, cem]);
    world.do({ type: "message", content: "hi" });
    expect(readers(world)).toEqual([bob, cem].map(({ user_id }) => ({ user_id, delivered: 0, read: 0 })));
    world.do({ type: "ack", sequence: 1 }, bob.user_id);
    world.do({ type: "mark_read", sequence: 1 }, cem.user_id);
    expect(readers(world, bob.user_id)).toEqual([
      { user_id: bob.user_id, delivered: 1, read: 0 },
      { user_id: cem.user_id, delivered: 1, read: 1 },
    ]);
  });

  test("are not those who came later, nor those who have gone", () => {
    const world = new World();
    world.do({ type: "message", content: "hi" });
    world.do({ type: "add_members", people: [cem] });
    expect(readers(world).map(({ user_id }) => user_id)).toEqual([bob.user_id]);
    world.do({ type: "remove_member", user_id: bob.user_id });
    expect(readers(world)).toEqual([]);
  });

  test("who do not show what they read show it to themselves alone", () => {
    const world = new World("group", [{ ...bob, shows_reading: false }]);
    world.do({ type: "message", content: "hi" });
    world.do({ type: "mark_read", sequence: 1 }, bob.user_id);
    expect(readers(world)).toMatchObject([{ delivered: 1, read: 0 }]);
    expect(readers(world, bob.user_id)).toMatchObject([{ delivered: 1, read: 1 }]);
  });

  test("are told in groups up to a size", () => {
    const crowd = Array.from({ length: limits.watermarksShown }, (_, at) => person(`${at}`));
    expect(readersOf(new World("group", crowd.slice(1)).room, ann.user_id, message)).toHaveLength(crowd.length - 1);
    expect(readersOf(new World("group", crowd).room, ann.user_id, message)).toMatchObject({ code: "CONFLICT" });
  });
});
