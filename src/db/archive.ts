import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { PgTable } from "drizzle-orm/pg-core";
import { eventFrames } from "../protocol/frames.ts";
import { type Database, reach } from "./connect.ts";
import { conversations, members, messages } from "./schema.ts";

type ConversationRow = typeof conversations.$inferInsert;
type MemberRow = typeof members.$inferInsert;
type MessageRow = typeof messages.$inferInsert;

/** One batch of a conversation's log, as the archive stores it. */
export interface Drain {
  conversation: ConversationRow;
  members: MemberRow[];
  /** Stored frames of `message` events. */
  messages: { frame: string; body_hash: string }[];
}

/**
 * Writes a batch in one transaction and one round trip. Safe to repeat, and to arrive after a later one: rows carry the
 * drain's version and never go back; a message is there once.
 * @throws Fault UNAVAILABLE
 */
export async function archive(db: Database, drain: Drain): Promise<void> {
  const statements: [BatchItem<"pg">, ...BatchItem<"pg">[]] = [upsertConversation(db, drain.conversation)];
  if (drain.members.length > 0) statements.push(upsertMembers(db, drain.members));
  if (drain.messages.length > 0) statements.push(insertMessages(db, drain.messages.map(rowOf)));
  await reach(db.batch(statements));
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
    .values(rows)
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

function insertMessages(db: Database, rows: MessageRow[]) {
  return db
    .insert(messages)
    .values(rows)
    .onConflictDoNothing({ target: [messages.conversation_id, messages.id] });
}

function rowOf({ frame, body_hash }: Drain["messages"][number]): MessageRow {
  const {
    epoch: _epoch,
    type: _type,
    created_at,
    updated_at,
    ...message
  } = eventFrames.message.parse(JSON.parse(frame));
  return { ...message, body_hash, created_at: new Date(created_at), updated_at: new Date(updated_at) };
}

/** All columns as the statement brings them. */
function excluded(table: PgTable): Record<string, SQL> {
  return Object.fromEntries(Object.keys(getTableColumns(table)).map((name) => [name, sql.raw(`excluded."${name}"`)]));
}
