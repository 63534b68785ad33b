/**
 * How long a search for messages takes by the statement the product runs, and what its index costs the drain. In the
 * embedded Postgres with few messages; `PGURL=postgres://... npm run bench -- search 1000000` in an empty real one with many.
 */
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { parseQuery } from "../../src/core/search-query.ts";
import { archive } from "../../src/db/archive.ts";
import { connectDatabase, type Database } from "../../src/db/connect.ts";
import { type MessageSearch, searchMessages } from "../../src/db/message-search.ts";
import { migrate } from "../../src/local/migrations.ts";
import { places } from "../../src/local/places.ts";
import { startPostgres } from "../../src/local/postgres.ts";
import { provision, scratchFolder } from "./product.ts";
import { chance, populate, type SearchWorld, sentence, zipf } from "./search-world.ts";
import { figures } from "./timing.ts";

export interface Searching {
  messages: number;
  /** What is asked for, and how long it takes (ms) by where it is looked for. */
  asked: { what: string; times: Record<string, number[]> }[];
  /** ms of a drain of 500 messages. */
  drains: { indexed: number[]; bare: number[] };
  /** Bytes of the table, and of what search needs: its column, its two indexes. */
  sizes: { table: number; words: number; index: number; times: number };
}

const roundsOf = (count: number) => (count < 100_000 ? 15 : 50); // of each kind of query, in each place
const page = 51; // one more than is shown by default
const drains = 30;

export async function search(count: number, url: string | undefined): Promise<Searching> {
  const folder = scratchFolder("pingme-search-");
  provision(folder);
  const postgres = await startPostgres({ port: 0, folder: join(folder, "postgres"), url });
  try {
    await migrate(postgres, places.migrations);
    const { connectionString: DATABASE_URL, endpoint: DATABASE_HTTP_URL } = postgres;
    const db = connectDatabase({ DATABASE_URL, DATABASE_HTTP_URL });
    const world = await populate(db, count);
    const asked = await ask(db, world, roundsOf(count));
    return { messages: count, asked, sizes: await sizes(db), drains: await drain(db, world) };
  } finally {
    await postgres.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Asked = Pick<MessageSearch, "query" | "after">;

/** Queries of each kind, another one each time it is called. */
function kinds({ words }: SearchWorld): Record<string, () => Asked> {
  const random = chance(11);
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from));
  const one = (from: number, to: number) => words[random() < 0.6 ? "ru" : "en"][between(from, to)] ?? "";
  const said = () => sentence(words, random() < 0.6, random).split(" ");
  const asked = (text: string, daysAgo?: number): Asked => {
    const query = parseQuery(text);
    if (!query) throw new Error(`No query: ${text}`);
    const created_at = Date.now() - (daysAgo ?? 0) * 86_400_000;
    return {
      query,
      after: daysAgo === undefined ? undefined : { created_at, sequence: 0, conversation_id: randomUUID() },
    };
  };
  return {
    "one of the ten most frequent words": () => asked(one(0, 10)),
    "the same, a page of months ago": () => asked(one(0, 10), between(30, 150)),
    "a word, as often as it is said": () => asked(words.ru[zipf(random, words.ru.length)] ?? ""),
    "a rare word": () => asked(one(2_000, 20_000)),
    "two words": () => asked(`${one(0, 100)} ${one(0, 100)}`),
    "the first two to four letters": () => asked(one(0, 20_000).slice(0, between(2, 5))),
    "a phrase that was said": () => asked(`"${said().slice(0, 2).join(" ")}"`),
    "a word without another": () => asked(`${one(0, 1_000)} -${one(0, 10)}`),
  };
}

async function ask(db: Database, world: SearchWorld, rounds: number): Promise<Searching["asked"]> {
  const { people, rooms } = world;
  const where: Record<string, Pick<MessageSearch, "userId" | "conversationId">> = {
    "in 500 conversations": { userId: people.many },
    "in 5": { userId: people.few },
    "in the 5 smallest": { userId: people.small },
    "in the largest one": { userId: people.many, conversationId: rooms[0] },
  };
  const all: Searching["asked"] = [];
  for (const [what, next] of Object.entries(kinds(world))) {
    const times: Record<string, number[]> = Object.fromEntries(Object.keys(where).map((place) => [place, []]));
    for (let round = 0; round < rounds; round++) {
      const asked = next();
      for (const [place, within] of Object.entries(where)) {
        const startedAt = performance.now();
        await searchMessages(db, { ...asked, ...within, limit: page });
        times[place]?.push(performance.now() - startedAt);
      }
    }
    all.push({ what, times });
  }
  return all;
}

async function sizes(db: Database): Promise<Searching["sizes"]> {
  const { rows } = await db.execute(sql`
    select pg_relation_size('messages')::float as table, pg_relation_size('messages_words')::float as index,
      pg_relation_size('messages_times')::float as times, (select sum(pg_column_size(words)) from messages)::float as words`);
  const [row] = rows as Searching["sizes"][];
  if (!row) throw new Error("Postgres did not tell sizes");
  return row;
}

/** The same drains with what search needs, and without. What it needs is gone afterwards. */
async function drain(db: Database, world: SearchWorld): Promise<Searching["drains"]> {
  const indexed = await drained(db, world);
  await db.execute(sql`drop index messages_words, messages_times`);
  await db.execute(sql`alter table messages drop column words`);
  return { indexed, bare: await drained(db, world) };
}

async function drained(db: Database, { words, rooms }: SearchWorld): Promise<number[]> {
  const random = chance(13);
  const times: number[] = [];
  for (let round = 0; round < drains; round++) {
    const id = rooms[zipf(random, rooms.length)] ?? "";
    const frames = Array.from({ length: 500 }, (_, index) =>
      frameOf(id, sentence(words, true, random), round * 500 + index),
    );
    const startedAt = performance.now();
    await archive(db, batchOf(id, frames, round));
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** Far above what was said: every drain finds its sequences free. */
let greatest = 1_000_000_000;

function frameOf(conversation_id: string, content: string, n: number): string {
  const created_at = new Date(Date.now() + n).toISOString();
  const who = { sender_id: randomUUID(), sender_name: "Somebody", media: [], mentions: [] };
  const state = { created_at, updated_at: created_at, is_edited: false, is_deleted: false };
  return JSON.stringify({
    type: "message",
    conversation_id,
    sequence: greatest++,
    id: randomUUID(),
    content,
    ...who,
    ...state,
  });
}

function batchOf(id: string, frames: string[], round: number): Parameters<typeof archive>[1] {
  const now = new Date();
  const made = { created_by: id, body_hash: "x", created_at: now, updated_at: now, active_at: now };
  return {
    conversation: { id, kind: "group", epoch: "an epoch", sequence: greatest, ...made, version: greatest + round },
    ...{ members: [], invites: [], edits: [], withMedia: [], reactions: [], pins: [], deleted: [] },
    messages: frames.map((frame) => ({ frame, body_hash: "x".repeat(43) })),
  };
}

/** Rows for a table: what was asked for, and p50 / p95 by place. */
export function searchRows({ asked }: Searching): { head: string[]; rows: string[][] } {
  const shown = (times: number[]) =>
    Object.values(figures(times))
      .map((ms) => ms.toFixed(0))
      .join(" / ");
  const head = ["ms, p50 / p95", ...Object.keys(asked[0]?.times ?? {})];
  return { head, rows: asked.map(({ what, times }) => [what, ...Object.values(times).map(shown)]) };
}
