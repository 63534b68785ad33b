import { and, eq, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { closeAccount, eraseConversation } from "../../src/db/forgetting.ts";
import { eraseMedia, markUnused, unusedMedia } from "../../src/db/leftovers.ts";
import { completeMedia, discardUnsent, insertMedia } from "../../src/db/media.ts";
import { media, mediaUses, users } from "../../src/db/schema.ts";
import { db, type Json, pair, Room, type Someone, somebody, soon, userSocket, withLimits } from "../support/room.ts";
import { type Fate, whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, keptEvents: 8, pruneSlack: 2, sweepSoonMs: 5 });

const dayMs = 24 * 60 * 60_000;

/** An upload of somebody's, of which the bytes were looked at. */
async function uploaded({ id: owner_id }: Someone, { isReady = true } = {}): Promise<string> {
  const id = newId();
  const now = new Date();
  const row = { id, owner_id, purpose: "message" as const, content_type: "image/png", size: 7, name: undefined };
  expect(await insertMedia(db, { ...row, created_at: now }, 1_000)).toBe(true);
  if (isReady) await completeMedia(db, id, { width: 3, height: 4, now });
  return id;
}

async function send(room: Room, who: Someone, media_ids: string[], id = newId()): Promise<Json> {
  const { events } = await room.ask(who, { type: "message", content: "", media_ids, id });
  return JSON.parse(events[0] ?? "null");
}

async function stateOf(id: string) {
  const [row] = await db.select().from(media).where(eq(media.id, id));
  const uses = await db.select().from(mediaUses).where(eq(mediaUses.media_id, id));
  return { isClaimed: row?.claimed_at !== null, isUnused: row?.unused_at !== null, uses: uses.length, row };
}

/** How Postgres goes about a statement where no table is too small for an index. */
async function planOf(query: string, params: unknown[]): Promise<string> {
  const [first = "", ...rest] = query.split(/\$\d+/);
  const whole = rest.reduce((before, text, at) => sql`${before}${params[at]}${sql.raw(text)}`, sql.raw(first));
  const [, plan] = await db.batch([db.execute(sql`set local enable_seqscan = off`), db.execute(sql`explain ${whole}`)]);
  return JSON.stringify(plan.rows);
}

