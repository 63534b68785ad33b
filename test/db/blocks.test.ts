import { inArray } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { blockedBy, insertBlock } from "../../src/db/blocks.ts";
import { closeAccount } from "../../src/db/forgetting.ts";
import { blocks } from "../../src/db/schema.ts";
import { db, somebody } from "../support/room.ts";

const page = { after: undefined, limit: 10 };

describe("a block", () => {
  test("of who is not there, or beyond the most there may be, is none", async () => {
    const [ann, bob, cem] = [await somebody("Ann"), await somebody("Bob"), await somebody("Cem")];
    const block = (blocked_id: string) => insertBlock(db, { user_id: ann.id, blocked_id, most: 1, now: Date.now() });
    expect([await block(newId()), await block(bob.id), await block(cem.id), await block(bob.id)]).toEqual([
      "unknown",
      "blocked",
      "full",
      "blocked",
    ]);
    expect((await blockedBy(db, ann.id, page)).map(({ user }) => user.id)).toEqual([bob.id]);
  });

  test("goes with either of the two accounts", async () => {
    const [ann, bob, cem] = [await somebody("Ann"), await somebody("Bob"), await somebody("Cem")];
    const block = (by: string, blocked_id: string) =>
      insertBlock(db, { user_id: by, blocked_id, most: 10, now: Date.now() });
    await Promise.all([block(ann.id, bob.id), block(cem.id, ann.id), block(cem.id, bob.id)]);
    await closeAccount(db, ann.id, Date.now());
    const left = await db
      .select()
      .from(blocks)
      .where(inArray(blocks.user_id, [ann.id, cem.id]));
    expect(left.map(({ user_id, blocked_id }) => [user_id, blocked_id])).toEqual([[cem.id, bob.id]]);
  });

  test("by an account that ends at the same moment does not outlive it", async () => {
    const [ann, bob] = [await somebody("Ann"), await somebody("Bob")];
    const block = () => insertBlock(db, { user_id: ann.id, blocked_id: bob.id, most: 10, now: Date.now() });
    const [, ...outcomes] = await Promise.all([
      closeAccount(db, ann.id, Date.now()),
      ...Array.from({ length: 8 }, block),
    ]);
    expect(outcomes.every((outcome) => outcome === "blocked" || outcome === "closed")).toBe(true);
    expect(await block()).toBe("closed");
    expect(await blockedBy(db, ann.id, page)).toEqual([]);
  });
});
