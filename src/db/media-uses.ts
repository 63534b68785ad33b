/** Which messages show which uploads: given before a message is said, shared by its forwards, gone with the last of them. */
import { and, desc, eq, inArray, isNotNull, isNull, lte, not, notExists, or, type SQL, sql } from "drizzle-orm";
import { type AnyPgColumn, alias } from "drizzle-orm/pg-core";
import { isoTime } from "../protocol/ids.ts";
import type { SharedFile } from "../protocol/media.ts";
import type { Message } from "../protocol/messages.ts";
import { type Database, reach } from "./connect.ts";
import type { MediaRow } from "./media.ts";
import { conversations, media, mediaUses, members, messages } from "./schema.ts";

type Shown = Message["media"][number];

/** Where a message is. */
export interface Use {
  conversation_id: string;
  message_id: string;
}

export interface Claim extends Use {
  owner_id: string;
  ids: string[];
  now: Date;
}

/**
 * Gives uploads to the message they are sent with: only the owner's own, ready ones that no other message has. May be
 * repeated.
 * @returns those it has now, in any order. @throws Fault UNAVAILABLE
 */
export async function claimMedia(db: Database, { owner_id, ids, now, ...use }: Claim): Promise<MediaRow[]> {
  const isIts = isClaimedFor(use);
  const claimed = db
    .update(media)
    .set({ claimed_at: now, claimed_conversation_id: use.conversation_id, claimed_message_id: use.message_id })
    .where(
      and(
        inArray(media.id, ids),
        eq(media.owner_id, owner_id),
        eq(media.purpose, "message"),
        isNotNull(media.ready_at),
        isNull(media.unused_at),
        or(isNull(media.claimed_at), isIts),
      ),
    )
    .returning();
  const [rows] = await reach(db.batch([claimed, insertUses(db, and(inArray(media.id, ids), isIts), { ...use, now })]));
  return rows;
}

/** The message was not sent: its uploads can go with another one. @throws Fault UNAVAILABLE */
export async function releaseMedia(db: Database, { ids, ...use }: Use & { ids: string[] }): Promise<void> {
  const free = { claimed_at: null, claimed_conversation_id: null, claimed_message_id: null };
  await reach(
    db.batch([
      db.delete(mediaUses).where(and(isUseOf(use), inArray(mediaUses.media_id, ids))),
      db
        .update(media)
        .set(free)
        .where(and(isClaimedFor(use), inArray(media.id, ids))),
    ]),
  );
}

/** A copy of a message shows what the message shows. @returns those that are still there. @throws Fault UNAVAILABLE */
export async function shareMedia(db: Database, { ids, now, ...use }: Omit<Claim, "owner_id">): Promise<string[]> {
  const standing = and(inArray(media.id, ids), isNull(media.unused_at));
  await reach(insertUses(db, standing, { ...use, now }));
  const shared = db.select({ id: mediaUses.media_id }).from(mediaUses).where(isUseOf(use));
  return (await reach(shared)).map((row) => row.id);
}

function insertUses(db: Database, which: SQL | undefined, { conversation_id, message_id, now }: Use & { now: Date }) {
  const at = now.toISOString();
  return db
    .insert(mediaUses)
    .select(
      db
        .select({
          media_id: media.id,
          conversation_id: sql`${conversation_id}::uuid`.as("conversation_id"),
          message_id: sql`${message_id}::uuid`.as("message_id"),
          at: sql`${at}::timestamptz`.as("at"),
          is_archived: sql`false`.as("is_archived"),
        })
        .from(media)
        .where(which),
    )
    .onConflictDoNothing();
}

function isClaimedFor({ conversation_id, message_id }: Use): SQL | undefined {
  return and(eq(media.claimed_conversation_id, conversation_id), eq(media.claimed_message_id, message_id));
}

function isUseOf({ conversation_id, message_id }: Use): SQL | undefined {
  return and(eq(mediaUses.conversation_id, conversation_id), eq(mediaUses.message_id, message_id));
}

/** Messages that show it in conversations a user is in now, and that are not deleted: those show nothing. @throws Fault UNAVAILABLE */
export async function usesFor(db: Database, mediaId: string, userId: string, most: number): Promise<Use[]> {
  const found = db
    .select({ conversation_id: mediaUses.conversation_id, message_id: mediaUses.message_id })
    .from(mediaUses)
    .innerJoin(members, eq(members.conversation_id, mediaUses.conversation_id))
    .innerJoin(conversations, eq(conversations.id, mediaUses.conversation_id))
    .where(
      and(
        eq(mediaUses.media_id, mediaId),
        eq(members.user_id, userId),
        isNull(members.left_at),
        isNull(conversations.deleted_at),
      ),
    )
    .orderBy(desc(mediaUses.at))
    .limit(most);
  return await reach(found);
}

/** Files of a conversation's messages, the newest first, a message's last first. @throws Fault UNAVAILABLE */
export async function filesIn(
  db: Database,
  conversationId: string,
  { before, limit }: { before?: { sequence: number; nth: number } | undefined; limit: number },
): Promise<{ file: SharedFile; nth: number }[]> {
  const { id, sequence, sender_id, created_at } = messages;
  const file = sql<Shown>`one.file`;
  const nth = sql<string>`one.nth`;
  const found = db
    .select({ message_id: id, sequence, sender_id, created_at, media: file.as("file"), nth: nth.as("nth") })
    .from(messages)
    .innerJoin(sql`jsonb_array_elements(${messages.media}) with ordinality as one (file, nth)`, sql`true`)
    .where(
      and(
        eq(messages.conversation_id, conversationId),
        sql`${messages.media} <> '[]'::jsonb`,
        before && sql`(${sequence}, ${nth}) < (${before.sequence}, ${before.nth})`,
        before && lte(sequence, before.sequence),
      ),
    )
    .orderBy(desc(sequence), desc(nth))
    .limit(limit);
  return (await reach(found)).map(({ nth, created_at, ...row }) => ({
    file: { ...row, created_at: isoTime(created_at.getTime()) },
    nth: Number(nth),
  }));
}

export type Uses = Record<"conversation_id" | "message_id" | "at" | "is_archived", AnyPgColumn>;

/** For a batch: messages that show it are gone; where they were the last ones, its bytes are to go, too: those it gives. */
export function dropUses(db: Database, isGone: (uses: Uses) => SQL, now: Date) {
  const others = alias(mediaUses, "others");
  const gone = db.select({ id: mediaUses.media_id }).from(mediaUses).where(isGone(mediaUses));
  const left = db
    .select({ id: others.media_id })
    .from(others)
    .where(and(eq(others.media_id, media.id), not(isGone(others))));
  return [
    db
      .update(media)
      .set({ unused_at: now })
      .where(and(inArray(media.id, gone), isNull(media.unused_at), notExists(left)))
      .returning({ id: media.id }),
    db.delete(mediaUses).where(isGone(mediaUses)),
  ] as const;
}

/** For a batch: the messages are in the archive. */
export function archiveUses(db: Database, conversationId: string, messageIds: string[]) {
  return db
    .update(mediaUses)
    .set({ is_archived: true })
    .where(and(eq(mediaUses.conversation_id, conversationId), inArray(mediaUses.message_id, messageIds)));
}
