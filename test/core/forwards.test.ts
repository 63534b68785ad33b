import { describe, expect, test } from "vitest";
import type { Message } from "../../src/protocol/messages.ts";
import { ann, bob, cem, World } from "../support/world.ts";

const id = "01890000-0000-7000-8000-100000000000";
const elsewhere = "01890000-0000-7000-8000-300000000000";
const source: Message = {
  ...{ conversation_id: elsewhere, epoch: "another epoch", sequence: 7, id: "01890000-0000-7000-8000-200000000007" },
  ...{ content: "as said", sender_id: cem.user_id, sender_name: "Cem", reply_to: elsewhere, media: [] },
  ...{ mentions: [bob.user_id], is_edited: true, is_deleted: false },
  ...{ created_at: "1970-01-01T00:00:01.000Z", updated_at: "1970-01-01T00:00:01.500Z" },
};
const forward = { type: "message_forward" as const, from_conversation_id: elsewhere, message_id: source.id };

describe("a forward", () => {
  test("asks for its source first, where that is", () => {
    const world = new World();
    const wants = { read: { conversation_id: elsewhere, message_id: source.id } };
    expect(world.do(forward)).toMatchObject({ ok: true, events: [], wants });
    const here = { type: "message_forward" as const, message_id: id };
    expect(world.do(here)).toMatchObject({ wants: { read: { conversation_id: world.room.id, message_id: id } } });
  });

  test("is a copy under the name of who forwards, and tells who said it", () => {
    const world = new World();
    world.source = source;
    world.do({ ...forward, id }, bob.user_id);
    expect(world.events).toEqual([
      {
        ...{ type: "message_forward", conversation_id: world.room.id, epoch: "an epoch", sequence: 1, id },
        ...{ content: "as said", sender_id: bob.user_id, sender_name: "B", media: [], mentions: [] },
        ...{ created_at: "1970-01-01T00:00:02.000Z", updated_at: "1970-01-01T00:00:02.000Z" },
        ...{ is_edited: false, is_deleted: false, new_message_id: id, original_message_id: source.id },
        ...{ forwarded_from: { user_id: cem.user_id, message_id: source.id }, forwarded_from_id: cem.user_id },
      },
    ]);
  });

  test("of a forward tells who said it first", () => {
    const world = new World();
    const first = { user_id: ann.user_id, message_id: id };
    world.source = { ...source, forwarded_from: first };
    world.do(forward, bob.user_id);
    const told = { forwarded_from: first, forwarded_from_id: ann.user_id, original_message_id: source.id };
    expect(world.events[0]).toMatchObject(told);
  });

  test("of what is deleted is refused, and so is an edit of the copy", () => {
    const world = new World();
    world.source = { ...source, content: "", is_deleted: true };
    expect(world.do(forward)).toMatchObject({ code: "MESSAGE_NOT_FOUND" });
    world.source = source;
    world.do({ ...forward, id });
    const edit = { type: "message_edit" as const, message_id: id, content: "not as said" };
    expect(world.do(edit)).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(world.events).toHaveLength(1);
  });

  test("twice under one id is once, without its source; of another message it is a conflict", () => {
    const world = new World();
    world.source = source;
    world.do({ ...forward, id });
    world.source = undefined;
    expect(world.do({ ...forward, id })).toMatchObject({ ok: true, events: [], repeat: { id } });
    expect(world.do({ ...forward, id, from_conversation_id: id })).toMatchObject({ code: "CONFLICT" });
    expect(world.do({ ...forward, id }, bob.user_id)).toMatchObject({ code: "CONFLICT" });
    expect(world.do({ type: "message", content: "as said", id })).toMatchObject({ code: "CONFLICT" });
  });

  test("is unread by the others, and read by who forwards", () => {
    const world = new World();
    world.source = source;
    world.do(forward);
    const [anns, bobs] = [ann, bob].map(({ user_id }) => world.room.members.get(user_id));
    expect([anns?.read, bobs?.read]).toEqual([1, 0]);
    expect(world.view.unread(bobs as never)).toBe(1);
  });
});
