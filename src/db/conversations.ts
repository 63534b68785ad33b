import { and, desc, eq, isNull, lt, ne, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Conversation } from "../protocol/conversations.ts";
import { isoTime } from "../protocol/ids.ts";
import type { Person } from "../protocol/rpc.ts";
import { type Database, reach } from "./connect.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";
import { personColumns, personOf } from "./people.ts";
import { conversations, members, messages, users } from "./schema.ts";
import { type UserRow, userColumns, userOf } from "./users.ts";

export interface ArchivedConversation {
  conversation: typeof conversations.$inferSelect;
  members: (typeof members.$inferSelect & { person: Person; is_deleted: boolean })[];
  /** The newest message ids, newest first. */
  ids: ArchivedId[];
}

export interface ArchivedId {
  id: string;
  sequence: number;
  sender_id: string;
  body_hash: string;
  is_deleted: boolean;
  created_at: number;
}

const idColumns = {
  id: messages.id,
  sequence: messages.sequence,
  sender_id: messages.sender_id,
  body_hash: messages.body_hash,
  is_deleted: messages.is_deleted,
  created_at: messages.created_at,
};

/**
 * All an object needs to be rebuilt, in one round trip; undefined for a conversation that was never archived.
 * @param most message ids at the most
 * @throws Fault UNAVAILABLE
 */
export async function conversationForRebuild(
  db: Database,
  id: string,
  most: number,
): Promise<ArchivedConversation | undefined> {
  const [[conversation], memberRows, idRows] = await reach(
    db.batch([
      db.select().from(conversations).where(eq(conversations.id, id)),
      db
        .select({ member: members, person: personColumns, deleted_at: users.deleted_at })
        .from(members)
        .innerJoin(users, eq(users.id, members.user_id))
        .where(and(eq(members.conversation_id, id), isNull(members.left_at)))
        .orderBy(members.joined_sequence, members.joined_at),
      idsQuery(db, id, undefined, most),
    ]),
  );
  if (!conversation) return undefined;
  return {
    conversation,
    members: memberRows.map(({ member, person, deleted_at }) => ({
      ...member,
      person: personOf(person),
      is_deleted: deleted_at !== null,
    })),
    ids: idRows.map(idOf),
  };
}

/** Ids of messages below a sequence, newest first. @throws Fault UNAVAILABLE */
export async function olderIds(db: Database, id: string, below: number, most: number): Promise<ArchivedId[]> {
  return (await reach(idsQuery(db, id, below, most))).map(idOf);
}

function idsQuery(db: Database, id: string, below: number | undefined, most: number) {
  return db
    .select(idColumns)
    .from(messages)
    .where(and(eq(messages.conversation_id, id), below === undefined ? undefined : lt(messages.sequence, below)))
    .orderBy(desc(messages.sequence))
    .limit(most);
}

function idOf(row: Omit<ArchivedId, "created_at"> & { created_at: Date }): ArchivedId {
  return { ...row, created_at: row.created_at.getTime() };
}

/** Where a page of a list ends: the activity of its last conversation, ms, and its id. */
export interface ListPosition {
  active_at: number;
  id: string;
}

export type ListedConversation = Conversation & { active_at: number };

/**
 * The user's conversations, the most lately active first, as the archive has them: one statement.
 * @throws Fault UNAVAILABLE
 */
export async function conversationsOf(
  db: Database,
  userId: string,
  page: { after: ListPosition | undefined; limit: number },
): Promise<ListedConversation[]> {
  const newest = newestMessage(db);
  const peer = peerOf(db, userId);
  const rows = await reach(
    db
      .select({
        conversation: conversations,
        member: members,
        unread: unreadOf(userId),
        last: picked(newest, messageColumns),
        peer: picked(peer, userColumns),
      })
      .from(members)
      .innerJoin(conversations, eq(conversations.id, members.conversation_id))
      .leftJoinLateral(newest, sql`true`)
      .leftJoinLateral(peer, sql`true`)
      .where(
        and(
          eq(members.user_id, userId),
          isNull(members.left_at),
          eq(members.hidden, false),
          isNull(conversations.deleted_at),
          page.after && isBeyond(page.after),
        ),
      )
      .orderBy(desc(conversations.active_at), desc(conversations.id))
      .limit(page.limit),
  );
  return rows.map(listedOf);
}

function isBeyond({ active_at, id }: ListPosition) {
  return sql`(${conversations.active_at}, ${conversations.id}) < (${isoTime(active_at)}::timestamptz, ${id}::uuid)`;
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

function listedOf({ conversation: row, member, unread, last, peer }: ListRow): ListedConversation {
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
