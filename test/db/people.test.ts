import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { peopleByIds } from "../../src/db/people.ts";
import { blocks, users } from "../../src/db/schema.ts";
import { db, somebody } from "../support/room.ts";

describe("people", () => {
  test("are what their accounts say, in the order asked for", async () => {
    const [ann, bob, cem] = [await somebody("Ann"), await somebody("Bob"), await somebody("Cem")];
    const created_at = new Date();
    await db.insert(blocks).values([bob, cem].map(({ id }) => ({ user_id: ann.id, blocked_id: id, created_at })));
    const settings = { last_seen: "nobody", read_receipts: false };
    await db.update(users).set({ settings }).where(eq(users.id, bob.id));
    const [first, second] = await peopleByIds(db, [bob.id, newId(), ann.id]);
    expect(first).toEqual({ user_id: bob.id, name: "Bob", shows_reading: false, shows_presence: false, blocks: [] });
    expect(second).toMatchObject({ user_id: ann.id, name: "Ann", shows_reading: true, shows_presence: true });
    expect(new Set(second?.blocks)).toEqual(new Set([bob.id, cem.id]));
  });

  test("are not those whose account is deleted", async () => {
    const ann = await somebody("Ann");
    await db.update(users).set({ deleted_at: new Date() }).where(eq(users.id, ann.id));
    expect(await peopleByIds(db, [ann.id])).toEqual([]);
  });
});
