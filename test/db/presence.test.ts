import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { insertBlock } from "../../src/db/blocks.ts";
import { closeAccount } from "../../src/db/forgetting.ts";
import { viewersOf, visibleTo } from "../../src/db/presence.ts";
import { users } from "../../src/db/schema.ts";
import { db, Room, type Someone, somebody, someRoom } from "../support/room.ts";

const block = (by: Someone, whom: Someone) =>
  insertBlock(db, { user_id: by.id, blocked_id: whom.id, most: 10, now: Date.now() });

const hide = ({ id }: Someone) =>
  db
    .update(users)
    .set({ settings: { last_seen: "nobody" } })
    .where(eq(users.id, id));

/** Whether a viewer may see somebody, as both ask it. */
async function sees(viewer: Someone, seen: Someone): Promise<boolean> {
  const other = await somebody("Eve"); // one who is asked for as well
  const [visible, viewers] = await Promise.all([
    visibleTo(db, viewer.id, [other.id, seen.id]),
    viewersOf(db, seen.id, [other.id, viewer.id]),
  ]);
  expect([visible, viewers.length]).toEqual([visible.length === 0 ? [] : [seen.id], visible.length]);
  return visible.length === 1;
}

/** Ann and Bob, in two groups, of which the archive knows. */
async function acquainted() {
  const { room, people } = await someRoom(3);
  const [ann, bob, cem] = people as [Someone, Someone, Someone];
  const other = await Room.create([ann, bob]);
  await Promise.all([room.settled(), other.settled()]);
  return { rooms: [room, other] as const, ann, bob, cem };
}

describe("somebody is seen", () => {
  test("by who shares a conversation with them, in that list and of these alone", async () => {
    const { ann, bob, cem } = await acquainted();
    expect(await sees(ann, bob)).toBe(true);
    expect(await sees(ann, await somebody())).toBe(false);
    expect((await visibleTo(db, ann.id, [bob.id, cem.id])).toSorted()).toEqual([bob.id, cem.id].toSorted());
    expect(await visibleTo(db, ann.id, [])).toEqual([]);
  });

  test("until the last of these has been left, or deleted", async () => {
    const { rooms, ann, bob } = await acquainted();
    await rooms[0].remove(ann, bob);
    await rooms[0].settled();
    expect(await sees(ann, bob)).toBe(true);
    await rooms[1].ask(ann, { type: "delete" });
    await rooms[1].settled();
    expect([await sees(ann, bob), await sees(bob, ann)]).toEqual([false, false]);
  });

  test("by nobody between whom and them there is a block", async () => {
    const { ann, bob, cem } = await acquainted();
    await block(ann, bob);
    expect([await sees(ann, bob), await sees(bob, ann), await sees(ann, cem)]).toEqual([false, false, true]);
  });

  test("by oneself alone where they show nobody; others they see all the same", async () => {
    const { ann, bob } = await acquainted();
    await hide(bob);
    expect([await sees(ann, bob), await sees(bob, ann), await sees(bob, bob)]).toEqual([false, true, true]);
  });

  test("while they have an account", async () => {
    const { ann, bob } = await acquainted();
    await closeAccount(db, bob.id, Date.now());
    expect([await sees(ann, bob), await sees(bob, ann)]).toEqual([false, false]);
  });
});
