/** Conversations by what one remembers of them: titles and names, typos forgiven (pg_trgm), Russian and English (full text). */
import { and, desc, eq, isNull, ne, notExists, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Conversation } from "../protocol/conversations.ts";
import { limits } from "../protocol/limits.ts";
import { type Database, reach } from "./connect.ts";
import { isMine, shownOf } from "./conversations.ts";
import { conversations, isFindable, members, titleWords, users } from "./schema.ts";

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
export async function searchMine(
  db: Database,
  userId: string,
  { query, after, limit }: Search,
): Promise<SearchPlace[]> {
  const rank = rankOf(sql`greatest(${alike(query, conversations.title)}, ${likestName(db, query, userId)})`);
  const found = db.$with("found").as(
    db
      .select({ id: members.conversation_id, rank: rank.as("rank") })
      .from(members)
      .innerJoin(conversations, eq(conversations.id, members.conversation_id))
      .where(isMine(userId)),
  );
  const places = db
    .with(found)
    .select()
    .from(found)
    .where(and(sql`${found.rank} >= ${limits.alikeLeast * 1_000}`, isBehind(found, after)))
    .orderBy(desc(found.rank), desc(found.id))
    .limit(limit);
  return await reach(places);
}

/** Public groups by title that the user is not in; the best first. @throws Fault UNAVAILABLE */
export async function searchPublic(
  db: Database,
  userId: string,
  { query, after, limit }: Search,
): Promise<FoundPublic[]> {
  const hasWords = sql`${titleWords(conversations.title)} @@ ${wordsOf(query)}`;
  const wordRank = sql`case when ${hasWords} then 0.9 else 0 end`;
  const rank = rankOf(sql`greatest(${alike(query, conversations.title)}, ${wordRank})`);
  const mine = db
    .select({ id: members.user_id })
    .from(members)
    .where(and(eq(members.conversation_id, conversations.id), eq(members.user_id, userId), isNull(members.left_at)));
  const isMatch = sql`(${hasWords} or ${query} <% ${conversations.title})`;
  const found = db
    .select({ conversation: conversations, id: conversations.id, rank })
    .from(conversations)
    .where(and(isFindable(conversations), isMatch, notExists(mine), isBehind({ rank, id: conversations.id }, after)))
    .orderBy(desc(rank), desc(conversations.id))
    .limit(limit);
  // The operator's threshold is a setting of the session: set for this transaction, in the same round trip.
  const [, rows] = await reach(
    db.batch([
      db.execute(sql`select set_config('pg_trgm.word_similarity_threshold', ${String(limits.alikeLeast)}, true)`),
      found,
    ]),
  );
  return rows.map(({ conversation, ...place }) => ({ ...place, conversation: shownOf(conversation) }));
}

/** From 0 to 1: how much of the query is in the likest part of a text. */
function alike(query: string, text: SQL | typeof conversations.title | typeof users.name): SQL<number> {
  return sql`word_similarity(${query}, coalesce(${text}, ''))`;
}

function rankOf(likeness: SQL): SQL<number> {
  return sql`round(1000 * (${likeness})::numeric)::int`.mapWith(Number);
}

function isBehind({ rank, id }: Record<keyof SearchPlace, unknown>, after: SearchPlace | undefined): SQL | undefined {
  return after && sql`(${rank}, ${id}) < (${after.rank}, ${after.id}::uuid)`;
}

/** Of the other members of the outer row's conversation. */
function likestName(db: Database, query: string, userId: string) {
  const other = alias(members, "other");
  return db
    .select({ likeness: sql`coalesce(max(${alike(query, users.name)}), 0)` })
    .from(other)
    .innerJoin(users, eq(users.id, other.user_id))
    .where(and(eq(other.conversation_id, members.conversation_id), ne(other.user_id, userId), isNull(other.left_at)));
}

/** All its words, in whatever form; the last may be half typed. */
function wordsOf(query: string): SQL {
  const typed = [...query.matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => `'${word}':*`).join(" & ");
  return sql`(plainto_tsquery('russian', ${query}) || plainto_tsquery('english', ${query}) || to_tsquery('simple', ${typed}))`;
}
