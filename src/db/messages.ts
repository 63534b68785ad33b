import { and, asc, desc, eq, exists, gt, inArray, isNull, lt, lte, sql } from "drizzle-orm";
import { isoTime } from "../protocol/ids.ts";
import type { Message } from "../protocol/messages.ts";
import { type Database, reach } from "./connect.ts";
import { conversations, members, messages } from "./schema.ts";

/** The columns a {@link Message} is made of, and its hash. */
export const messageColumns = {
  conversation_id: messages.conversation_id,
  id: messages.id,
  sequence: messages.sequence,
  sender_id: messages.sender_id,
  sender_name: messages.sender_name,
  content: messages.content,
  reply_to: messages.reply_to,
  forwarded_from: messages.forwarded_from,
  media: messages.media,
  mentions: messages.mentions,
  created_at: messages.created_at,
  updated_at: messages.updated_at,
  is_edited: messages.is_edited,
  is_deleted: messages.is_deleted,
};

export type MessageRow = Pick<typeof messages.$inferSelect, keyof typeof messageColumns>;

/** @param epoch the conversation's present one: the archive keeps none with a message */
export function messageOf(row: MessageRow, epoch: string): Message {
  const { reply_to, forwarded_from, created_at, updated_at, ...rest } = row;
  return {
    ...rest,
    epoch,
    ...(reply_to === null ? {} : { reply_to }),
    ...(forwarded_from ? { forwarded_from } : {}),
    created_at: isoTime(created_at.getTime()),
    updated_at: isoTime(updated_at.getTime()),
  };
}

export type ArchivedMessage = Message & { body_hash: string };

/** Messages of a conversation by their ids. @throws Fault UNAVAILABLE */
export async function messagesByIds(
  db: Database,
  conversationId: string,
  epoch: string,
  ids: string[],
): Promise<ArchivedMessage[]> {
  const rows = await reach(
    db
      .select({ ...messageColumns, body_hash: messages.body_hash })
      .from(messages)
      .where(and(eq(messages.conversation_id, conversationId), inArray(messages.id, ids))),
  );
  return rows.map(({ body_hash, ...row }) => ({ ...messageOf(row, epoch), body_hash }));
}

/**
 * Messages at or below `upTo`, next to a sequence: the newest below `before`, newest first, or the oldest above `after`,
 * oldest first. @throws Fault UNAVAILABLE
 */
export async function archivedMessages(
  db: Database,
  place: { conversationId: string; epoch: string; upTo: number },
  query: { before: number } | { after: number },
  limit: number,
): Promise<Message[]> {
  const isBack = "before" in query;
  const bound = isBack ? lt(messages.sequence, query.before) : gt(messages.sequence, query.after);
  const rows = await reach(
    db
      .select(messageColumns)
      .from(messages)
      .where(and(eq(messages.conversation_id, place.conversationId), lte(messages.sequence, place.upTo), bound))
      .orderBy(isBack ? desc(messages.sequence) : asc(messages.sequence))
      .limit(limit),
  );
  return rows.map((row) => messageOf(row, place.epoch));
}

/**
 * The user's conversations that have a message with this id, two at most. Each is looked up by its key: for who is in
 * thousands, Postgres would read the whole table.
 * @throws Fault UNAVAILABLE
 */
export async function conversationsWith(db: Database, userId: string, messageId: string): Promise<string[]> {
  const mine = db
    .select({ id: members.conversation_id })
    .from(members)
    .where(and(eq(members.user_id, userId), isNull(members.left_at)))
    .as("mine");
  const said = db
    .select({ id: messages.conversation_id })
    .from(messages)
    .where(and(eq(messages.conversation_id, mine.id), eq(messages.id, messageId)))
    .limit(1)
    .as("said");
  const there = db
    .select({ id: conversations.id })
    .from(conversations)
    .where(and(eq(conversations.id, said.id), isNull(conversations.deleted_at)));
  const rows = await reach(
    db.select({ id: said.id }).from(mine).innerJoinLateral(said, sql`true`).where(exists(there)).limit(2),
  );
  return rows.map((row) => row.id);
}
