/**
 * Messages by their words (full text), the newest first; one statement, which goes the way that is short. A glance at the
 * newest messages may fill the page. If not: the index knows the messages of a conversation with a word, in no order; where
 * they are few, they are all looked at, and where there are many, messages are read back in time until the page is full.
 */
import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { Message, Reaction } from "../protocol/messages.ts";
import type { SearchQuery } from "../protocol/search.ts";
import { type Database, reach } from "./connect.ts";
import { messageColumns, messageOf } from "./messages.ts";
import { conversations, messages, reactions } from "./schema.ts";
import { keysIn, matching, stems, template } from "./search-words.ts";

/** Where a page ends: what orders its last message. */
export interface FoundPlace {
  /** ms */
  created_at: number;
  sequence: number;
  conversation_id: string;
}

export interface MessageSearch {
  query: SearchQuery;
  /** Who looks for it. */
  userId: string;
  /** In this conversation only; if not given, in all the user is in. */
  conversationId?: string | undefined;
  sender?: string | undefined;
  /** RFC 3339, not included. */
  sentBefore?: string | undefined;
  sentAfter?: string | undefined;
  hasMedia?: boolean | undefined;
  after: FoundPlace | undefined;
  limit: number;
}

export interface FoundMessage {
  message: Message;
  /** Words of it, as they are compared, that are words of the query in another form. */
  forms: string[];
  reactions: Reaction[];
  /** How far the archive has the conversation. */
  archived: { epoch: string; sequence: number };
}

/** @throws Fault UNAVAILABLE */
export async function searchMessages(db: Database, search: MessageSearch): Promise<FoundMessage[]> {
  const found = db
    .select({
      message: messageColumns,
      forms: sql<string[]>`array(${formsIn(search.query)})`,
      reactions: sql<Reaction[]>`(${reactionsOn()})`,
      archived: { epoch: conversations.epoch, sequence: conversations.sequence },
    })
    .from(sql`(${places(search)}) as place`)
    .innerJoin(messages, sql`${messages.conversation_id} = place.room and ${messages.sequence} = place.at`)
    .innerJoin(conversations, eq(conversations.id, messages.conversation_id))
    .orderBy(desc(messages.created_at), desc(messages.sequence), desc(messages.conversation_id));
  const [, rows] = await reach(db.batch([settings(db), found]));
  return rows.map(({ message, ...rest }) => ({ message: messageOf(message, rest.archived.epoch), ...rest }));
}

/**
 * For the transaction. Postgres cannot know how often the words of a query are said, and must not read whole tables to find
 * out; nor start workers or a compiler, which takes longer than the search.
 */
function settings(db: Database) {
  const off = ["enable_seqscan", "enable_memoize", "enable_hashjoin", "enable_mergejoin", "jit"];
  const plain = off.map((name) => sql`set_config(${name}, 'off', true)`);
  return db.execute(sql`select ${sql.join(plain, sql`, `)}, set_config('max_parallel_workers_per_gather', '0', true)`);
}

/** The messages of the page. */
function places(search: MessageSearch): SQL {
  const { limit, query } = search;
  return sql`
    with recursive
    asked as materialized (select ${matching(query)} as query, ${template(query)} as template),
    mine as materialized (${mineOf(search)}),
    glance as materialized (${glanceOf(search)}),
    sample as materialized (
      select * from (${indexed(search)}) as said where not (select is_done from glance) limit ${limits.searchSample}
    ),
    plan as materialized (${planOf(limit)}),
    slices as (${slicesOf(search)}),
    walk as materialized (
      select coalesce(bool_or(found >= ${limit} or is_last) and not bool_or(is_cut), false) as is_done from slices
    ),
    found as (
      select said.* from glance, unnest(rooms, sequences, times) as said (room, at, said_at) where is_done
      union all
      select room, at, said_at from sample where (select is_all from plan) and is_found
      union all
      select said.* from slices, unnest(rooms, sequences, times) as said (room, at, said_at) where (select is_done from walk)
      union all
      select room, at, said_at from (${indexed(search)}) as said
      where not (select is_all from plan) and not (select is_done from walk) and is_found
    )
    select room, at from found order by said_at desc, at desc, room desc limit ${limit}`;
}

