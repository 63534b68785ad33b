import { eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { archive, type Drain } from "../../src/db/archive.ts";
import { conversationsOf, type ListedConversation, type ListPage, placeIn } from "../../src/db/conversations.ts";
import { eraseConversation } from "../../src/db/forgetting.ts";
import { archivedMessages, messagesByIds } from "../../src/db/messages.ts";
import { conversationForRebuild, olderIds } from "../../src/db/rebuild.ts";
import { members, messages, pins, reactions } from "../../src/db/schema.ts";
import { isoTime } from "../../src/protocol/ids.ts";
import { db, type Someone, somebody } from "../support/room.ts";

const nothing = { invites: [], messages: [], edits: [], withMedia: [], reactions: [], pins: [], deleted: [] };
const born = new Date(1_700_000_000_000);

/** A conversation's story as its drains tell it: the state rises from one to the next, each brings its messages. */
async function story(kind: "group" | "dialog" = "group") {
  const people = [await somebody("Ann"), await somebody("Bob")] as const;
  const id = newId();
  const ids = Array.from({ length: 12 }, () => newId());
  /** The `at`th of four drains: messages 3 at + 1 to 3 at + 3, sent by Ann and Bob in turn. */
  const drain = (at: number): Drain => ({
    conversation: {
      id,
      kind,
      title: `title ${at}`,
      epoch: "an epoch",
      sequence: 3 * at + 3,
      member_count: 2,
      created_by: people[0].id,
      body_hash: "x",
      created_at: born,
      updated_at: born,
      active_at: new Date(born.getTime() + at),
      version: at + 1,
    },
    members: people.map(({ id: user_id }) => ({
      conversation_id: id,
      user_id,
      role: "MEMBER",
      joined_at: born,
      joined_sequence: 0,
      read: at,
      delivered: 2 * at,
      muted_until: null,
      archived: false,
      pinned: false,
      hidden: false,
      left_at: null,
      is_barred: false,
      version: at + 1,
    })),
    invites: [],
    edits: [],
    withMedia: [],
    reactions: [],
    pins: [],
    messages: [1, 2, 3].map((place) => message(people[(3 * at + place) % 2] as Someone, 3 * at + place)),
    deleted: [],
  });
  const message = (who: Someone, sequence: number) => ({
    body_hash: `hash ${sequence}`,
    frame: JSON.stringify({
      type: "message",
      conversation_id: id,
      epoch: "an epoch",
      sequence,
      id: ids[sequence - 1],
      content: `number ${sequence}`,
      sender_id: who.id,
      sender_name: who.name,
      media: [],
      mentions: [],
      created_at: isoTime(born.getTime() + sequence),
      updated_at: isoTime(born.getTime() + sequence),
      is_edited: false,
      is_deleted: false,
    }),
  });
  const place = { conversationId: id, epoch: "an epoch", upTo: 100 };
  const found = async () => ({
    rebuilt: await conversationForRebuild(db, id, 100),
    messages: await archivedMessages(db, place, { after: 0 }, 100),
  });
  return { id, ids, people, drain, place, found };
}

describe("archiving", () => {
  test("in any order, with any repeats, ends as archiving once in order does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 8 }), async (repeats) => {
        const { drain, found } = await story();
        for (const at of [...repeats, 0, 1, 2, 3]) await archive(db, drain(at));
        const before = await found();
        for (const at of repeats) await archive(db, drain(at));
        expect(await found()).toEqual(before);
        expect(before.messages.map((one) => one.sequence)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
        expect(before.rebuilt?.conversation).toMatchObject({ sequence: 12, title: "title 3", version: 4 });
        expect(before.rebuilt?.members).toMatchObject([
          { read: 3, delivered: 6 },
          { read: 3, delivered: 6 },
        ]);
      }),
      { numRuns: 10 },
    );
  });

  test("takes the text out of a message that was deleted, also of one it brings itself, and again when repeated", async () => {
    const { id, ids, drain } = await story();
    await archive(db, drain(0));
    const deleting = { ...drain(1), deleted: [ids[0] ?? "", ids[3] ?? ""] };
    await archive(db, deleting);
    await archive(db, deleting);
    await archive(db, drain(0));
    const found = await messagesByIds(db, id, "an epoch", ids.slice(0, 6));
    const shown = found.toSorted((one, other) => one.sequence - other.sequence);
    const kept = [2, 3, 5, 6].map((at) => `number ${at}`);
    expect(shown.filter((message) => !message.is_deleted).map((message) => message.content)).toEqual(kept);
    const gone = shown.filter((message) => message.is_deleted);
    expect(gone).toMatchObject([
      { id: ids[0], content: "", mentions: [], body_hash: "hash 1" },
      { id: ids[3], content: "", mentions: [], body_hash: "hash 4" },
    ]);
  });

  test("keeps the newest of reactions and pins, and none of a deleted message, though an earlier batch comes late", async () => {
    const { id, ids, drain, found } = await story();
    const [kept = "", gone = "", user_id = ""] = ids;
    const place = (message_id: string, sequence: number, is_on: boolean) => ({
      ...{ conversation_id: id, message_id, user_id, sequence, is_on },
    });
    const batch = (at: number, is_on: boolean) => ({
      ...drain(at),
      reactions: [kept, gone].map((message) => ({ ...place(message, 10 + at, is_on), emoji: "👍" })),
      pins: [kept, gone].map((message) => ({ ...place(message, 10 + at, is_on), at: born })),
    });
    const [first, second] = [batch(0, false), { ...batch(1, true), deleted: [gone] }];
    for (const one of [first, second, second, first]) await archive(db, one);
    const { rebuilt } = await found();
    expect(rebuilt?.reactions).toEqual([{ message_id: kept, emoji: "👍", user_id, sequence: 11, is_on: true }]);
    expect(rebuilt?.pins).toEqual([{ ...place(kept, 11, true), at: born }]);
    expect((await db.select().from(pins).where(eq(pins.conversation_id, id))).length).toBe(1);
    await eraseConversation(db, id);
    const left = [pins, reactions].map((table) => db.select().from(table).where(eq(table.conversation_id, id)));
    expect((await Promise.all(left)).flat()).toEqual([]);
  });

  test("never takes a watermark, a sequence or a time of activity back, whatever a later drain says", async () => {
    const { drain, found } = await story();
    await archive(db, drain(3));
    const { conversation, members: rows } = drain(0);
    const later = { ...conversation, version: 9 };
    const marks = rows.map((row) => ({ ...row, version: 9 }));
    await archive(db, { ...nothing, conversation: later, members: marks });
    const { rebuilt } = await found();
    expect(rebuilt?.conversation).toMatchObject({
      sequence: 12,
      title: "title 0",
      active_at: new Date(born.getTime() + 3),
    });
    expect(rebuilt?.members).toMatchObject([{ read: 3, delivered: 6 }, { read: 3 }]);
  });

  test("is all or nothing", async () => {
    const { id, drain } = await story();
    const batch = drain(0);
    const [first] = batch.messages;
    const clash = {
      ...batch,
      messages: [
        ...batch.messages,
        { ...first, frame: (first?.frame ?? "").replace(/"id":"[^"]+"/, `"id":"${newId()}"`) },
      ],
    };
    await expect(archive(db, clash as Drain)).rejects.toThrow();
    expect(await conversationForRebuild(db, id, 100)).toBeUndefined();
    expect(await db.select().from(messages).where(eq(messages.conversation_id, id))).toEqual([]);
  });
});

