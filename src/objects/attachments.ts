/** Media of messages that are about to be said: settled in Postgres before the turn, swept where the message never comes. */
import type { Wanted } from "../core/view.ts";
import type { Database } from "../db/connect.ts";
import { mediaOf } from "../db/media.ts";
import { claimMedia, releaseMedia, shareMedia } from "../db/media-uses.ts";
import { describeError, log } from "../log.ts";
import { Fault, refuseField } from "../protocol/errors.ts";
import type { Message } from "../protocol/messages.ts";

export type WantedMedia = Exclude<Wanted, { read: unknown }>;
type Media = Message["media"];

interface Place {
  db: Database;
  /** The conversation. */
  id: string;
}

/**
 * In the order they were named. @param source the message that is copied, if one is
 * @throws Fault INVALID_CONTENT that names the first that is not to be had, UNAVAILABLE
 */
export async function settleMedia(
  { db, id: conversation_id }: Place,
  { userId, source }: { userId: string; source: Message | undefined },
  wants: WantedMedia,
): Promise<Media> {
  const use = { conversation_id, message_id: wants.id, now: new Date() };
  if ("attach" in wants) return await attach(db, { ...use, owner_id: userId, ids: wants.attach });
  const shared = new Set(await shareMedia(db, { ...use, ids: wants.share }));
  return source?.media.filter(({ id }) => shared.has(id)) ?? [];
}

async function attach(db: Database, claim: Parameters<typeof claimMedia>[1]): Promise<Media> {
  const rows = new Map((await claimMedia(db, claim)).map((row) => [row.id, row]));
  const found = claim.ids.map((id) => rows.get(id));
  const missing = found.indexOf(undefined);
  if (missing < 0) return found.flatMap((row) => (row ? [mediaOf(row)] : []));
  await releaseMedia(db, { ...claim, ids: [...rows.keys()] });
  throw Fault.from(refuseField(`media_ids.${missing}`, "is no upload of yours that is ready and not sent yet"));
}

/** What it does not do now is swept. */
export async function releaseUnsaid({ db, id }: Place, message_id: string, ids: string[]): Promise<void> {
  try {
    await releaseMedia(db, { conversation_id: id, message_id, ids });
  } catch (error) {
    log("warn", "media_release_failed", { conversation_id: id, ...describeError(error) });
  }
}
