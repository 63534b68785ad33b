import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { writeCursor } from "../../src/core/cursor.ts";
import { dialogId } from "../../src/core/hash.ts";
import { insertBlock } from "../../src/db/blocks.ts";
import type { Env } from "../../src/env.ts";
import { type Account, call, get, newAccount, post } from "../support/accounts.ts";
import { bindings, db, withLimits } from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

const as = ({ tokens }: Account) => ({ token: tokens.access_token });
const block = (who: Account, whom: string) => call("PUT", `/users/me/blocks/${whom}`, as(who));
const unblock = (who: Account, whom: string) => call("DELETE", `/users/me/blocks/${whom}`, as(who));
const listed = async (who: Account, query = "") => (await get(`/users/me/blocks${query}`, as(who))).body;
const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);
const openDialog = (who: Account, whom: Account) =>
  post("/conversations", { participant_ids: [whom.user.id] }, as(who));
const say = (who: Account, conversation: string) =>
  post(`/conversations/${conversation}/messages`, { content: "hello" }, as(who));
const pair = () => Promise.all([newAccount("Ann"), newAccount("Bob")]);
const memberIds = async (who: Account, conversation: string) => {
  const { body } = await get(`/conversations/${conversation}/members`, as(who));
  return body.items.map((item: { user: { id: string } }) => item.user.id).sort();
};

describe("a block does", () => {
  test("stand in the list, the newest first, once, until it is taken back", async () => {
    const [ann, bob, cem] = await Promise.all([newAccount("Ann"), newAccount("Bob"), newAccount("Cem")]);
    expect((await block(ann, bob.user.id)).status).toBe(204);
    expect((await block(ann, cem.user.id)).status).toBe(204);
    expect((await block(ann, bob.user.id.toUpperCase())).status).toBe(204);
    const { items, next } = await listed(ann);
    expect([idsOf(items), next]).toEqual([[cem.user.id, bob.user.id], null]);
    expect(Object.keys(items[0]).sort()).toEqual(["created_at", "id", "name"]);
    expect((await unblock(ann, cem.user.id)).status).toBe(204);
    expect((await unblock(ann, cem.user.id)).status).toBe(204);
    expect(idsOf((await listed(ann)).items)).toEqual([bob.user.id]);
    expect((await listed(bob)).items).toEqual([]);
  });

  test("go page by page", async () => {
    const ann = await newAccount();
    const others = await Promise.all(Array.from({ length: 5 }, () => newAccount()));
    const now = Date.now();
    // Two at the same moment, and the rest later.
    for (const [at, other] of others.entries()) {
      const ids = { user_id: ann.user.id, blocked_id: other.user.id };
      await insertBlock(db, { ...ids, most: 10, now: now + Math.max(0, at - 1) });
    }
    const seen: string[] = [];
    let query = "?limit=2";
    for (let page = 0; page < 3; page++) {
      const { items, next } = await listed(ann, query);
      seen.push(...idsOf(items));
      query = `?limit=2&cursor=${next}`;
      expect(next === null).toBe(page === 2);
    }
    expect(new Set(seen)).toEqual(new Set(idsOf(others.map(({ user }) => user))));
    expect(seen.slice(0, 3)).toEqual(idsOf(others.slice(2).map(({ user }) => user)).reverse());
  });

  test("keep somebody from opening a dialog with me, not me from one with them", async () => {
    const [ann, bob] = await pair();
    await block(ann, bob.user.id);
    const refused = await openDialog(bob, ann);
    expect([refused.status, refused.body.code]).toEqual([403, "PERMISSION_DENIED"]);
    expect((await get("/conversations", as(ann))).body.items).toEqual([]);
    const opened = await openDialog(ann, bob);
    expect(opened.status).toBe(201);
    const again = await openDialog(bob, ann);
    expect([again.status, again.body.id]).toEqual([200, opened.body.id]);
  });

  test("keep somebody from writing in our dialog at once, and no longer once it is taken back", async () => {
    const [ann, bob] = await pair();
    const dialog = (await openDialog(bob, ann)).body.id;
    expect((await say(bob, dialog)).status).toBe(201);
    await block(ann, bob.user.id);
    const refused = await say(bob, dialog);
    expect([refused.status, refused.body.code]).toEqual([403, "PERMISSION_DENIED"]);
    expect((await get(`/conversations/${dialog}/messages`, as(bob))).status).toBe(200);
    expect((await openDialog(bob, ann)).status).toBe(200);
    await unblock(ann, bob.user.id);
    expect((await say(bob, dialog)).status).toBe(201);
  });

  test("leave the shared groups and the profiles as they are", async () => {
    const [ann, bob] = await pair();
    const group = (await post("/conversations", { title: "Lunch", participant_ids: [ann.user.id] }, as(bob))).body.id;
    await block(ann, bob.user.id);
    expect((await say(bob, group)).status).toBe(201);
    expect((await say(ann, group)).status).toBe(201);
    expect((await get(`/users/${ann.user.id}`, as(bob))).status).toBe(200);
    expect((await get(`/users/${bob.user.id}`, as(ann))).status).toBe(200);
  });

  test("keep me out of groups of who is blocked, without a reason", async () => {
    const [ann, bob] = await pair();
    const cem = await newAccount("Cem");
    await block(ann, bob.user.id);
    const body = { participant_ids: [ann.user.id, cem.user.id] };
    const made = await post("/conversations", body, as(bob));
    expect([made.status, made.body.kind, made.body.member_count]).toEqual([201, "group", 2]);
    expect(await memberIds(bob, made.body.id)).toEqual([bob.user.id, cem.user.id].sort());
    const added = await post(`/conversations/${made.body.id}/members`, { user_ids: [ann.user.id] }, as(bob));
    expect([added.status, added.body]).toEqual([200, { items: [], not_added: [ann.user.id] }]);
    await unblock(ann, bob.user.id);
    const again = await post(`/conversations/${made.body.id}/members`, { user_ids: [ann.user.id] }, as(bob));
    expect(again.body.not_added).toEqual([]);
  });

  test("let a group be begun again with the same body, though who blocked it is not in it", async () => {
    const [ann, bob] = await pair();
    await block(ann, bob.user.id);
    const body = { id: newId(), title: "Lunch", participant_ids: [ann.user.id] };
    const statuses = [await post("/conversations", body, as(bob)), await post("/conversations", body, as(bob))];
    expect(statuses.map(({ status }) => status)).toEqual([201, 200]);
  });
});

