/** Bytes nothing uses any more: they go, and then what tells of them. Each step may be repeated. */
import type { Blobs } from "./blobs.ts";
import { keys } from "./keys.ts";

export interface LeftoverRows {
  /** Files of which the bytes are to go, the oldest first. */
  unused(most: number): Promise<{ id: string }[]>;
  /** Their bytes are gone. */
  erase(ids: string[]): Promise<void>;
}

export interface Leftovers {
  /** @returns how many files are gone. @throws Fault UNAVAILABLE; what went until then is gone */
  sweep(most: number): Promise<number>;
  /**
   * What was uploaded before then and is there still, a page of it: a ticket lives on when its upload is complete, or its
   * row is gone, and nothing tells of what comes by it.
   * @param before ms @returns how many were late. @throws Fault UNAVAILABLE
   */
  sweepLate(before: number): Promise<number>;
}

const atOnce = 6; // the platform lets so many connections wait

/** @param blobs undefined: no store is set up, and there is nothing to sweep */
export function connectLeftovers(blobs: Blobs | undefined, rows: LeftoverRows): Leftovers {
  return {
    sweep: async (most) => (blobs ? await sweep(blobs, rows, most) : 0),
    sweepLate: async (before) => (blobs ? await sweepLate(blobs, before) : 0),
  };
}

async function sweep(blobs: Blobs, rows: LeftoverRows, most: number): Promise<number> {
  const ids = (await rows.unused(most)).map(({ id }) => id);
  let failed: PromiseRejectedResult | undefined;
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = ids.slice(at, at + atOnce);
    const erased = await Promise.allSettled(some.map((id) => erase(blobs, id)));
    await rows.erase(some.filter((_, nth) => erased[nth]?.status === "fulfilled"));
    // One that does not go holds up nobody behind it, and is tried again.
    failed ??= erased.find((one) => one.status === "rejected");
  }
  if (failed) throw failed.reason;
  return ids.length;
}

/** Ids rise with time: the oldest come first. */
async function sweepLate(blobs: Blobs, before: number): Promise<number> {
  const { entries } = await blobs.list(keys.staging(""));
  const late = entries.filter(({ modified_at }) => modified_at < before);
  for (let at = 0; at < late.length; at += atOnce) {
    await Promise.all(late.slice(at, at + atOnce).map(({ key }) => blobs.delete(key)));
  }
  return late.length;
}

/** Wherever they lie: an upload may have stopped half way. */
async function erase(blobs: Blobs, id: string): Promise<void> {
  for (const keyOf of Object.values(keys)) await blobs.delete(keyOf(id));
}