describe("files of a message", () => {
  test("are settled before its turn, in the order they were named, and archived with it", async () => {
    const { room, ann, bob } = await pair();
    const ids = [await uploaded(ann), await uploaded(ann)];
    const sent = await send(room, ann, ids);
    expect(sent.media.map(({ id }: Json) => id)).toEqual(ids);
    expect(sent.media[0]).toMatchObject({ width: 3, height: 4, url: `/api/v1/media/${ids[0]}` });
    expect((await room.page(bob)).items).toMatchObject([{ id: sent.id, media: sent.media }]);
    await room.settled();
    const uses = await db.select().from(mediaUses).where(eq(mediaUses.message_id, sent.id));
    expect(uses).toHaveLength(2);
    expect(uses.every((use) => use.is_archived)).toBe(true);
    await room.emptied();
    expect((await room.page(bob)).items).toMatchObject([{ id: sent.id, media: sent.media }]);
  });

  test("are one's own, ready and unsent, or none of them is taken", async () => {
    const { room, ann, bob } = await pair();
    const [mine, unready, bobs] = [await uploaded(ann), await uploaded(ann, { isReady: false }), await uploaded(bob)];
    for (const [ids, path] of [
      [[mine, unready], "media_ids.1"],
      [[bobs, mine], "media_ids.0"],
      [[newId()], "media_ids.0"],
    ] as const) {
      const refused = send(room, ann, [...ids]);
      await expect(refused).rejects.toMatchObject({ code: "INVALID_CONTENT", details: { errors: [{ path }] } });
    }
    expect(await stateOf(mine)).toMatchObject({ isClaimed: false, uses: 0 });
    expect((await room.record(ann)).sequence).toBe(0);
    await send(room, ann, [mine]);
    await expect(send(room, ann, [mine])).rejects.toMatchObject({ code: "INVALID_CONTENT" });
  });

  test("sent again under the same id are the same message, also where the first answer was lost with the object", async () => {
    const { room, ann } = await pair();
    const [file, id] = [await uploaded(ann), newId()];
    await whilePostgres(
      file,
      (body) => (body.includes("media_uses") ? "lost" : "fine"),
      async () => {
        await expect(send(room, ann, [file], id)).rejects.toMatchObject({ code: "UNAVAILABLE" });
      },
    );
    expect(await stateOf(file)).toMatchObject({ isClaimed: true, uses: 1 });
    await room.killed();
    const sent = await send(room, ann, [file], id);
    expect(sent.media).toHaveLength(1);
    expect(await send(room, ann, [file], id)).toEqual(sent);
    expect((await room.record(ann)).sequence).toBe(1);
  });

  test("are free again when their sender is removed in that very moment", async () => {
    const { room, ann, bob } = await pair();
    const file = await uploaded(bob);
    let isIn = true;
    await whilePostgres(
      file,
      async (): Promise<Fate> => {
        if (isIn) await room.remove(ann, bob);
        isIn = false;
        return "fine";
      },
      async () => {
        await expect(send(room, bob, [file])).rejects.toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
      },
    );
    await expect.poll(() => stateOf(file)).toMatchObject({ isClaimed: false, uses: 0 });
  });

  test("go where nobody can see them when the message is deleted, unless a forward has them still", async () => {
    const { room, ann } = await pair();
    const other = await Room.create([ann, await somebody("Cem")]);
    const file = await uploaded(ann);
    const sent = await send(room, ann, [file]);
    const forward = { type: "message_forward" as const, from_conversation_id: room.id, message_id: sent.id };
    const copy = JSON.parse((await other.ask(ann, forward)).events[0] ?? "null");
    expect(copy.media).toEqual(sent.media);
    await room.ask(ann, { type: "message_delete", message_id: sent.id });
    await room.settled();
    expect(await stateOf(file)).toMatchObject({ isUnused: false, uses: 1 });
    expect(await room.everything()).not.toContain(file);
    await other.ask(ann, { type: "message_delete", message_id: copy.id });
    await other.settled();
    await expect.poll(() => stateOf(file)).toMatchObject({ row: undefined });
  });

  test("are looked for when one with files is deleted, and not when any other is", async () => {
    const { room, ann } = await pair();
    const file = await uploaded(ann);
    const [said, sent] = [await room.say(ann), await send(room, ann, [file])];
    await room.settled();
    const sweeps = await whilePostgres(
      'unused_at\\" limit',
      () => "fine",
      async (asked) => {
        await room.ask(ann, { type: "message_delete", message_id: said.id });
        await room.settled();
        await room.say(ann);
        await room.settled();
        await room.ask(ann, { type: "message_delete", message_id: sent.id });
        await expect.poll(() => stateOf(file)).toMatchObject({ row: undefined });
        return asked.length;
      },
    );
    expect(sweeps).toBe(1);
  });

  test("wait for their place behind what their sender said before, and answer by the socket they came by", async () => {
    const { room, ann } = await pair();
    const file = await uploaded(ann);
    const line = await userSocket(ann);
    const to = { conversation_id: room.id };
    line.send({ type: "message", ...to, content: "", media_ids: [file] });
    line.send({ type: "message", ...to, content: "after" });
    line.send({ type: "message", ...to, content: "", media_ids: [file], ref: "again" });
    expect(await line.next()).toMatchObject({ type: "message", media: [{ id: file }] });
    expect(await line.next()).toMatchObject({ content: "after" });
    expect(await line.next()).toMatchObject({ code: "INVALID_CONTENT", ref: "again" });
  });
});

describe("what is asked of Postgres for a message with files", () => {
  test("is found by an index, however many files there are", async () => {
    const { room, ann } = await pair();
    const file = await uploaded(ann);
    const asked = await whilePostgres(
      file,
      () => "fine",
      async (sent) => {
        await send(room, ann, [file]);
        return sent.flatMap(({ body }) => JSON.parse(body).queries ?? []);
      },
    );
    expect(asked.length).toBeGreaterThan(0);
    for (const { query, params } of asked) expect(await planOf(query, params), query).not.toContain("Seq Scan");
  });
});

test("an upload that is taken back in the moment it is sent is one of the two", async () => {
  const { room, ann } = await pair();
  for (let round = 0; round < 8; round++) {
    const file = await uploaded(ann);
    const [sent, isGone] = await Promise.all([
      send(room, ann, [file]).then(
        () => true,
        () => false,
      ),
      discardUnsent(db, file, new Date()),
    ]);
    expect(sent).toBe(!isGone);
  }
});