describe("messages", () => {
  test("are found within their conversation only", async () => {
    const [one, other] = [await story(), await story()];
    await archive(db, one.drain(0));
    const { ids } = one;
    expect((await messagesByIds(db, one.id, "an epoch", ids)).map((message) => message.id).sort()).toEqual(
      ids.slice(0, 3).sort(),
    );
    expect(await messagesByIds(db, other.id, "an epoch", ids)).toEqual([]);
    expect(await archivedMessages(db, other.place, { after: 0 }, 10)).toEqual([]);
  });

  test("are read next to a sequence, both ways, and not above the floor", async () => {
    const { place, drain } = await story();
    for (const at of [0, 1, 2, 3]) await archive(db, drain(at));
    const sequences = async (...[bound, limit, upTo]: [{ before: number } | { after: number }, number, number]) =>
      (await archivedMessages(db, { ...place, upTo }, bound, limit)).map((message) => message.sequence);
    expect(await sequences({ before: 6 }, 3, 100)).toEqual([5, 4, 3]);
    expect(await sequences({ after: 6 }, 3, 100)).toEqual([7, 8, 9]);
    expect(await sequences({ before: 100 }, 3, 8)).toEqual([8, 7, 6]);
    expect(await sequences({ after: 6 }, 10, 8)).toEqual([7, 8]);
  });
});

