/** Uploads, from their tickets on, and the avatars some of them are. */
import { and, eq, exists, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { Purpose } from "../protocol/media.ts";
import type { Message } from "../protocol/messages.ts";
import { type Database, reach } from "./connect.ts";
import { conversations, media, users } from "./schema.ts";

export type MediaRow = typeof media.$inferSelect;
type Shown = Message["media"][number];

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