/**
 * Whether the sample is all there is. If not, by it: how many messages have to be read until the page is full, and whether
 * that is less work than to look at all that the index has. Postgres looks in the order of the table, the oldest first, so
 * the sample of a conversation goes as far as its greatest sequence.
 */
function planOf(limit: number): SQL {
  return sql`
    select is_all, needed, not is_all and needed < least(${limits.searchRead}, ${limits.searchLookups} * often * total) as is_read
    from (select count(*) < ${limits.searchSample} as is_all, count(*) filter (where fits) as fitting from sample) as counted,
      (select sum(upto) as upto from (select max(at) as upto from sample group by room) as each) as gone,
      (select sum(sequence) as total from mine) as whole,
      lateral (select fitting / upto as often) as frequency,
      lateral (select ${limits.searchSlack * limit} / nullif(often, 0) as needed) as page`;
}

/** The conversations to look in. */
function mineOf({ userId, conversationId }: MessageSearch): SQL {
  const isAsked = conversationId === undefined ? sql`true` : sql`conversation_id = ${conversationId}`;
  return sql`
    select id, sequence, created_at, active_at from conversations where deleted_at is null and id in
      (select conversation_id from members where user_id = ${userId} and left_at is null and ${isAsked})`;
}

/**
 * Slices of time, back from where the page begins, until it is full. The first is as long as should do, had people spoken
 * evenly; each further one twice as long. One that holds far more than it should is cut, and all was for nothing.
 */
function slicesOf(search: MessageSearch): SQL {
  const { sentBefore = "infinity", sentAfter = "-infinity" } = search;
  const far = sql`${startOf(search)} - step * (2 ^ n - 1)`;
  const end = sql`${sentAfter}::timestamptz`;
  return sql`
    select 0 as n, step, oldest, 0 as seen, 0 as found, ${sentBefore}::timestamptz as since, false as is_last, false as is_cut,
      '{}'::uuid[] as rooms, '{}'::bigint[] as sequences, '{}'::timestamptz[] as times
    from (${stepOf(sql`(select needed from plan)`)}) as pace
    where (select is_read from plan)
    union all
    select n, step, oldest, before.seen + slice.seen, before.found + slice.found,
      bound.since, bound.since = ${end}, slice.seen = ${limits.searchSlice}, slice.rooms, slice.sequences, slice.times
    from (select n + 1 as n, step, oldest, seen, found, since from slices
        where not is_last and not is_cut and found < ${search.limit} and seen < ${limits.searchRead}) as before,
      lateral (select case when ${far} > greatest(oldest, ${end}) then ${far} else ${end} end as since) as bound,
      lateral (${sliceOf(search)}) as slice`;
}

/** The newest messages: what is said often, or by people who have said little, is found by them alone. */
function glanceOf(search: MessageSearch): SQL {
  const { sentBefore = "infinity", sentAfter = "-infinity", limit } = search;
  const end = sql`${sentAfter}::timestamptz`;
  const far = sql`${startOf(search)} - step`;
  return sql`
    select slice.*, (slice.found >= ${limit} or bound.since = ${end}) and slice.seen < ${limits.searchSlice} as is_done
    from (${stepOf(sql`${limits.searchGlance}`)}) as pace, (select ${sentBefore}::timestamptz as since) as before,
      lateral (select case when ${far} > greatest(oldest, ${end}) then ${far} else ${end} end as since) as bound,
      lateral (${sliceOf(search)}) as slice`;
}

/** In how much time so many messages would be said, if people spoke evenly; bounded where hardly anything was said, or nothing. */
function stepOf(needed: SQL): SQL {
  const pace = sql`sum(sequence / greatest(extract(epoch from active_at - created_at), ${limits.searchLeastS}))::float`;
  return sql`select min(created_at) as oldest, make_interval(secs => least(${needed} / nullif(${pace}, 0), ${limits.searchMostS})) as step from mine`;
}