describe("what nobody uses", () => {
  test("is marked after a day: uploads never sent, and files of a message that never came", async () => {
    const { room, ann } = await pair();
    const [unsent, lost, sent] = [await uploaded(ann), await uploaded(ann), await uploaded(ann)];
    await send(room, ann, [sent]);
    await room.settled();
    const use = { conversation_id: room.id, message_id: newId(), at: new Date(), media_id: lost };
    await db.insert(mediaUses).values(use);
    const claim = { claimed_at: new Date(), claimed_conversation_id: room.id, claimed_message_id: use.message_id };
    await db.update(media).set(claim).where(eq(media.id, lost));
    await markUnused(db, new Date(Date.now() - dayMs), new Date());
    for (const id of [unsent, lost, sent]) expect(await stateOf(id)).toMatchObject({ isUnused: false });
    await markUnused(db, new Date(Date.now() + 1_000), new Date());
    expect(await stateOf(unsent)).toMatchObject({ isUnused: true });
    expect(await stateOf(lost)).toMatchObject({ isUnused: true, uses: 0 });
    expect(await stateOf(sent)).toMatchObject({ isUnused: false, uses: 1 });
  });

  test("goes with the account: its avatar, and uploads it never sent; what it sent stays with the message", async () => {
    const { room, ann } = await pair();
    const [unsent, sent, avatar, groups] = [await uploaded(ann), await uploaded(ann), newId(), newId()];
    await send(room, ann, [sent]);
    for (const id of [avatar, groups]) {
      const row = { owner_id: ann.id, purpose: "avatar" as const, content_type: "image/png", size: 7, name: undefined };
      await insertMedia(db, { id, ...row, created_at: new Date() }, 1_000);
      await db.update(media).set({ claimed_at: new Date() }).where(eq(media.id, id));
    }
    await db
      .update(users)
      .set({ avatar_url: `http://pingme.test/avatars/${avatar}` })
      .where(eq(users.id, ann.id));
    for (let time = 0; time < 2; time++) await closeAccount(db, ann.id, Date.now());
    for (const id of [unsent, avatar]) expect(await stateOf(id)).toMatchObject({ isUnused: true });
    for (const id of [sent, groups]) expect(await stateOf(id)).toMatchObject({ isUnused: false });
  });

  test("goes with the conversation: its avatar, and files of its messages, but for those of others", async () => {
    const { room, ann, bob } = await pair();
    const other = await Room.create([ann, bob]);
    const [sent, forwarded, avatar, others] = [await uploaded(ann), await uploaded(ann), newId(), newId()];
    for (const [id, of] of [
      [avatar, room],
      [others, other],
    ] as const) {
      const row = { owner_id: ann.id, purpose: "avatar" as const, content_type: "image/png", size: 7, name: undefined };
      await insertMedia(db, { id, ...row, created_at: new Date() }, 1_000);
      await db.update(media).set({ claimed_at: new Date() }).where(eq(media.id, id));
      await of.ask(ann, { type: "change", change: { avatar_url: `http://pingme.test/avatars/${id}` } });
    }
    const said = await send(room, ann, [sent, forwarded]);
    await other.ask(ann, { type: "message_forward", from_conversation_id: room.id, message_id: said.id });
    await db.delete(mediaUses).where(and(eq(mediaUses.media_id, sent), eq(mediaUses.conversation_id, other.id)));
    for (const one of [room, other]) await one.settled();
    for (let time = 0; time < 2; time++) await eraseConversation(db, room.id);
    for (const id of [sent, avatar]) expect(await stateOf(id)).toMatchObject({ isUnused: true });
    for (const id of [forwarded, others]) expect(await stateOf(id)).toMatchObject({ isUnused: false });
  });

  test("is not sent nor forwarded any more, nor erased while it is used", async () => {
    const { room, ann } = await pair();
    const [unsent, file] = [await uploaded(ann), await uploaded(ann)];
    const sent = await send(room, ann, [file]);
    for (const id of [unsent, file]) await db.update(media).set({ unused_at: new Date() }).where(eq(media.id, id));
    await expect(send(room, ann, [unsent])).rejects.toMatchObject({ code: "INVALID_CONTENT" });
    const forward = { type: "message_forward" as const, from_conversation_id: room.id, message_id: sent.id };
    expect(JSON.parse((await room.ask(ann, forward)).events[0] ?? "null").media).toEqual([]);
    await db.update(media).set({ unused_at: null }).where(eq(media.id, file));
    await eraseMedia(db, [unsent, file]);
    expect(await stateOf(unsent)).toMatchObject({ row: undefined });
    expect(await stateOf(file)).toMatchObject({ isUnused: false, uses: 1 });
  });

  test("is let off when it is forwarded in that very moment", async () => {
    const { room, ann } = await pair();
    const file = await uploaded(ann);
    await send(room, ann, [file]);
    await db.update(media).set({ unused_at: new Date() }).where(eq(media.id, file));
    expect((await unusedMedia(db, 1_000)).map(({ id }) => id)).not.toContain(file);
    expect(await stateOf(file)).toMatchObject({ isUnused: false });
  });

  test("is bounded by a quota, also where much is asked for at once", async () => {
    const ann = await somebody();
    const row = { owner_id: ann.id, purpose: "message" as const, content_type: "image/png", name: undefined };
    const insert = () => insertMedia(db, { ...row, id: newId(), size: 60, created_at: new Date() }, 100);
    const had = await Promise.all(Array.from({ length: 5 }, insert));
    expect(had.filter(Boolean)).toHaveLength(1);
  });

  test("counts for nobody's quota, and what does is bounded", async () => {
    const ann = await somebody();
    const row = { owner_id: ann.id, purpose: "message" as const, content_type: "image/png", name: undefined };
    const insert = (size: number) => insertMedia(db, { ...row, id: newId(), size, created_at: new Date() }, 100);
    expect([await insert(60), await insert(41), await insert(40)]).toEqual([true, false, true]);
    await db
      .update(media)
      .set({ unused_at: new Date() })
      .where(and(eq(media.owner_id, ann.id), eq(media.size, 60)));
    expect(await insert(60)).toBe(true);
  });
});
