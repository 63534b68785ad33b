/** Conversations by what one remembers of them: titles and names, typos forgiven (pg_trgm), Russian and English (full text). */
import { and, desc, eq, isNotNull, isNull, ne, notExists, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import type { SubqueryWithSelection } from "drizzle-orm/pg-core/subquery";
import type { Conversation } from "../protocol/conversations.ts";
import { limits } from "../protocol/limits.ts";
import { type Database, reach } from "./connect.ts";
import { mineOf, shownOf } from "./conversations.ts";
import { conversations, folded, isFindable, members, titleWords, users } from "./schema.ts";

/** How well it matches, of 1,000; among equals the id decides. */
export interface SearchPlace {
  rank: number;
  id: string;
}

export interface Search {
  /** It holds a letter or a digit. */
  query: string;
  after: SearchPlace | undefined;
  limit: number;
}

export type FoundPublic = SearchPlace & { conversation: Omit<Conversation, "me"> };

/** The user's conversations by title, or by the names of the others in them; the best first. @throws Fault UNAVAILABLE */
export async function searchMine(db: Database, userId: string, search: Search): Promise<SearchPlace[]> {
  const { query } = search;
  const mine = db.$with("mine").as(mineOf(db, userId));
  const other = db
    .select({ id: members.user_id })
    .from(members)
    .where(and(eq(members.conversation_id, mine.id), ne(members.user_id, userId), isNull(members.left_at)))
    .limit(limits.members)
    .as("other");
  const byWords = db.select(likeness(mine.id, sql`0.9::real`)).from(mine).where(hasWords(query, mine.title));
  const byTitle = db
    .select(likeness(mine.id, alike(query, mine.title)))
    .from(mine)
    .where(isNotNull(mine.title));
  const byName = db
    .select(likeness(mine.id, alike(query, users.name)))
    .from(mine)
    .innerJoinLateral(other, sql`true`)
    .innerJoin(users, eq(users.id, other.id))
    .where(isAlike(query, users.name));
  const likenesses = unionAll(byWords, byTitle, byName).as("likenesses");
  const [, places] = await reach(db.batch([settings(db), bestOf(db.with(mine), likenesses, search)]));
  return places;
}

/** Public groups by title that the user is not in; the best first. @throws Fault UNAVAILABLE */
export async function searchPublic(db: Database, userId: string, search: Search): Promise<FoundPublic[]> {
  const { query } = search;
  const { id, title } = conversations;
  const mine = db
    .select({ id: members.user_id })
    .from(members)
    .where(and(eq(members.conversation_id, id), eq(members.user_id, userId), isNull(members.left_at)));
  const isOpen = and(isFindable(conversations), notExists(mine));
  const byWords = db
    .select(likeness(id, sql`0.9::real`))
    .from(conversations)
    .where(and(isOpen, hasWords(query, title)));
  const byLetters = db
    .select(likeness(id, alike(query, title)))
    .from(conversations)
    .where(and(isOpen, isAlike(query, title)));
  const best = bestOf(db, unionAll(byWords, byLetters).as("likenesses"), search).as("best");
  const found = db
    .select({ conversation: conversations, id: best.id, rank: best.rank })
    .from(best)
    .innerJoin(conversations, eq(id, best.id))
    .orderBy(desc(best.rank), desc(best.id));
  const [, rows] = await reach(db.batch([settings(db), found]));
  return rows.map(({ conversation, ...place }) => ({ ...place, conversation: shownOf(conversation) }));
}

function likeness(id: SQLWrapper, value: SQL<number>) {
  return { id: sql<string>`${id}`.as("conversation_id"), likeness: value.as("likeness") };
}

/** Conversations, each as often as it was found. */
type Likenesses = SubqueryWithSelection<ReturnType<typeof likeness>, "likenesses">;

/** A page of what has been found, each once, by its greatest likeness. */
function bestOf(db: Pick<Database, "select">, likenesses: Likenesses, { after, limit }: Omit<Search, "query">) {
  const rank = sql`round(1000 * max(${likenesses.likeness})::numeric)::int`.mapWith(Number);
  const isMatch = sql`${rank} >= ${limits.alikeLeast * 1_000}`;
  const isBehind = after && sql`(${rank}, ${likenesses.id}) < (${after.rank}, ${after.id}::uuid)`;
  return db
    .select({ id: likenesses.id, rank: rank.as("rank") })
    .from(likenesses)
    .groupBy(likenesses.id)
    .having(and(isMatch, isBehind))
    .orderBy(desc(rank), desc(likenesses.id))
    .limit(limit);
}

/**
 * For the transaction of a search, in the same round trip. A letter index answers from the threshold on. Where laterals
 * are joined, Postgres takes memoizing for a gain, and then looks up thousands of people one by one; and to start its
 * parallel workers takes longer than the whole search.
 */
function settings(db: Database) {
  const threshold = sql`set_config('pg_trgm.word_similarity_threshold', ${String(limits.alikeLeast)}, true)`;
  const isPlain = sql`set_config('enable_memoize', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)`;
  return db.execute(sql`select ${threshold}, ${isPlain}`);
}

/** From 0 to 1: how much of the query is in the likest part of a text. */
function alike(query: string, text: SQLWrapper): SQL<number> {
  return sql`word_similarity(${foldedQuery(query)}, ${folded(text)})`;
}

/** Whether it is so much that it counts; indexes of letters answer it. */
function isAlike(query: string, text: SQLWrapper): SQL {
  return sql`${foldedQuery(query)} <% ${folded(text)}`;
}

/** Whether a title has all its words, in whatever form; they may be half typed. */
function hasWords(query: string, title: SQLWrapper): SQL {
  const words = foldedQuery(query);
  const typed = [...words.matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => `'${word}':*`).join(" & ");
  const forms = sql`plainto_tsquery('russian', ${words}) || plainto_tsquery('english', ${words})`;
  return sql`${titleWords(title)} @@ (${forms} || to_tsquery('simple', ${typed}))`;
}

/** {@link folded}, of what is asked for. */
function foldedQuery(query: string): string {
  return query.replaceAll("ё", "е").replaceAll("Ё", "Е");
}
