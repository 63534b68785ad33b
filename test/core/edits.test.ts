import { describe, expect, test } from "vitest";
import { limits } from "../../src/protocol/limits.ts";
import { ann, bob, cem, World } from "../support/world.ts";

const id = "01890000-0000-7000-8000-100000000000";
const edit = (content = "better", message_id = id) => ({ type: "message_edit" as const, message_id, content });
const removal = (message_id = id) => ({ type: "message_delete" as const, message_id });

function said(kind: "group" | "dialog" = "group", by = bob.user_id): World {
  const world = new World(kind, kind === "group" ? [bob, cem] : [bob]);
  world.do({ type: "message", content: "first", id }, by);
  return world;
}

describe("an edit", () => {
  test("is an event of its own, by who said it", () => {
    const world = said();
    expect(world.do(edit(), bob.user_id)).toMatchObject({ ok: true });
    const place = { conversation_id: world.room.id, epoch: "an epoch", sequence: 2 };
    expect(world.events[1]).toEqual({
      ...{ type: "message_edit", ...place, message_id: id, content: "better" },
      updated_at: "1970-01-01T00:00:02.000Z",
    });
  });

  test("is refused to everybody else, whatever their role, and of what is not there or deleted", () => {
    const world = said();
    expect(world.do(edit())).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(world.do(edit("x", "01890000-0000-7000-8000-100000000001"), bob.user_id)).toMatchObject({
      code: "MESSAGE_NOT_FOUND",
    });
    world.do(removal(), bob.user_id);
    expect(world.do(edit(), bob.user_id)).toMatchObject({ code: "CONFLICT" });
  });

  test("is too late after 48 hours", () => {
    const world = said();
    world.now += limits.editMs;
    expect(world.do(edit(), bob.user_id)).toMatchObject({ ok: true });
    world.now += 1;
    expect(world.do(edit(), bob.user_id)).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(world.do(removal(), bob.user_id)).toMatchObject({ ok: true });
  });

  test("does not reach who has blocked its sender; taking it back does", () => {
    const world = said("dialog", ann.user_id);
    const deaf = { ...world.room.members.get(bob.user_id), blocks: new Set([ann.user_id]) };
    world.room = { ...world.room, members: new Map(world.room.members).set(bob.user_id, deaf as never) };
    expect(world.do(edit())).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(world.do(removal())).toMatchObject({ ok: true });
  });
});

describe("a deletion", () => {
  test("of another's message is for owner and admins, but not of the owner's", () => {
    const world = said();
    expect(world.do(removal(), cem.user_id)).toMatchObject({ code: "PERMISSION_DENIED" });
    world.do({ type: "set_role", user_id: cem.user_id, role: "ADMIN" });
    expect(world.do(removal(), cem.user_id)).toMatchObject({ ok: true });
    const owners = said("group", ann.user_id);
    owners.do({ type: "set_role", user_id: cem.user_id, role: "ADMIN" });
    expect(owners.do(removal(), cem.user_id)).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(owners.do(removal())).toMatchObject({ ok: true });
    const left = said();
    left.do({ type: "leave" }, bob.user_id);
    expect(left.do(removal())).toMatchObject({ ok: true });
  });

  test("of the other one's message is not for a dialog", () => {
    expect(said("dialog").do(removal())).toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("twice is once: the first frame comes again", () => {
    const world = said();
    world.do(removal(), bob.user_id);
    const [, frame] = world.frames;
    expect(world.do(removal(), bob.user_id)).toMatchObject({ ok: true, events: [], replies: [frame] });
    expect(world.frames).toHaveLength(2);
  });
});
