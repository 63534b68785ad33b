/** How a conversation ends for good: abandoned by all who had an account, or deleted so long ago that nobody restores it. */
import { isExpired } from "../core/changes.ts";
import type { Database } from "../db/connect.ts";
import { eraseConversation } from "../db/forgetting.ts";
import { closes } from "../protocol/errors.ts";
import type { DirectSockets } from "./direct.ts";
import type { Fanout } from "./fanout.ts";
import type { Log } from "./log.ts";
import type { Outbox } from "./outbox.ts";
import type { Upkeep } from "./upkeep.ts";

export interface EndingParts {
  id: string;
  db: Database;
  log: Log;
  outbox: Outbox;
  fanout: Fanout;
  direct: DirectSockets;
  upkeep: Upkeep;
  storage: DurableObjectStorage;
}

/** What asks for it from now on finds nothing. @throws Fault UNAVAILABLE; then it is there as before */
export async function end({ id, db, log, fanout, direct, upkeep, storage }: EndingParts): Promise<void> {
  await eraseConversation(db, id);
  direct.endAll(closes.deleted);
  log.end();
  fanout.end();
  upkeep.end();
  // Asked for in one breath with the above: nothing can begin in between.
  await Promise.all([storage.deleteAlarm(), storage.deleteAll()]);
}

/** {@link end}s it if its time is over. @returns whether it was */
export async function expire(parts: EndingParts): Promise<boolean> {
  // Postgres may not have heard that it was restored; and a drain under way must not write behind the erasure.
  await parts.outbox.drain();
  const { room } = parts.log;
  const isOver = room !== undefined && isExpired(room, Date.now());
  if (isOver) await end(parts);
  return isOver;
}
