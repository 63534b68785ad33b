import { and, desc, eq, inArray, isNull, ne, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Conversation } from "../protocol/conversations.ts";
import { isoTime } from "../protocol/ids.ts";
import { type Database, reach } from "./connect.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";
import { conversations, members, messages, users } from "./schema.ts";
import { type UserRow, userColumns, userOf } from "./users.ts";

/** Where a page of a list ends: what orders its last conversation. */
export interface ListPosition {
  pinned: boolean;
  /** ms */
  active_at: number;
  id: string;
}

export type ListedConversation = Conversation & { active_at: number };

export interface ListPage {
  after: ListPosition | undefined;
  limit: number;
  /** Only those that are archived, or only those that are not. */
  archived?: boolean | undefined;
}

/**
 * The user's conversations, pinned ones first, then the most lately active, as the archive has them: one statement.
 * @throws Fault UNAVAILABLE
 */
export async function conversationsOf(db: Database, userId: string, page: ListPage): Promise<ListedConversation[]> {
  const { after, limit, archived } = page;
  const isListed = and(eq(members.hidden, false), archived === undefined ? undefined : eq(members.archived, archived));
  const mine = mineOf(db, userId, isListed).as("mine");
  const place = sql`(${mine.pinned}, ${mine.active_at}, ${mine.id})`;
  const shown = db
    .select({ id: mine.id })
    .from(mine)
    .where(after && sql`${place} < (${after.pinned}, ${isoTime(after.active_at)}::timestamptz, ${after.id}::uuid)`)
    .orderBy(desc(mine.pinned), desc(mine.active_at), desc(mine.id))
    .limit(limit);
  return (await recordsOf(db, userId, shown)).sort((one, other) => inOrder(placeIn(one), placeIn(other)));
}

export function placeIn({ me: { pinned }, active_at, id }: ListedConversation): ListPosition {
  return { pinned, active_at, id };
}

/** The order of lists. @returns less than 0 where `one` stands before `other` */
export function inOrder(one: ListPosition, other: ListPosition): number {
  if (one.id === other.id) return 0;
  return Number(other.pinned) - Number(one.pinned) || other.active_at - one.active_at || (one.id < other.id ? 1 : -1);
}

/**
 * The user's conversations that are there. Each is looked up by its id, in their order: for who is in thousands, Postgres
 * would join by reading the whole table.
 */
export function mineOf(db: Database, userId: string, isWanted?: SQL) {
  const own = db
    .select({ id: members.conversation_id, pinned: members.pinned })
    .from(members)
    .where(and(eq(members.user_id, userId), isNull(members.left_at), isWanted))
    .orderBy(members.conversation_id)
    .as("own");
  const there = db
    .select({ title: conversations.title, active_at: conversations.active_at })
    .from(conversations)
    .where(and(eq(conversations.id, own.id), isNull(conversations.deleted_at)))
    .limit(1)
    .as("there");
  return db
    .select({ id: own.id, pinned: own.pinned, title: there.title, active_at: there.active_at })
    .from(own)
    .innerJoinLateral(there, sql`true`);
}

/** Those of the user's conversations that are there, in no order. @throws Fault UNAVAILABLE */
export async function conversationsByIds(db: Database, userId: string, ids: string[]): Promise<ListedConversation[]> {
  return ids.length === 0 ? [] : await recordsOf(db, userId, ids);
}

/** @param chosen ids: what is joined here is joined for these alone */
async function recordsOf(db: Database, userId: string, chosen: string[] | SQLWrapper): Promise<ListedConversation[]> {
  const newest = newestMessage(db);
  const peer = peerOf(db, userId);
  const found = db
    .select({
      conversation: conversations,
      member: members,
      unread: unreadOf(userId),
      last: picked(newest, messageColumns),
      peer: picked(peer, userColumns),
    })
    .from(conversations)
    .innerJoin(members, eq(members.conversation_id, conversations.id))
    .leftJoinLateral(newest, sql`true`)
    .leftJoinLateral(peer, sql`true`)
    .where(
      and(
        eq(members.user_id, userId),
        isNull(members.left_at),
        isNull(conversations.deleted_at),
        inArray(conversations.id, chosen),
      ),
    );
  return (await reach(found)).map(listedOf);
}

/** A subquery's columns by the names they were selected under. */
function picked<Name extends string, Source extends Record<Name, unknown>>(
  source: Source,
  columns: Record<Name, unknown>,
): Pick<Source, Name> {
  const entries = Object.keys(columns).map((name) => [name, Reflect.get(source, name)]);
  return Object.fromEntries(entries) as Pick<Source, Name>;
}

/** The newest message of the outer row's conversation. */
function newestMessage(db: Database) {
  return db
    .select(messageColumns)
    .from(messages)
    .where(eq(messages.conversation_id, conversations.id))
    .orderBy(desc(messages.sequence))
    .limit(1)
    .as("newest");
}

/** The other person of the outer row's dialog. */
function peerOf(db: Database, userId: string) {
  const other = alias(members, "other");
  return db
    .select(userColumns)
    .from(other)
    .innerJoin(users, eq(users.id, other.user_id))
    .where(
      and(eq(conversations.kind, "dialog"), eq(other.conversation_id, conversations.id), ne(other.user_id, userId)),
    )
    .limit(1)
    .as("peer");
}

/** Messages of others after the read watermark that are not deleted. */
function unreadOf(userId: string) {
  return sql<string>`(
    select count(*) from ${messages} as later
    where later.conversation_id = ${members.conversation_id} and later.sequence > ${members.read}
      and later.sender_id <> ${userId} and not later.is_deleted
  )`;
}

type ListRow = {
  conversation: typeof conversations.$inferSelect;
  member: typeof members.$inferSelect;
  unread: string;
  last: MessageRow | null;
  peer: UserRow | null;
};

/** What everybody sees who may know of it. */
export function shownOf(row: typeof conversations.$inferSelect): Omit<Conversation, "me"> {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    ...(row.description === null ? {} : { description: row.description }),
    ...(row.avatar_url === null ? {} : { avatar_url: row.avatar_url }),
    public: row.public,
    epoch: row.epoch,
    sequence: row.sequence,
    member_count: row.member_count,
    created_by: row.created_by,
    created_at: isoTime(row.created_at.getTime()),
    updated_at: isoTime(row.updated_at.getTime()),
  };
}

function listedOf({ conversation: row, member, unread, last, peer }: ListRow): ListedConversation {
  return {
    ...shownOf(row),
    ...(last ? { last_message: messageOf(last, row.epoch) } : {}),
    me: {
      role: member.role,
      read: member.read,
      delivered: member.delivered,
      unread: Number(unread),
      ...(member.muted_until === null ? {} : { muted_until: isoTime(member.muted_until.getTime()) }),
      archived: member.archived,
      pinned: member.pinned,
      hidden: member.hidden,
    },
    ...(peer ? { peer: userOf(peer) } : {}),
    active_at: row.active_at.getTime(),
  };
}
