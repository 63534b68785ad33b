import { describe, expect, test } from "vitest";
import { told } from "../../src/core/receipts.ts";
import type { Membership, Receipt } from "../../src/core/view.ts";
import { ann, bob, World } from "../support/world.ts";

const read: Receipt = { kind: "read", user_id: bob.user_id, sequence: 2, message_id: "m" };

/** Bob's receipt is told when he has become so. */
function toldOf(receipt: Receipt, changes: Partial<Membership>) {
  const { room } = new World();
  const member = room.members.get(bob.user_id) as Membership;
  return told(receipt, { ...room, members: new Map(room.members).set(bob.user_id, { ...member, ...changes }) });
}

describe("a receipt is told", () => {
  test("under the name and by the setting of then", () => {
    expect(toldOf(read, { name: "Robert" })).toEqual({
      frame: {
        type: "message_read",
        conversation_id: expect.any(String),
        message_id: "m",
        sequence: 2,
        reader_id: bob.user_id,
        reader_name: "Robert",
      },
      to: "all",
    });
    expect(toldOf(read, { shows_reading: false })).toMatchObject({ to: "own" });
  });

  test("of what was delivered to all others, whatever the setting", () => {
    const delivered: Receipt = { kind: "delivered", user_id: bob.user_id, sequence: 2 };
    expect(toldOf(delivered, { shows_reading: false })).toMatchObject({
      frame: { type: "message_delivered", sequence: 2, user_id: bob.user_id },
      to: "others",
    });
  });

  test("of nobody who is gone, has no account, or came after what it is about", () => {
    expect(toldOf(read, { is_deleted: true })).toBeUndefined();
    expect(toldOf(read, { joined_sequence: 2 })).toBeUndefined();
    expect(toldOf(read, { joined_sequence: 1 })).toBeDefined();
    const world = new World();
    world.do({ type: "remove_member", user_id: bob.user_id }, ann.user_id);
    expect(told(read, world.room)).toBeUndefined();
  });
});
