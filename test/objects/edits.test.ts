import { and, eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { messages } from "../../src/db/schema.ts";
import { isAbout } from "../../src/objects/log-schema.ts";
import { db, type Json, pair, type Room, type Someone, soon, unique, userSocket, withLimits } from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, keptEvents: 8, pruneSlack: 2, rebuildRows: 4 });

const edit = (room: Room, who: Someone, message_id: string, content = "better") =>
  room.ask(who, { type: "message_edit", message_id, content });
const remove = (room: Room, who: Someone, message_id: string) => room.ask(who, { type: "message_delete", message_id });

async function archived(room: Room, id: string): Promise<Json> {
  const [row] = await db
    .select()
    .from(messages)
    .where(and(eq(messages.conversation_id, room.id), eq(messages.id, id)));
  return row;
}

describe("an edited message", () => {
  test("says so wherever it is shown, and replays as it happened", async () => {
    const { room, ann, bob } = await pair();
    const { id } = await room.say(ann, "first");
    await edit(room, ann, id, "second");
    await edit(room, ann, id, "third");
    const shown = { id, content: "third", is_edited: true, sequence: 1 };
    expect((await room.page(bob)).items).toMatchObject([shown]);
    expect((await room.page(bob, { after: 0 })).items).toMatchObject([shown]);
    expect(await room.object.message(bob.id, id)).toMatchObject({ value: shown });
    expect((await room.record(bob)).last_message).toMatchObject(shown);
    const log = await room.log(bob);
    expect(log.map(({ type, content }) => [type, content])).toEqual([
      ["message", "first"],
      ["message_edit", "second"],
      ["message_edit", "third"],
    ]);
    expect((await room.page(bob)).items[0]?.updated_at).toBe(log[2].updated_at);
    expect((await room.record(bob)).me.unread).toBe(1);
    await room.settled();
    expect(await archived(room, id)).toMatchObject({ content: "third", is_edited: true, edited_sequence: 3 });
  });

  test.each(["evicted", "killed", "emptied"] as const)("is the same after its object was %s", async (what) => {
    const { room, ann, bob } = await pair();
    const { id } = await room.say(ann, "first");
    await edit(room, ann, id);
    if (what === "emptied") await room.settled();
    await room[what]();
    expect((await room.page(bob)).items).toMatchObject([{ id, content: "better", is_edited: true }]);
    await edit(room, ann, id, "best");
    expect((await room.page(bob)).items).toMatchObject([{ id, content: "best" }]);
    await room.settled();
    expect(await archived(room, id)).toMatchObject({ content: "best" });
  });

  test("is the same below the floor, also while Postgres has not heard of the last edit", async () => {
    const { room, ann, bob } = await pair();
    const { id } = await room.say(ann, "first");
    for (let at = 0; at < 14; at++) await room.say(bob, `number ${at}`);
    await room.settled();
    await expect.poll(() => floorOf(room)).toBeGreaterThan(1);
    const isDrain = (body: string) => body.includes("insert into");
    await whilePostgres(
      room.id,
      (body) => (isDrain(body) ? "away" : "fine"),
      async () => {
        await edit(room, ann, id);
        expect(await room.object.message(bob.id, id)).toMatchObject({ value: { content: "better", is_edited: true } });
        expect((await room.page(bob, { after: 0, limit: 1 })).items).toMatchObject([{ content: "better" }]);
      },
    );
    await room.settled();
    expect(await archived(room, id)).toMatchObject({ content: "better" });
  });

  test("is found by its id though the object that was rebuilt does not know it yet", async () => {
    const { room, ann } = await pair();
    const { id } = await room.say(ann, "first");
    for (let at = 0; at < 6; at++) await room.say(ann, `number ${at}`);
    await room.settled();
    await room.emptied();
    await edit(room, ann, id);
    await remove(room, ann, id);
    expect(await room.object.message(ann.id, id)).toMatchObject({ value: { is_deleted: true, content: "" } });
  });

  test("is gone once it is deleted, though neither its id nor Postgres knows yet; and stays so", async () => {
    const { room, ann } = await pair();
    const { id } = await room.say(ann, "first");
    for (let at = 0; at < 6; at++) await room.say(ann, `number ${at}`);
    await room.settled();
    await room.emptied();
    const isWriting = (body: string) => body.includes("insert into");
    await whilePostgres(
      room.id,
      (body) => (isWriting(body) ? "away" : "fine"),
      async () => {
        await remove(room, ann, id);
        const gone = { is_deleted: true, content: "" };
        expect(await room.object.message(ann.id, id)).toMatchObject({ value: gone });
        await expect(edit(room, ann, id, "back")).rejects.toMatchObject({ code: "CONFLICT" });
        await expect.poll(() => room.rows("select is_complete from room")).toEqual([{ is_complete: 1 }]);
        expect(await room.rows("select is_deleted from events where id = ?", id)).toEqual([{ is_deleted: 1 }]);
      },
    );
    await room.settled();
    await expect(edit(room, ann, id, "back")).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await room.log(ann, 7)).map(({ type }) => type)).toEqual(["message_delete"]);
    expect(await archived(room, id)).toMatchObject({ content: "", is_deleted: true });
  });

  test("below the floor is repeated as history shows it, also where Postgres has not heard of the edit", async () => {
    const { room, ann, bob } = await pair();
    const { id } = await room.say(ann, "first");
    for (let at = 0; at < 14; at++) await room.say(bob, `number ${at}`);
    await room.settled();
    await expect.poll(() => floorOf(room)).toBeGreaterThan(1);
    await whilePostgres(
      room.id,
      (body) => (body.includes("insert into") ? "away" : "fine"),
      async () => {
        await edit(room, ann, id);
        const { events } = await room.ask(ann, { type: "message", content: "first", id });
        expect(JSON.parse(events[0] ?? "")).toMatchObject({ id, content: "better", is_edited: true });
      },
    );
  });
});

