/** Messages to search in: words as often as people say them (Zipf), Russian and English, in conversations of all sizes. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Database } from "../../src/db/connect.ts";

export interface Words {
  /** By how often they are said, the most frequent first. */
  ru: string[];
  en: string[];
}

export interface SearchWorld {
  words: Words;
  /** The largest first. */
  rooms: string[];
  /** Who is in five conversations of middling size, in the five smallest, and in 500. */
  people: { few: string; small: string; many: string };
}

const lemmas = 20_000; // of each language
const endings = { ru: ["", "а", "у", "ом", "ы", "ов", "ами", "ах"], en: ["", "", "s", "ing", "ed"] };
const syllables = {
  ru: ["ка", "ло", "ми", "ру", "ст", "не", "ве", "ро", "га", "ту", "пра", "сле", "до", "зи", "бо", "ше", "вы", "ня"],
  en: [
    "ba",
    "con",
    "ter",
    "mi",
    "lo",
    "pra",
    "st",
    "ven",
    "ro",
    "du",
    "se",
    "ga",
    "tri",
    "ne",
    "fo",
    "wi",
    "pu",
    "kel",
  ],
};
const roomCount = 600;
const days = 180;
const perStatement = 5_000;

/** The same numbers from 0 to 1 in every run. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The n-th of a list about 1/n as often as the first. */
export function zipf(random: () => number, count: number): number {
  return Math.min(count - 1, Math.floor(count ** random()) - 1);
}

function vocabulary(language: keyof Words, random: () => number): string[] {
  const parts = syllables[language];
  const found = new Set<string>();
  while (found.size < lemmas) {
    const length = 2 + Math.floor(random() * 3);
    found.add(Array.from({ length }, () => parts[Math.floor(random() * parts.length)]).join(""));
  }
  return [...found];
}

export function sentence(words: Words, isRussian: boolean, random: () => number): string {
  const length = 1 + Math.floor(-8 * Math.log(1 - random() * 0.98));
  const said = Array.from({ length }, () => {
    const language = random() < 0.1 === isRussian ? "en" : "ru";
    const word = words[language][zipf(random, lemmas)] ?? "";
    return word + (endings[language][Math.floor(random() * endings[language].length)] ?? "");
  });
  return said.join(" ");
}

/** Fills an empty archive. @throws Error where it is not: what is in it is not ours */
export async function populate(db: Database, count: number): Promise<SearchWorld> {
  const { rows } = await db.execute(sql`select 1 from messages limit 1`);
  if (rows.length > 0) throw new Error("There are messages in this database: the bench wants an empty one");
  const random = chance(7);
  const words = { ru: vocabulary("ru", random), en: vocabulary("en", random) };
  const rooms = Array.from({ length: roomCount }, () => randomUUID());
  const people = { few: randomUUID(), small: randomUUID(), many: randomUUID() };
  await say(db, { words, rooms, people }, count, random);
  await open(db, { words, rooms, people });
  await db.execute(sql`vacuum analyze messages`);
  await db.execute(sql`vacuum analyze members`);
  await db.execute(sql`vacuum analyze conversations`);
  return { words, rooms, people };
}

/** Messages in the order of their times, of all conversations in turn, as drains bring them. */
async function say(db: Database, { words, rooms }: SearchWorld, count: number, random: () => number): Promise<void> {
  const sequences = rooms.map(() => 0);
  const senders = Array.from({ length: 200 }, () => randomUUID());
  const startedAt = Date.now() - days * 86_400_000;
  for (let from = 0; from < count; from += perStatement) {
    const rows = Array.from({ length: Math.min(perStatement, count - from) }, (_, index) => {
      const room = Math.floor(roomCount * random() ** 2.5);
      const sequence = (sequences[room] ?? 0) + 1;
      sequences[room] = sequence;
      const at = new Date(startedAt + ((from + index) / count) * days * 86_400_000);
      return {
        ...{ conversation_id: rooms[room], id: randomUUID(), sequence, body_hash: "x".repeat(43) },
        ...{ sender_id: senders[zipf(random, senders.length)], sender_name: "Somebody", created_at: at },
        content: sentence(words, room % 5 < 3, random),
      };
    });
    await db.execute(sql`
      insert into messages (conversation_id, id, sequence, body_hash, sender_id, sender_name, content, created_at, updated_at)
      select *, created_at from json_to_recordset(${JSON.stringify(rows)}::json) as row
        (conversation_id uuid, id uuid, sequence bigint, body_hash text, sender_id uuid, sender_name text, content text, created_at timestamptz)`);
  }
}

async function open(db: Database, { rooms, people }: SearchWorld): Promise<void> {
  await db.execute(sql`
    insert into conversations (id, kind, epoch, sequence, created_by, body_hash, created_at, updated_at, active_at, version)
    select conversation_id, 'group', 'an epoch', max(sequence), conversation_id, 'x', min(created_at), min(created_at), max(created_at), 1
    from messages group by conversation_id`);
  const memberships = [
    ...rooms.slice(100, 105).map((room) => [room, people.few]),
    ...rooms.slice(-5).map((room) => [room, people.small]),
    ...rooms.slice(0, 500).map((room) => [room, people.many]),
  ];
  await db.execute(sql`
    insert into members (conversation_id, user_id, role, joined_at, version)
    select conversation_id, user_id, 'MEMBER', now(), 1
    from json_to_recordset(${JSON.stringify(memberships.map(([conversation_id, user_id]) => ({ conversation_id, user_id })))}::json)
      as row (conversation_id uuid, user_id uuid)`);
}
