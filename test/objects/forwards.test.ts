import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { ConversationObject } from "../../src/objects/conversation.ts";
import { type Json, pair, Room, type Someone, somebody, soon, until, userSocket, withLimits } from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, keptEvents: 8, pruneSlack: 2, rebuildRows: 4 });

afterEach(() => void vi.restoreAllMocks());

/** Ann is in both, Bob in the source, Cem in the target. */
async function twoRooms() {
  const { ann, bob, room: source } = await pair();
  const cem = await somebody("Cem");
  return { ann, bob, cem, source, target: await Room.create([ann, cem]) };
}

async function forward(who: Someone, from: Room, message_id: string, { to, id }: { to: Room; id?: string }) {
  const { events } = await to.ask(who, { type: "message_forward", from_conversation_id: from.id, message_id, id });
  return JSON.parse(events[0] ?? "null") as Json;
}

async function pruned(room: Room, who: Someone) {
  for (let at = 0; at < 14; at++) await room.say(who, `number ${at}`);
  await room.settled();
  await expect.poll(async () => (await room.rows("select floor from room"))[0].floor).toBeGreaterThan(1);
}

describe("a forward", () => {
  test("says elsewhere what the source says now, and is shown there like any message", async () => {
    const { ann, bob, cem, source, target } = await twoRooms();
    const { id: message_id } = await source.say(bob, "first");
    await source.ask(bob, { type: "message_edit", message_id, content: "second" });
    const copy = await forward(ann, source, message_id, { to: target });
    const forwarded_from = { user_id: bob.id, message_id };
    expect(copy).toMatchObject({ type: "message_forward", content: "second", sender_id: ann.id, forwarded_from });
    const [shown] = (await target.page(cem)).items;
    expect(shown).toMatchObject({ id: copy.id, content: "second", forwarded_from, is_edited: false });
    expect(shown).not.toHaveProperty("new_message_id");
    expect(await target.record(cem)).toMatchObject({ last_message: { id: copy.id }, me: { unread: 1 } });
    await target.settled();
    await target.emptied();
    expect((await target.page(cem)).items).toMatchObject([{ id: copy.id, forwarded_from }]);
    const edit = { type: "message_edit" as const, message_id: copy.id, content: "never said" };
    await expect(target.ask(ann, edit)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("of a forward names who said it first; below the floor of its source too, and within one conversation", async () => {
    const { ann, bob, source, target } = await twoRooms();
    const { id } = await source.say(bob, "first");
    const copy = await forward(ann, source, id, { to: target });
    await pruned(source, bob);
    await pruned(target, ann);
    const again = await forward(ann, target, copy.id, { to: target });
    const back = await forward(ann, target, copy.id, { to: source });
    const direct = await source.socket(bob);
    const here = await direct.ask({ type: "message_forward", message_id: id });
    const forwarded_from = { user_id: bob.id, message_id: id };
    for (const one of [again, back]) {
      expect(one).toMatchObject({ content: "first", forwarded_from, original_message_id: copy.id });
    }
    expect(here).toMatchObject({ content: "first", forwarded_from, original_message_id: id, sender_id: bob.id });
  });

  test("is refused where one is not in both, and of what is deleted or not there", async () => {
    const { ann, bob, cem, source, target } = await twoRooms();
    const { id } = await source.say(bob, "first");
    const unseen = { code: "CONVERSATION_NOT_FOUND" };
    await expect(forward(cem, source, id, { to: target })).rejects.toMatchObject(unseen);
    await expect(forward(bob, source, id, { to: target })).rejects.toMatchObject(unseen);
    await expect(forward(ann, new Room(newId()), id, { to: target })).rejects.toMatchObject(unseen);
    const missing = { code: "MESSAGE_NOT_FOUND" };
    await expect(forward(ann, source, newId(), { to: target })).rejects.toMatchObject(missing);
    await source.ask(bob, { type: "message_delete", message_id: id });
    await expect(forward(ann, source, id, { to: target })).rejects.toMatchObject(missing);
    expect((await target.page(ann)).items).toEqual([]);
  });

  test.each(["evicted", "killed", "emptied", "pruned"] as const)(
    "under one id is once, whatever has become of the source, after its object was %s",
    async (what) => {
      const { ann, bob, source, target } = await twoRooms();
      const { id: message_id } = await source.say(bob, "first");
      const wanted = { to: target, id: newId() };
      const copy = await forward(ann, source, message_id, wanted);
      await source.ask(bob, { type: "message_delete", message_id });
      await target.settled();
      if (what === "pruned") await pruned(target, ann);
      else await target[what]();
      const { epoch } = await target.record(ann);
      expect(await forward(ann, source, message_id, wanted)).toEqual({ ...copy, epoch });
      const other = await source.say(bob, "second");
      await expect(forward(ann, source, other.id, wanted)).rejects.toMatchObject({ code: "CONFLICT" });
    },
  );

  test("deleted is a tombstone, and its source is not touched", async () => {
    const { ann, bob, source, target } = await twoRooms();
    const { id } = await source.say(bob, "said once");
    const copy = await forward(ann, source, id, { to: target });
    await target.ask(ann, { type: "message_delete", message_id: copy.id });
    expect(await target.everything()).not.toContain("said once");
    expect((await target.page(ann)).items).toMatchObject([{ id: copy.id, content: "", is_deleted: true }]);
    expect((await source.page(ann)).items).toMatchObject([{ id, content: "said once", is_deleted: false }]);
  });

  test("keeps its place among what its sender says, though its source is read first; others pass", async () => {
    const { ann, cem, bob, source, target } = await twoRooms();
    const { id } = await source.say(bob, "between");
    const commands = [
      { type: "message" as const, content: "before" },
      { type: "message_forward" as const, from_conversation_id: source.id, message_id: id },
      { type: "message" as const, content: "after" },
    ];
    const [answers] = await Promise.all([target.execute(ann, commands), target.say(cem, "meanwhile")]);
    expect(answers.every(({ ok }) => ok)).toBe(true);
    const said = (await target.log(cem)).filter(({ sender_id }) => sender_id === ann.id).map(({ content }) => content);
    expect(said).toEqual(["before", "between", "after"]);
  });

  test("keeps what its user sends behind it there, in its order, also what comes while it is looked up", async () => {
    const { ann, bob, source, target } = await twoRooms();
    const { id: message_id } = await source.say(bob, "first");
    const line = await target.socket(ann, { batch: true });
    const refs = Array.from({ length: 1_000 }, (_, at) => `${at}`);
    const forwards = new Set([0, 300, 600]);
    const frames = refs.map((ref, at) => {
      if (!forwards.has(at)) return { type: "ping", ref };
      return { type: "message_forward", from_conversation_id: source.id, message_id };
    });
    for (let at = 0; at < frames.length; at += 250) line.send(frames.slice(at, at + 250));
    await line.next((frame) => frame.ref === "999");
    expect(line.frames.map(({ ref, type }) => ref ?? type)).toEqual(
      refs.map((ref, at) => (forwards.has(at) ? "message_forward" : ref)),
    );
  });

  test("does not keep the limit waiting: what is sent behind it counts when it comes", async () => {
    const { ann, bob, source, target } = await twoRooms();
    const { id: message_id } = await source.say(bob, "first");
    await target.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 60 }); // one a second
    const { message } = ConversationObject.prototype;
    const mayAnswer = vi.fn(() => false);
    vi.spyOn(ConversationObject.prototype, "message").mockImplementation(async function (
      this: ConversationObject,
      ...asked
    ) {
      await until("leave to answer", () => mayAnswer() || undefined);
      return await message.apply(this, asked);
    });
    const line = await target.socket(ann, { batch: true });
    const begun = Date.now();
    const forward = { type: "message_forward", from_conversation_id: source.id, message_id };
    const all = Array.from({ length: 60 }, () => ({ type: "message", content: "x" }));
    line.send([...all, forward, { type: "message", content: "one too many", ref: "r" }]);
    await until("the bucket to have more", () => Date.now() > begun + 1_500 || undefined);
    mayAnswer.mockReturnValue(true);
    await line.ofType("message_forward");
    expect(await line.next()).toMatchObject({ type: "error", code: "RATE_LIMIT_EXCEEDED", ref: "r" });
  });

  test("is refused with what it takes to try again while the archive, where its source is, is away", async () => {
    const { ann, bob, source, target } = await twoRooms();
    const { id: message_id } = await source.say(bob, "first");
    await pruned(source, bob);
    const ask = { type: "message_forward", conversation_id: target.id, from_conversation_id: source.id, message_id };
    const line = await userSocket(ann);
    await whilePostgres(
      source.id,
      () => "away",
      async () => {
        const error = await line.ask({ ...ask, ref: "r" });
        expect(error).toMatchObject({ code: "UNAVAILABLE", ref: "r", details: { retry_after_ms: expect.any(Number) } });
      },
    );
    expect(await line.ask(ask)).toMatchObject({ type: "message_forward", content: "first" });
  });

  test("has a bucket of its own, counted again from the log after sleep", async () => {
    const { ann, bob, source, target } = await twoRooms();
    const { id } = await source.say(bob, "first");
    await target.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 2 });
    for (let at = 0; at < 2; at++) await forward(ann, source, id, { to: target });
    const refused = { code: "RATE_LIMIT_EXCEEDED" };
    await expect(forward(ann, source, id, { to: target })).rejects.toMatchObject(refused);
    await target.say(ann);
    await target.evicted();
    await target.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 2 });
    await expect(forward(ann, source, id, { to: target })).rejects.toMatchObject(refused);
  });
});