describe("what is about a message", () => {
  test("is found by an index, however long the log is", async () => {
    const { room } = await pair();
    for (const query of [
      `select frame from events where target = 'x' and ${isAbout} and type = 'message_delete'`,
      `select frame, max(sequence) from events
       where ${isAbout} and type = 'message_edit' and target in (select value from json_each('[]')) group by target`,
      `update events set frame = '' where target = 'x' and ${isAbout} and type = 'message_edit' and frame is not null`,
    ]) {
      const plan = await room.rows(`explain query plan ${query}`);
      expect(plan.map(({ detail }) => detail).join("; "), query).toContain("USING INDEX events_about");
    }
  });
});

describe("a deleted message", () => {
  test("leaves nothing of any of its words: not in the log, in memory, in a replay, or in Postgres", async () => {
    const { room, ann, bob } = await pair();
    const words = [unique("first"), unique("second"), unique("third")] as const;
    const line = await room.socket(bob);
    const { id } = await room.say(ann, words[0]);
    await edit(room, ann, id, words[1]);
    await room.settled();
    await edit(room, ann, id, words[2]);
    await remove(room, ann, id);
    await line.ofType("message_delete");
    const replayed = JSON.stringify(await room.log(bob));
    const page = JSON.stringify(await room.page(bob));
    await room.settled();
    const row = JSON.stringify(await archived(room, id));
    for (const word of words) {
      expect(await room.everything()).not.toContain(word);
      for (const text of [replayed, page, row]) expect(text).not.toContain(word);
    }
    expect((await room.page(bob)).items).toMatchObject([{ id, content: "", is_deleted: true, is_edited: true }]);
    expect(await archived(room, id)).toMatchObject({ content: "", is_deleted: true, is_edited: true });
    expect((await room.record(bob)).me.unread).toBe(0);
    const repeated = await room.ask(ann, { type: "message", content: words[0], id });
    expect(JSON.parse(repeated.events[0] ?? "")).toMatchObject({ id, content: "", is_deleted: true });
  });

  test("by a socket is answered by its frame, and again by the same one, to that socket only", async () => {
    const { room, ann, bob } = await pair();
    const [anns, bobs, user] = [await room.socket(ann), await room.socket(bob), await userSocket(ann)];
    const { id: message_id } = await anns.ask({ type: "message", content: "oh" });
    expect(await anns.ask({ type: "message_edit", message_id, content: "ah" })).toMatchObject({
      type: "message_edit",
      content: "ah",
      sequence: 2,
    });
    const deleted = await anns.ask({ type: "message_delete", message_id });
    expect(deleted).toMatchObject({ type: "message_delete", sequence: 3, message_id, deleted_by: ann.id });
    await user.ofType("message_delete");
    const to = { conversation_id: room.id };
    expect(await anns.ask({ type: "message_delete", message_id })).toEqual(deleted);
    expect(await user.ask({ type: "message_delete", message_id, ...to })).toEqual(deleted);
    expect((await bobs.caughtUp()).map(({ type }) => type)).toEqual(["message", "message_edit", "message_delete"]);
    expect(await bobs.ask({ type: "message_edit", message_id, content: "eh" })).toMatchObject({
      code: "PERMISSION_DENIED",
    });
  });
});

async function floorOf(room: Room): Promise<number> {
  return (await room.rows("select floor from room"))[0].floor;
}
