/** Uploads that nothing uses: found, and forgotten when their bytes are gone. */
import { and, eq, exists, inArray, isNotNull, isNull, lt, notExists, sql } from "drizzle-orm";
import { type Database, reach } from "./connect.ts";
import type { MediaRow } from "./media.ts";
import { dropUses, type Uses } from "./media-uses.ts";
import { media, mediaUses, messages } from "./schema.ts";

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
