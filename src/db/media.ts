/** Uploads and what uses them. */
import {
  and,
  desc,
  eq,
  exists,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  not,
  notExists,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import { type AnyPgColumn, alias } from "drizzle-orm/pg-core";
import { isoTime } from "../protocol/ids.ts";
import type { Purpose, SharedFile } from "../protocol/media.ts";
import type { Message } from "../protocol/messages.ts";
import { type Database, reach } from "./connect.ts";
import { conversations, media, mediaUses, members, messages, users } from "./schema.ts";

export type MediaRow = typeof media.$inferSelect;
type Shown = Message["media"][number];

/** Where a message is. */
export interface Use {
  conversation_id: string;
  message_id: string;
}

/** The stable address of what needs a signature to be read. */
export function mediaOf({ id, content_type, size, name, width, height }: MediaRow): Shown {
  return {
    ...{ id, content_type, size },
    ...(name === null ? {} : { name }),
    ...(width === null || height === null ? {} : { width, height }),
    url: `/api/v1/media/${id}`,
  };
}

export interface NewMedia {
  id: string;
  owner_id: string;
  purpose: Purpose;
  content_type: string;
  size: number;
  name: string | undefined;
  created_at: Date;
}

/** @param quota bytes an owner may have; @returns whether there was room. @throws Fault UNAVAILABLE */
export async function insertMedia(db: Database, row: NewMedia, quota: number): Promise<boolean> {
  const { id, owner_id, purpose, content_type, size, name, created_at } = row;
  const used = sql`(select coalesce(sum(${media.size}), 0) from ${media}
    where ${media.owner_id} = ${owner_id} and ${media.unused_at} is null)`;
  const owner = db.select({ id: users.id }).from(users).where(eq(users.id, owner_id));
  const [, inserted] = await reach(
    db.batch([
      owner.for("no key update"), // one after the other: many at once would each see room for themselves
      db.execute(sql`insert into ${media} (id, owner_id, purpose, content_type, size, name, created_at)
        select ${id}, ${owner_id}, ${purpose}, ${content_type}, ${size}, ${name ?? null}, ${created_at.toISOString()}
        where ${used} + ${size} <= ${quota} returning id`),
    ]),
  );
  return inserted.rows.length > 0;
}

/** Of whomever's. @throws Fault UNAVAILABLE */
export async function findMedia(db: Database, id: string): Promise<MediaRow | undefined> {
  const found = db
    .select()
    .from(media)
    .where(and(eq(media.id, id), isNull(media.unused_at)));
  return (await reach(found))[0];
}

/** Its bytes were looked at. @returns the row as it is then; undefined where it has gone meanwhile. @throws Fault UNAVAILABLE */
export async function completeMedia(
  db: Database,
  id: string,
  { width, height, now }: { width: number | undefined; height: number | undefined; now: Date },
): Promise<MediaRow | undefined> {
  const completed = db
    .update(media)
    .set({ ready_at: sql`coalesce(${media.ready_at}, ${now.toISOString()}::timestamptz)`, width, height })
    .where(and(eq(media.id, id), isNull(media.unused_at)))
    .returning();
  return (await reach(completed))[0];
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

/** Gives an upload its use as an avatar. @returns it; undefined where it is not one's own, ready and unused. @throws Fault UNAVAILABLE */
export async function claimAvatar(db: Database, id: string, ownerId: string, now: Date): Promise<MediaRow | undefined> {
  const claimed = db
    .update(media)
    .set({ claimed_at: now })
    .where(
      and(
        eq(media.id, id),
        eq(media.owner_id, ownerId),
        eq(media.purpose, "avatar"),
        isNotNull(media.ready_at),
        isNull(media.unused_at),
        isNull(media.claimed_at),
      ),
    )
    .returning();
  return (await reach(claimed))[0];
}

/** It was not shown after all. @throws Fault UNAVAILABLE */
export async function releaseAvatar(db: Database, id: string): Promise<void> {
  await reach(db.update(media).set({ claimed_at: null }).where(eq(media.id, id)));
}

/** An upload is taken back. @returns whether it was not in use. @throws Fault UNAVAILABLE */
export async function discardUnsent(db: Database, id: string, now: Date): Promise<boolean> {
  const gone = db
    .update(media)
    .set({ unused_at: now })
    .where(and(eq(media.id, id), isNull(media.claimed_at)))
    .returning({ id: media.id });
  return (await reach(gone)).length > 0;
}

/** Nothing uses it any more. @throws Fault UNAVAILABLE */
export async function discardMedia(db: Database, ids: string[], now: Date): Promise<void> {
  const gone = db
    .update(media)
    .set({ unused_at: now })
    .where(and(inArray(media.id, ids), isNull(media.unused_at)));
  await reach(gone);
}

/** For a batch: the account ends, and with it its avatar and what it has uploaded and not sent. */
export function discardOwn(db: Database, userId: string, now: Date) {
  const shows = db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), sql`right(${users.avatar_url}, 36) = ${media.id}::text`));
  return db
    .update(media)
    .set({ unused_at: now })
    .where(and(eq(media.owner_id, userId), isNull(media.unused_at), or(isNull(media.claimed_at), exists(shows))));
}

/** For a batch: a conversation is gone for good, and with it its avatar. */
export function discardAvatarOf(db: Database, conversationId: string, now: Date) {
  const shown = db
    .select({ id: sql`right(${conversations.avatar_url}, 36)::uuid`.as("id") })
    .from(conversations)
    .where(and(eq(conversations.id, conversationId), sql`${conversations.avatar_url} ~ '/[0-9a-f-]{36}$'`));
  return db
    .update(media)
    .set({ unused_at: now })
    .where(and(inArray(media.id, shown), eq(media.purpose, "avatar"), isNull(media.unused_at)));
}

// -- What nothing uses --------------------------------------------------------------------------------------------

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

/** Marks uploads that nobody has used since `before`, and those of messages that never came. @throws Fault UNAVAILABLE */
export async function markUnused(db: Database, before: Date, now: Date): Promise<void> {
  const isForgotten = and(isNull(media.claimed_at), lt(media.created_at, before), isNull(media.unused_at));
  const neverCame = (uses: Uses) =>
    sql`(not ${uses.is_archived} and ${uses.at} < ${before.toISOString()} and ${notExists(saidIn(db, uses))})`;
  await reach(db.batch([...dropUses(db, neverCame, now), db.update(media).set({ unused_at: now }).where(isForgotten)]));
}

function saidIn(db: Database, uses: Uses) {
  return db
    .select({ id: messages.id })
    .from(messages)
    .where(
      and(
        eq(messages.conversation_id, uses.conversation_id),
        eq(messages.id, uses.message_id),
        eq(messages.is_deleted, false),
      ),
    );
}

/** Those of which the bytes are to go; one that was forwarded in that very moment is let off. @throws Fault UNAVAILABLE */
export async function unusedMedia(db: Database, most: number): Promise<MediaRow[]> {
  const used = db.select({ id: mediaUses.media_id }).from(mediaUses).where(eq(mediaUses.media_id, media.id));
  const isUnused = isNotNull(media.unused_at);
  const [, found] = await reach(
    db.batch([
      db
        .update(media)
        .set({ unused_at: null })
        .where(and(isUnused, exists(used))),
      db.select().from(media).where(isUnused).orderBy(media.unused_at).limit(most),
    ]),
  );
  return found;
}

/** Their bytes are gone. @throws Fault UNAVAILABLE */
export async function eraseMedia(db: Database, ids: string[]): Promise<void> {
  await reach(db.delete(media).where(and(inArray(media.id, ids), isNotNull(media.unused_at))));
}
