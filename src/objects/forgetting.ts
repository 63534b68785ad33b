/** Somebody's account is gone: a conversation forgets them, a slice of its log a call, here and in the archive. */
import { isAbandoned } from "../core/forgetting.ts";
import type { Database } from "../db/connect.ts";
import { unnameMessages } from "../db/forgetting.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Forgetting } from "../protocol/lookups.ts";
import type { Log } from "./log.ts";
import type { Outbox } from "./outbox.ts";
import type { Sequencer } from "./sequencer.ts";
import { rememberOlder } from "./waking.ts";

export interface ForgettingParts {
  log: Log;
  db: Database;
  sequencer: Sequencer;
  outbox: Outbox;
  /** Nobody is left who has an account: the conversation is gone for good. */
  abandoned(): Promise<void>;
}

/**
 * What is not in Postgres yet goes there first: nothing that still has the name, or the text, can arrive behind.
 * Below the floor it goes from message to message of theirs: nothing else there has their name.
 * @returns where the next slice begins; null where all is done
 * @throws Fault UNAVAILABLE; what was done stays done
 */
export async function forgetSlice(parts: ForgettingParts, wanted: Forgetting): Promise<number | null> {
  const { log, db, sequencer, outbox } = parts;
  // What was said before a rebuild is only known when all ids are here.
  while (wanted.erase && log.room && !log.archive.isComplete) await rememberOlder(log, db, log.room.id);
  const outcome = await sequencer.submitSystem({ type: "forget", ...wanted });
  const { room } = log;
  if (!room || !outcome?.forgotten) return null;
  const { head } = room;
  await outbox.drain();
  if (log.archive.drained < head) {
    throw new Fault("UNAVAILABLE", "The archive is away", { retry_after_ms: limits.unavailableRetryMs });
  }
  const { isAll, ...unnamed } = outcome.forgotten;
  const next = await unnameMessages(db, { conversation_id: room.id, erase: wanted.erase, ...unnamed });
  if (!isAll) return Math.max(unnamed.upTo, Math.min(room.floor, (next ?? room.floor + 1) - 1));
  if (isAbandoned(log.room ?? room)) await parts.abandoned();
  return null;
}
