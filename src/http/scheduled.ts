/** What is done by the clock, once an hour: deleted conversations whose time is over are erased, and files nothing uses. */
import { connect } from "../connect.ts";
import { deletedBefore } from "../db/forgetting.ts";
import { markUnused } from "../db/leftovers.ts";
import type { Env } from "../env.ts";
import { describeError, log } from "../log.ts";
import { limits } from "../protocol/limits.ts";

/** One that fails is found again by the next run. @throws Fault UNAVAILABLE */
export async function sweep(env: Env): Promise<void> {
  await sweepConversations(env);
  await sweepMedia(env);
}

async function sweepMedia(env: Env): Promise<void> {
  const { db, leftovers } = connect(env);
  const now = Date.now();
  await markUnused(db, new Date(now - limits.unclaimedMs), new Date(now));
  const erased = await leftovers.sweep(limits.mediaPerRun);
  const late = await leftovers.sweepLate(now - limits.unclaimedMs);
  if (erased + late > 0) log("info", "media_erased", { erased, late });
}

async function sweepConversations(env: Env): Promise<void> {
  const due = await deletedBefore(connect(env).db, Date.now() - limits.deletedMs, limits.erasedPerRun);
  let erased = 0;
  for (const id of due) if (await expire(env, id)) erased += 1;
  if (due.length > 0) log("info", "conversations_erased", { due: due.length, erased });
}

async function expire({ CONVERSATIONS }: Env, id: string): Promise<boolean> {
  try {
    const result = await CONVERSATIONS.get(CONVERSATIONS.idFromName(id)).expire();
    if (result.ok) return result.value;
    log("warn", "erasure_refused", { conversation_id: id, code: result.code });
  } catch (error) {
    log("error", "erasure_failed", { conversation_id: id, ...describeError(error) });
  }
  return false;
}