describe("a rebuild", () => {
  test("is given the members who have not left, and ids newest first, page by page", async () => {
    const { id, ids, people, drain } = await story();
    for (const at of [0, 1, 2, 3]) await archive(db, drain(at));
    await db.update(members).set({ left_at: born }).where(eq(members.user_id, people[1].id));
    const rebuilt = await conversationForRebuild(db, id, 5);
    expect(rebuilt?.members.map((member) => [member.user_id, member.person.name])).toEqual([[people[0].id, "Ann"]]);
    expect(rebuilt?.ids.map((known) => known.id)).toEqual(ids.slice(7).reverse());
    expect(rebuilt?.ids[0]).toMatchObject({
      sequence: 12,
      sender_id: people[0].id,
      body_hash: "hash 12",
      is_deleted: false,
    });
    expect((await olderIds(db, id, 8, 3)).map((known) => known.sequence)).toEqual([7, 6, 5]);
    expect(await olderIds(db, id, 1, 3)).toEqual([]);
    expect(await conversationForRebuild(db, newId(), 5)).toBeUndefined();
  });
});

describe("a list", () => {
  test("is of one's own, newest first, with the last message, what is unread, and a dialog's other person", async () => {
    const [group, dialog] = [await story("group"), await story("dialog")];
    const [ann, bob] = dialog.people;
    for (const at of [0, 1]) await archive(db, dialog.drain(at));
    const joined = { ...group.drain(3), messages: group.drain(0).messages };
    joined.members.push({ ...(joined.members[0] as Drain["members"][0]), user_id: ann.id, read: 1 });
    await archive(db, joined);
    const list = await conversationsOf(db, ann.id, { after: undefined, limit: 10 });
    expect(list.map((item) => item.id)).toEqual([group.id, dialog.id]);
    expect(list[0]).toMatchObject({ title: "title 3", last_message: { sequence: 3 }, me: { read: 1, unread: 2 } });
    expect(list[0]).not.toHaveProperty("peer");
    expect(list[1]).toMatchObject({ peer: { id: bob.id, name: "Bob" }, last_message: { sequence: 6 } });
    expect(list[1]?.me).toMatchObject({ read: 1, delivered: 2, unread: 2 });
    const [first] = list;
    const second = await conversationsOf(db, ann.id, {
      after: first && { pinned: false, active_at: first.active_at, id: first.id },
      limit: 1,
    });
    expect(second.map((item) => item.id)).toEqual([dialog.id]);
    expect(await conversationsOf(db, newId(), { after: undefined, limit: 10 })).toEqual([]);
  });

  test("has pinned ones first, goes on across the last of them, knows archived from others, and leaves hidden ones out", async () => {
    const ann = await somebody("Ann");
    const listed = async (at: number, mine: Partial<Drain["members"][0]> = {}) => {
      const { id, drain } = await story();
      const one = drain(at);
      one.members.push({ ...(one.members[0] as Drain["members"][0]), user_id: ann.id, ...mine });
      await archive(db, one);
      return id;
    };
    const old = await listed(0);
    const pinned = await listed(0, { pinned: true });
    const shelved = await listed(1, { archived: true });
    const pinnedLater = await listed(2, { pinned: true });
    const fresh = await listed(3);
    await listed(3, { hidden: true, pinned: true });
    await listed(3, { left_at: born });
    const list = async (page: Partial<ListPage> = {}) =>
      await conversationsOf(db, ann.id, { after: undefined, limit: 10, ...page });
    const ids = async (page?: Partial<ListPage>) => (await list(page)).map((item) => item.id);
    const whole = [pinnedLater, pinned, fresh, shelved, old];
    expect(await ids()).toEqual(whole);
    expect(await ids({ archived: true })).toEqual([shelved]);
    expect(await ids({ archived: false })).toEqual(whole.filter((id) => id !== shelved));
    for (const limit of [1, 2, 3]) {
      const paged: ListedConversation[] = [];
      for (let page = await list({ limit }); page.length > 0; ) {
        paged.push(...page);
        const last = paged.at(-1);
        page = await list({ limit, after: last && placeIn(last) });
      }
      expect(paged.map((item) => item.id)).toEqual(whole);
    }
  });
});
