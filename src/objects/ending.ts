/** How a conversation ends for good: abandoned by all who had an account, or deleted so long ago that nobody restores it. */
import { isExpired } from "../core/changes.ts";
import { eraseConversation } from "../db/forgetting.ts";
import { closes } from "../protocol/errors.ts";
import type { Parts } from "./parts.ts";

/** What asks for it from now on finds nothing. @throws Fault UNAVAILABLE; then it is there as before */
export async function end({ db, log, fanout, direct, upkeep, storage }: Parts, id: string): Promise<void> {
  await eraseConversation(db, id);
  direct.endAll(closes.deleted);
  log.end();
  fanout.end();
  upkeep.end();
  // Asked for in one breath with the above: nothing can begin in between.
  await Promise.all([storage.deleteAlarm(), storage.deleteAll()]);
}

/** {@link end}s it if its time is over. @returns whether it was */
export async function expire(parts: Parts, id: string): Promise<boolean> {
  // Postgres may not have heard that it was restored; and a drain under way must not write behind the erasure.
  await parts.outbox.drain();
  const { room } = parts.log;
  const isOver = room !== undefined && isExpired(room, Date.now());
  if (isOver) await end(parts, id);
  return isOver;
}