/** What was said between `bound.since` and `before.since`. */
function sliceOf(search: MessageSearch): SQL {
  const fitting = (column: string) => sql`coalesce(array_agg(${sql.raw(column)}) filter (where is_found), '{}')`;
  return sql`
    select count(*)::int as seen, count(*) filter (where is_found)::int as found,
      ${fitting("conversation_id")} as rooms, ${fitting("sequence")} as sequences, ${fitting("created_at")} as times
    from (
      select said.* from mine, lateral (
        select conversation_id, sequence, created_at, ${fits(search)} as is_found from messages
        where conversation_id = mine.id and created_at >= bound.since and created_at < before.since
          and not is_deleted and ${isBehind(search)}
      ) as said
      where mine.active_at >= bound.since
      limit ${limits.searchSlice}
    ) as said`;
}

/**
 * What has the words, conversation by conversation. The fence (offset 0) keeps Postgres from fetching the conversation's
 * messages beside what the index says: a hundred times as many.
 */
function indexed(search: MessageSearch): SQL {
  return sql`
    select said.conversation_id as room, said.sequence as at, said.created_at as said_at,
      ${fits(search)} as fits, ${fits(search)} and ${isBehind(search)} as is_found
    from (select id, ${keysIn(sql`template`, sql`id`)} as keys from mine, asked) as mine, lateral (
      select * from messages where message_keys(conversation_id, words) @@ mine.keys and not is_deleted offset 0
    ) as said
    where said.conversation_id = mine.id`;
}

function fits({ sender, sentBefore, sentAfter, hasMedia }: MessageSearch): SQL {
  const conditions = [
    sql`words @@ (select query from asked)`,
    sender === undefined ? undefined : sql`sender_id = ${sender}`,
    sentBefore === undefined ? undefined : sql`created_at < ${sentBefore}::timestamptz`,
    sentAfter === undefined ? undefined : sql`created_at > ${sentAfter}::timestamptz`,
    hasMedia === undefined ? undefined : sql`(media <> '[]'::jsonb) = ${hasMedia}`,
  ];
  return and(...conditions) ?? sql`true`;
}

function isBehind({ after }: MessageSearch): SQL {
  if (!after) return sql`true`;
  const { created_at, sequence, conversation_id } = after;
  return sql`(created_at, sequence, conversation_id) < (${isoTime(created_at)}::timestamptz, ${sequence}::bigint, ${conversation_id}::uuid)`;
}

/** Where the slices begin. */
function startOf({ after, sentBefore }: MessageSearch): SQL {
  const times = [after && isoTime(after.created_at), sentBefore].filter((time) => time !== undefined);
  const all = [sql`now()`, ...times.map((time) => sql`${time}::timestamptz`)];
  return sql`least(${sql.join(all, sql`, `)})`;
}

/** What is on the outer row's message: the most frequent first, as history has them. */
function reactionsOn(): SQL {
  return sql`
    select coalesce(json_agg(json_build_object('emoji', emoji, 'user_ids', user_ids) order by cardinality(user_ids) desc, emoji collate "C"), '[]')
    from (
      select emoji, array_agg(user_id order by sequence) as user_ids from ${reactions} as one
      where one.conversation_id = ${messages.conversation_id} and one.message_id = ${messages.id} and is_on group by emoji
    ) as each`;
}

/** Of the words of the outer row's message those that share a stem with the query. */
function formsIn(query: SearchQuery): SQL {
  const sought = stems(query);
  return sql`
    select lexeme from unnest(${messages.words}) as word
    where 'A' = any(weights) and (select bool_or(left(lexeme, 1) = left(stem, 1)) from unnest(${sought}) as stem)
      and tsvector_to_array(to_tsvector('russian', lexeme)) && ${sought}`;
}
