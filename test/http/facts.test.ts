import { describe, expect, test } from "vitest";
import { changeProfile } from "../../src/db/accounts.ts";
import { type Account, newAccount, post } from "../support/accounts.ts";
import { db, Room, soon, until, withLimits } from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, jobSoonMs: 5 });

const as = ({ tokens }: Account) => ({ token: tokens.access_token });
const nameIn = async (room: Room, { user }: Account) =>
  (await room.rows("select name from members where user_id = ?", user.id))[0]?.name;

/** Bob changes between being read and being in it, and what he is now cannot be read again. */
async function whileBobChanges<T>(bob: Account, run: () => Promise<T>): Promise<T> {
  let readings = 0;
  return await whilePostgres(
    bob.user.id,
    async (body) => {
      if (!body.includes("json_agg")) return "fine";
      readings += 1;
      if (readings === 2) await changeProfile(db, bob.user.id, { name: "Robert" });
      return readings === 2 ? "away" : "fine";
    },
    run,
  );
}

describe("who changed while they came into a conversation", () => {
  test("is in it by their new name soon, and what was made is answered as made", async () => {
    const [ann, bob, cem] = await Promise.all([newAccount("Ann"), newAccount("Bob"), newAccount("Cem")]);
    const participant_ids = [bob.user.id, cem.user.id];
    const begun = await whileBobChanges(bob, () => post("/conversations", { participant_ids }, as(ann)));
    expect([begun.status, begun.body.member_count]).toEqual([201, 3]);
    const room = new Room(begun.body.id);
    await until("the new name", async () => (await nameIn(room, bob)) === "Robert" || undefined);
  });

  test("is so too where they were added to one that was there", async () => {
    const [ann, bob] = await Promise.all([newAccount("Ann"), newAccount("Bob")]);
    const { body: group } = await post("/conversations", { title: "Lunch" }, as(ann));
    const path = `/conversations/${group.id}/members`;
    const added = await whileBobChanges(bob, () => post(path, { user_ids: [bob.user.id] }, as(ann)));
    expect([added.status, added.body.not_added]).toEqual([200, []]);
    await until("the new name", async () => (await nameIn(new Room(group.id), bob)) === "Robert" || undefined);
  });
});