describe("a block refuses", () => {
  test("oneself, who is not there, and what is no id", async () => {
    const ann = await newAccount();
    const oneself = await block(ann, ann.user.id);
    expect([oneself.status, oneself.body.errors[0].path]).toEqual([422, "user_id"]);
    for (const nobody of [newId(), "me", "%00"]) {
      const refused = await block(ann, nobody);
      expect([refused.status, refused.body.code]).toEqual([404, "USER_NOT_FOUND"]);
    }
    expect((await unblock(ann, newId())).status).toBe(204);
    expect((await unblock(ann, "nobody")).status).toBe(404);
  });

  test("who is not signed in, and a cursor that is none of ours", async () => {
    const ann = await newAccount();
    for (const [method, path] of [
      ["PUT", `/${newId()}`],
      ["DELETE", `/${newId()}`],
      ["GET", ""],
    ] as const) {
      const refused = await call(method, `/users/me/blocks${path}`);
      expect([refused.status, refused.body.code]).toEqual([401, "AUTH_REQUIRED"]);
    }
    const yearZero = writeCursor(["0000-01-01T00:00:00.000Z", newId()]);
    for (const query of ["cursor=x", "cursor=WyJhIiwiYiJd", `cursor=${yearZero}`, "limit=0"]) {
      const refused = await get(`/users/me/blocks?${query}`, as(ann));
      expect([refused.status, refused.body.errors[0].path]).toEqual([422, query.split("=")[0]]);
    }
  });

  describe("more than there may be", () => {
    withLimits({ blocksPerUser: 2 });

    test("but not one that is there", async () => {
      const ann = await newAccount();
      const others = await Promise.all(Array.from({ length: 3 }, () => newAccount()));
      const answers = [];
      for (const { user } of others) answers.push((await block(ann, user.id)).status);
      expect(answers).toEqual([204, 204, 409]);
      expect((await block(ann, others[0]?.user.id ?? "")).status).toBe(204);
      await unblock(ann, others[0]?.user.id ?? "");
      expect((await block(ann, others[2]?.user.id ?? "")).status).toBe(204);
    });
  });
});

describe("a block survives", () => {
  test("many at once: there is one", async () => {
    const [ann, bob] = await pair();
    const answers = await Promise.all(Array.from({ length: 8 }, () => block(ann, bob.user.id)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect((await listed(ann)).items).toHaveLength(1);
  });

  test("the moment in which the dialog is opened: it is known there all the same", async () => {
    const [ann, bob] = await pair();
    const dialog = dialogId(ann.user.id, bob.user.id);
    let isBlocked = false;
    // The block is made after the opening has read who has blocked whom, and before the dialog is there.
    const before = async (body: string) => {
      if (!isBlocked && body.includes(dialog)) {
        isBlocked = true;
        await insertBlock(db, { user_id: ann.user.id, blocked_id: bob.user.id, most: 10, now: Date.now() });
      }
      return "fine" as const;
    };
    const opened = await whilePostgres(dialog, before, () => openDialog(bob, ann));
    expect([opened.status, isBlocked]).toEqual([201, true]);
    expect((await say(bob, dialog)).status).toBe(403);
  });

  test("a conversation's object that fails: it is said, and a repeat does it", async () => {
    const [ann, bob] = await pair();
    const dialog = (await openDialog(bob, ann)).body.id;
    const broken = { ...bindings, CONVERSATIONS: away };
    const refused = await call("PUT", `/users/me/blocks/${bob.user.id}`, { ...as(ann), on: broken });
    expect([refused.status, refused.body.code]).toEqual([503, "UNAVAILABLE"]);
    expect((await block(ann, bob.user.id)).status).toBe(204);
    expect((await say(bob, dialog)).status).toBe(403);
  });
});

/** Conversations whose objects cannot be reached. */
const away = {
  idFromName: (name: string) => name,
  get: () => ({ know: () => Promise.reject(new Error("Network connection lost.")) }),
} as unknown as Env["CONVERSATIONS"];
