import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { changeProfile } from "../../src/db/accounts.ts";
import { deleteBlock, insertBlock } from "../../src/db/blocks.ts";
import { closeAccount } from "../../src/db/forgetting.ts";
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
    expect(first).toEqual({
      user_id: bob.id,
      name: "Bob",
      shows_reading: false,
      shows_presence: false,
      blocks: new Set(),
      revision: 0,
    });
    expect(second).toMatchObject({ user_id: ann.id, name: "Ann", shows_reading: true, shows_presence: true });
    expect(second?.blocks).toEqual(new Set([bob.id, cem.id]));
  });

  test("have a number that rises with each change, by which the later reading is known", async () => {
    const [ann, bob] = [await somebody("Ann"), await somebody("Bob")];
    const at = { most: 1, now: Date.now() };
    const changes = [
      () => changeProfile(db, ann.id, { name: "Anna" }),
      () => changeProfile(db, ann.id, { settings: { read_receipts: false } }),
      () => insertBlock(db, { user_id: ann.id, blocked_id: bob.id, ...at }),
      () => deleteBlock(db, ann.id, bob.id),
    ];
    for (const [made, change] of changes.entries()) {
      await change();
      expect((await peopleByIds(db, [ann.id]))[0]?.revision).toBe(made + 1);
    }
    await deleteBlock(db, ann.id, bob.id);
    await insertBlock(db, { user_id: ann.id, blocked_id: newId(), ...at });
    expect((await peopleByIds(db, [ann.id, bob.id])).map(({ revision }) => revision)).toEqual([changes.length, 0]);
    await closeAccount(db, ann.id, Date.now());
    const [row] = await db.select().from(users).where(eq(users.id, ann.id));
    expect(row?.facts_revision).toBe(changes.length + 1);
  });

  test("are not those whose account is deleted", async () => {
    const ann = await somebody("Ann");
    await db.update(users).set({ deleted_at: new Date() }).where(eq(users.id, ann.id));
    expect(await peopleByIds(db, [ann.id])).toEqual([]);
  });
});
