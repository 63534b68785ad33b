import { and, eq, getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { PgTable } from "drizzle-orm/pg-core";
import { type Database, reach } from "./connect.ts";
import { archiveUses, dropUses, type Uses } from "./media-uses.ts";
import { conversations, invites, members, messages, pins, reactions } from "./schema.ts";

type ConversationRow = typeof conversations.$inferInsert;
type MemberRow = typeof members.$inferSelect;
type InviteRow = typeof invites.$inferSelect;
type ReactionRow = typeof reactions.$inferSelect;
type PinRow = typeof pins.$inferSelect;

/** One batch of a conversation's log, as the archive stores it. */
export interface Drain {
  conversation: ConversationRow;
  members: MemberRow[];
  invites: InviteRow[];
  /** Stored frames of `message` events. */
  messages: { frame: string; body_hash: string }[];
  /** Stored frames of `message_edit` events, the newest of each message. */
  edits: string[];
  /** The newest of each member, message and emoji. */
  reactions: ReactionRow[];
  /** The newest of each message. */
  pins: PinRow[];
  /** Ids of those of the messages that have media. */
  withMedia: string[];
  /** Ids of messages that were deleted since the last batch. */
  deleted: string[];
}

/**
 * Writes a batch in one transaction and one round trip. Safe to repeat, and to arrive after a later one: rows carry the
 * drain's version and never go back; a message is there once.
 * @returns whether files are used nowhere any more. @throws Fault UNAVAILABLE
 */
export async function archive(db: Database, drain: Drain): Promise<boolean> {
  const statements: [BatchItem<"pg">, ...BatchItem<"pg">[]] = [upsertConversation(db, drain.conversation)];
  if (drain.members.length > 0) statements.push(upsertMembers(db, drain.members));
  if (drain.invites.length > 0) statements.push(upsertInvites(db, drain.invites));
  if (drain.messages.length > 0) statements.push(insertMessages(db, drain.messages));
  if (drain.edits.length > 0) statements.push(editMessages(db, drain.conversation.id, drain.edits));
  if (drain.reactions.length > 0) statements.push(upsertReactions(db, drain.reactions));
  if (drain.pins.length > 0) statements.push(upsertPins(db, drain.pins));
  const { id } = drain.conversation;
  if (drain.withMedia.length > 0) statements.push(archiveUses(db, id, drain.withMedia));
  const before = statements.length;
  if (drain.deleted.length > 0) statements.push(...deleteMessages(db, id, drain.deleted));
  const unused = (await reach(db.batch(statements)))[before];
  return Array.isArray(unused) && unused.length > 0;
}

function upsertConversation(db: Database, row: ConversationRow) {
  return db
    .insert(conversations)
    .values(row)
    .onConflictDoUpdate({
      target: conversations.id,
      set: {
        ...excluded(conversations),
        sequence: sql`greatest(${conversations.sequence}, excluded.sequence)`,
        active_at: sql`greatest(${conversations.active_at}, excluded.active_at)`,
      },
      setWhere: sql`excluded.version > ${conversations.version}`,
    });
}

function upsertMembers(db: Database, rows: MemberRow[]) {
  return db
    .insert(members)
    .select(rowsOf(members, JSON.stringify(rows)))
    .onConflictDoUpdate({
      target: [members.conversation_id, members.user_id],
      set: {
        ...excluded(members),
        read: sql`greatest(${members.read}, excluded.read)`,
        delivered: sql`greatest(${members.delivered}, excluded.delivered)`,
      },
      setWhere: sql`excluded.version > ${members.version}`,
    });
}

function upsertInvites(db: Database, rows: InviteRow[]) {
  return db
    .insert(invites)
    .select(rowsOf(invites, JSON.stringify(rows)))
    .onConflictDoUpdate({
      target: [invites.conversation_id, invites.id],
      set: excluded(invites),
      setWhere: sql`excluded.version > ${invites.version}`,
    });
}

/** The frames as they are stored: their fields have the columns' names. */
function insertMessages(db: Database, stored: Drain["messages"]) {
  const rows = stored.map(
    ({ frame, body_hash }) => `{"body_hash":${JSON.stringify(body_hash)},"edited_sequence":0,${frame.slice(1)}`,
  );
  return db
    .insert(messages)
    .select(rowsOf(messages, `[${rows.join(",")}]`))
    .onConflictDoNothing({ target: [messages.conversation_id, messages.id] });
}

/**
 * Rows of a table, given as a JSON array and taken apart by Postgres. A parameter for each field of 500 rows would hold up
 * the conversation, whose thread this is, for a tenth of a second.
 */
function rowsOf(table: PgTable, json: string): SQL {
  const columns = Object.values(getTableColumns(table)).filter(({ generated }) => generated === undefined);
  const names = sql.raw(columns.map(({ name }) => `"${name}"`).join(", "));
  const fields = sql.raw(columns.map((column) => `"${column.name}" ${column.getSQLType()}`).join(", "));
  return sql`select ${names} from json_to_recordset(${json}::json) as row (${fields})`;
}

/** Behind the insertion of the same batch: one may be in both. An edit that arrives late never goes over a later one. */
function editMessages(db: Database, conversationId: string, frames: string[]) {
  const edits = sql`json_to_recordset(${`[${frames.join(",")}]`}::json)
    as edit (message_id uuid, sequence bigint, content text, updated_at timestamptz)`;
  return db
    .update(messages)
    .set({
      content: sql`case when ${messages.is_deleted} then '' else edit.content end`,
      updated_at: sql`edit.updated_at`,
      edited_sequence: sql`edit.sequence`,
      is_edited: true,
    })
    .from(edits)
    .where(
      and(
        eq(messages.conversation_id, conversationId),
        sql`${messages.id} = edit.message_id and edit.sequence > ${messages.edited_sequence}`,
      ),
    );
}

function upsertReactions(db: Database, rows: ReactionRow[]) {
  return db
    .insert(reactions)
    .select(sql`${rowsOf(reactions, JSON.stringify(rows))} where ${isStanding}`)
    .onConflictDoUpdate({
      target: [reactions.conversation_id, reactions.message_id, reactions.emoji, reactions.user_id],
      set: excluded(reactions),
      setWhere: sql`excluded.sequence > ${reactions.sequence}`,
    });
}

function upsertPins(db: Database, rows: PinRow[]) {
  return db
    .insert(pins)
    .select(sql`${rowsOf(pins, JSON.stringify(rows))} where ${isStanding}`)
    .onConflictDoUpdate({
      target: [pins.conversation_id, pins.message_id],
      set: excluded(pins),
      setWhere: sql`excluded.sequence > ${pins.sequence}`,
    });
}

/** What is about a message that a later batch deleted does not come back with an earlier one. */
const isStanding = sql`exists (select from ${messages} where ${messages.conversation_id} = row.conversation_id
  and ${messages.id} = row.message_id and not ${messages.is_deleted})`;

/** Of a message only that it was there; first of all, the files only they showed. Behind the insertions of the same batch: one may be in both. */
function deleteMessages(db: Database, conversationId: string, ids: string[]): BatchItem<"pg">[] {
  const isTheirs = (uses: Uses) =>
    sql`(${eq(uses.conversation_id, conversationId)} and ${inArray(uses.message_id, ids)})`;
  return [
    ...dropUses(db, isTheirs, new Date()),
    db
      .update(messages)
      .set({ content: "", media: [], mentions: [], is_deleted: true })
      .where(and(eq(messages.conversation_id, conversationId), inArray(messages.id, ids))),
    ...[reactions, pins].map((table) =>
      db.delete(table).where(and(eq(table.conversation_id, conversationId), inArray(table.message_id, ids))),
    ),
  ];
}

/** All columns as the statement brings them. */
function excluded(table: PgTable): Record<string, SQL> {
  return Object.fromEntries(Object.keys(getTableColumns(table)).map((name) => [name, sql.raw(`excluded."${name}"`)]));
}
