import { and, eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { parseQuery } from "../../src/core/search-query.ts";
import { archive } from "../../src/db/archive.ts";
import { type FoundPlace, type MessageSearch, searchMessages } from "../../src/db/message-search.ts";
import { conversations, members, messages, reactions } from "../../src/db/schema.ts";
import { isoTime } from "../../src/protocol/ids.ts";
import { db, type Someone, somebody, withLimits } from "../support/room.ts";

const born = 1_700_000_000_000;

interface Told {
  content: string;
  sender?: string;
  media?: Record<string, unknown>[];
}

/** A conversation in the archive of these people; the n-th message is said n seconds after it was made. */
async function told(people: Someone[], texts: (string | Told)[]): Promise<string> {
  const id = newId();
  await tell(id, people, texts);
  return id;
}

async function tell(id: string, people: Someone[], texts: (string | Told)[], from = 0): Promise<void> {
  const [first] = people;
  const at = (sequence: number) => new Date(born + 1_000 * sequence);
  const said = texts.map((text, index) => {
    const { content, sender = first?.id, media = [] } = typeof text === "string" ? { content: text } : text;
    const time = isoTime(at(from + index + 1).getTime());
    const head = { type: "message", conversation_id: id, epoch: "an epoch", sequence: from + index + 1, id: newId() };
    const frame = { ...head, content, sender_id: sender, sender_name: "Ann", media, mentions: [], created_at: time };
    const state = { updated_at: time, is_edited: false, is_deleted: false };
    return { body_hash: "x", frame: JSON.stringify({ ...frame, ...state }) };
  });
  const place = { conversation_id: id, joined_at: at(0), joined_sequence: 0, read: 0, delivered: 0, muted_until: null };
  const mine = { archived: false, pinned: false, hidden: false, left_at: null, is_barred: false };
  await archive(db, {
    conversation: {
      ...{ id, kind: "group", epoch: "an epoch", sequence: from + texts.length, created_by: newId(), body_hash: "x" },
      ...{ created_at: at(0), updated_at: at(0), active_at: at(from + texts.length), version: from + 1 },
    },
    members: people.map((who) => ({ ...place, ...mine, user_id: who.id, role: "MEMBER", version: from + 1 })),
    invites: [],
    messages: said,
    edits: [],
    withMedia: [],
    reactions: [],
    pins: [],
    deleted: [],
  });
}

type Asked = Partial<Omit<MessageSearch, "query">>;

async function search(who: Someone, text: string, asked: Asked = {}) {
  const query = parseQuery(text);
  if (!query) throw new Error("The query has no word");
  return await searchMessages(db, { query, userId: who.id, after: undefined, limit: 100, ...asked });
}

async function found(who: Someone, text: string, asked: Asked = {}): Promise<string[]> {
  return (await search(who, text, asked)).map(({ message }) => message.content);
}

describe("messages", () => {
  test("are found by a word in another form, Russian and English, in one text too, whatever the case", async () => {
    const ann = await somebody();
    const mixed = "Отправил документы, she was Running late";
    await told([ann], [mixed, "Nothing of it"]);
    for (const query of [
      "документ",
      "документов",
      "ДОКУМЕНТАМИ",
      "run",
      "runs running",
      "running документы",
      "она LATE",
    ]) {
      const isThere = query !== "она LATE";
      expect(await found(ann, query), query).toEqual(isThere ? [mixed] : []);
    }
  });

  test("are found by the last word half typed, and only by that", async () => {
    const ann = await somebody();
    await told([ann], ["hello wonderful world"]);
    for (const query of ["hel", "hello wonderf", "world wond"]) expect(await found(ann, query), query).toHaveLength(1);
    for (const query of ["wonderf hello", "wor hel lo", "ello"]) expect(await found(ann, query), query).toEqual([]);
  });

  test("are found by words of no meaning as they are, and with е for ё", async () => {
    const ann = await somebody();
    await told([ann], ["to be or not to be", "Ещё не всё", "Ёжик в тумане"]);
    expect(await found(ann, "to be or not")).toEqual(["to be or not to be"]);
    expect(await found(ann, "не все")).toEqual(["Ещё не всё"]);
    for (const query of ["ежик", "ёжики", "ЕЖИКАМИ"]) expect(await found(ann, query), query).toEqual(["Ёжик в тумане"]);
  });

  test("are found by the words of an address, a path, a compound", async () => {
    const ann = await somebody();
    const said = [
      "write to ivan.petrov@mail.example.ru",
      "see https://docs.example.com/a/b_report.pdf?x=1",
      "don't e-mail",
    ];
    await told([ann], said);
    for (const query of ["petrov", "ivan.petrov@mail.example.ru"]) expect(await found(ann, query)).toEqual([said[0]]);
    for (const query of ["report", "docs.example.com", "b_report.pdf"])
      expect(await found(ann, query)).toEqual([said[1]]);
    for (const query of ["don't", "e-mail", "mail"]) expect(await found(ann, query), query).toContain(said[2]);
  });

  test("have a phrase as it stands, not its words in another order or form", async () => {
    const ann = await somebody();
    await told(
      [ann],
      ["see you on Friday, maybe", "on friday you see", "See you, on Friday nights", "see yours on friday"],
    );
    expect(await found(ann, '"see you on friday"')).toEqual(["See you, on Friday nights", "see you on Friday, maybe"]);
    expect(await found(ann, '"you on fri')).toHaveLength(2);
    expect(await found(ann, '"you on fri"')).toEqual([]);
    await told([ann], ["hello world"]);
    expect(await found(ann, '"world hello"')).toEqual([]); // where the stems end, the words as they stand begin
    expect(await found(ann, '"on friday" nights')).toEqual(["See you, on Friday nights"]);
  });

  test("do not have what is excluded, in whatever form", async () => {
    const ann = await somebody();
    await told([ann], ["lunch on Friday", "lunch with friends", "lunches"]);
    expect(await found(ann, "lunch -friend")).toEqual(["lunches", "lunch on Friday"]);
    expect(await found(ann, 'lunch -"on friday" -friends')).toEqual(["lunches"]);
    expect(await found(ann, "lunch -lunch")).toEqual([]);
  });

  test("come with what is on them, as history has it: the most frequent first, nothing that was taken back", async () => {
    const ann = await somebody();
    const conversation_id = await told([ann], ["word"]);
    const message_id = (await search(ann, "word"))[0]?.message.id ?? "";
    const [one, two, three] = [newId(), newId(), newId()];
    const on = (emoji: string, user_id: string, sequence: number, is_on = true) => {
      return { conversation_id, message_id, emoji, user_id, sequence, is_on };
    };
    const put = [on("😀", one, 4), on("❤", three, 3), on("❤", two, 2), on("👍", one, 5), on("❤", one, 6, false)];
    await db.insert(reactions).values(put);
    expect((await search(ann, "word"))[0]?.reactions).toEqual([
      { emoji: "❤", user_ids: [two, three] },
      { emoji: "👍", user_ids: [one] },
      { emoji: "😀", user_ids: [one] },
    ]);
  });

  test("say which of their words are a word of the query in another form", async () => {
    const ann = await somebody();
    await told([ann], ["Documents and документы, a document; running runners"]);
    const [one] = await search(ann, "documented документ run");
    expect(one?.forms.toSorted()).toEqual(["document", "documents", "running", "документы"]);
  });

  test("are the newest first, over all conversations by time", async () => {
    const ann = await somebody();
    await told([ann], ["word 1 a", "word 2 a"]);
    await told([ann], ["word 1 b", "word 2 b", "word 3 b"]);
    const all = await found(ann, "word");
    expect(all.map((content) => content.slice(0, 6))).toEqual(["word 3", "word 2", "word 2", "word 1", "word 1"]);
  });

  test("are found by their sender, their time, and whether they have media", async () => {
    const [ann, bob] = [await somebody(), await somebody("Bob")];
    const media = [{ id: newId(), content_type: "image/png", size: 1, url: "/x" }];
    await told([ann, bob], ["word 1", { content: "word 2", sender: bob.id }, { content: "word 3", media }, "word 4"]);
    expect(await found(ann, "word", { sender: bob.id })).toEqual(["word 2"]);
    const at = (sequence: number) => isoTime(born + 1_000 * sequence);
    expect(await found(ann, "word", { sentBefore: at(3) })).toEqual(["word 2", "word 1"]);
    expect(await found(ann, "word", { sentAfter: at(3) })).toEqual(["word 4"]);
    expect(await found(ann, "word", { sentAfter: at(1), sentBefore: at(4), hasMedia: true })).toEqual(["word 3"]);
    expect(await found(ann, "word", { hasMedia: false, sender: ann.id })).toEqual(["word 4", "word 1"]);
  });
});

describe("nothing is found", () => {
  test("of conversations one is not in, or not any more, or that are deleted; hidden and archived ones are searched", async () => {
    const [ann, bob] = [await somebody(), await somebody("Bob")];
    const room = await told([ann, bob], ["secret"]);
    const stranger = await somebody("Eve");
    for (const conversationId of [undefined, room]) {
      expect(await found(stranger, "secret", { conversationId })).toEqual([]);
      expect(await found(bob, "secret", { conversationId })).toEqual(["secret"]);
    }
    const bobs = and(eq(members.conversation_id, room), eq(members.user_id, bob.id));
    await db.update(members).set({ hidden: true, archived: true }).where(bobs);
    expect(await found(bob, "secret")).toEqual(["secret"]);
    await db
      .update(members)
      .set({ left_at: new Date(born) })
      .where(bobs);
    for (const conversationId of [undefined, room]) expect(await found(bob, "secret", { conversationId })).toEqual([]);
    await db
      .update(conversations)
      .set({ deleted_at: new Date(born) })
      .where(eq(conversations.id, room));
    for (const conversationId of [undefined, room]) expect(await found(ann, "secret", { conversationId })).toEqual([]);
  });

  test("of another conversation whose mark in the index is the same", async () => {
    const ann = await somebody();
    const id = await told([ann], ["word here"]);
    const twin = `${newId().slice(0, -8)}${id.slice(-8)}`;
    await tell(twin, [await somebody("Bob")], ["word there"]);
    expect(await found(ann, "word")).toEqual(["word here"]);
  });

  test("of what was deleted, or said before an edit; no word of it stays", async () => {
    const ann = await somebody();
    const room = await told([ann], ["first secret", "second secret"]);
    const [second, first] = await search(ann, "secret");
    const ids = [first?.message.id ?? "", second?.message.id ?? ""] as const;
    const edit = { message_id: ids[1], sequence: 3, content: "harmless", updated_at: isoTime(born) };
    const [row] = await db.select().from(conversations).where(eq(conversations.id, room));
    if (!row) throw new Error("The conversation is not there");
    const nothing = { members: [], invites: [], messages: [], withMedia: [], reactions: [], pins: [] };
    await archive(db, { conversation: row, ...nothing, edits: [JSON.stringify(edit)], deleted: [ids[0]] });
    expect(await found(ann, "secret")).toEqual([]);
    expect(await found(ann, "harmless")).toEqual(["harmless"]);
    const kept = await db.select({ words: messages.words }).from(messages).where(eq(messages.conversation_id, room));
    expect(JSON.stringify(kept)).not.toContain("secret");
  });
});

describe("a message", () => {
  test("of one word as long as a message can be is archived, and found by its beginning", async () => {
    const ann = await somebody();
    for (const word of ["x".repeat(4_000), "x".repeat(2_046), "ж".repeat(1_020), "word".repeat(20)]) {
      await told([ann], [word]);
    }
    expect(await found(ann, "word".repeat(15))).toHaveLength(1);
    expect(await found(ann, "x".repeat(60))).toHaveLength(1);
    expect(await found(ann, "ж".repeat(60))).toHaveLength(1);
  });
});

/** What few have is looked at as a whole, what many have is read back in time: by small numbers all ways are gone. */
describe.each([
  ["by a glance", {}],
  ["by the index", { searchGlance: 0 }],
  ["by reading", { searchGlance: 0, searchSample: 3, searchLookups: 1_000 }],
  ["by reading in vain", { searchGlance: 0, searchSample: 3, searchLookups: 1_000, searchSlice: 2 }],
  ["by the index, where there are many", { searchGlance: 0, searchSample: 3, searchLookups: 0 }],
])("pages, %s", (_way, changes) => {
  withLimits(changes);

  test("go on where the last one ended, without gap or repeat, while more is said", async () => {
    const ann = await somebody();
    const rooms: string[] = [];
    for (let at = 0; at < 4; at++) {
      const said = Array.from({ length: 9 }, (_, index) => (index % 3 === 2 ? "nothing" : `word ${at} ${index}`));
      rooms.push(await told([ann], said));
    }
    const whole = await search(ann, "word");
    expect(whole).toHaveLength(24);
    const place = ({ created_at, sequence, conversation_id }: (typeof whole)[0]["message"]): FoundPlace => {
      return { created_at: Date.parse(created_at), sequence, conversation_id };
    };
    const key = ({ message }: (typeof whole)[0]) => [message.created_at, message.sequence, message.conversation_id];
    expect(whole.map(key)).toEqual(whole.map(key).sort((one, other) => (`${one}` < `${other}` ? 1 : -1)));
    let sequence = 9;
    for (const limit of [1, 5, 24]) {
      const paged: typeof whole = [];
      for (let page = whole; page.length > 0; paged.push(...page)) {
        const last = paged.at(-1);
        page = await search(ann, "word", { after: last && place(last.message), limit });
        await tell(rooms[0] ?? "", [ann], ["nothing new"], sequence++);
      }
      expect(paged.map(({ message }) => message.id)).toEqual(whole.map(({ message }) => message.id));
    }
    const [conversationId] = rooms;
    expect(await found(ann, "word", { conversationId, limit: 4 })).toEqual([
      "word 0 7",
      "word 0 6",
      "word 0 4",
      "word 0 3",
    ]);
    const sentBefore = isoTime(born + 5_000);
    const sentAfter = isoTime(born + 1_000);
    expect(await found(ann, "word", { conversationId, sentBefore, sentAfter })).toEqual(["word 0 3", "word 0 1"]);
  });
});

describe("a query", () => {
  test("is answered where nothing was said yet, and where hardly anything was for many years", async () => {
    const ann = await somebody();
    expect(await found(ann, "word")).toEqual([]);
    await told([ann], []);
    expect(await found(ann, "word")).toEqual([]);
    const bob = await somebody();
    const id = await told([bob], ["a word"]);
    await db
      .update(conversations)
      .set({ created_at: new Date(0) })
      .where(eq(conversations.id, id));
    expect(await found(bob, "word")).toEqual(["a word"]);
  });

  test("is never too strange for Postgres", async () => {
    const ann = await somebody();
    await told([ann], ["a plain word"]);
    const unit = fc.oneof(
      fc.constantFrom(..."aб \"-'\\&|!:*()<>«"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    );
    const texts = fc.string({ unit, maxLength: 40 });
    const isFine = async (text: string) => {
      if (parseQuery(text)) expect(Array.isArray(await search(ann, text))).toBe(true);
    };
    await fc.assert(fc.asyncProperty(texts, isFine), { numRuns: 60 });
    for (const sign of ["%", "\\", "'", "&", "|", "!", ":*", "(", ")", "<->", "$", "--", "😀", "~", "*"]) {
      expect(await found(ann, `plain${sign}word`), sign).toEqual(["a plain word"]);
      expect(await found(ann, `${sign} plain ${sign} wor${sign}`), sign).toEqual(["a plain word"]);
    }
  });
});
