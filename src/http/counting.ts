/** Counting that does not fail closed: in Redis, over all isolates; where it is away, each isolate counts alone. */
import { connect } from "../connect.ts";
import { type Allowance, countIn, uncountIn, type Window } from "../core/windows.ts";
import { log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { newest } from "../services/newest.ts";
import type { AppContext } from "./context.ts";

export interface Buckets {
  /** Counts one. @returns 0, or how many ms to wait: then nothing was counted */
  count(bucket: string, allowance: Allowance): number;
  /** Takes back one that was counted. */
  uncount(bucket: string): void;
}

/** @param most of them are kept, the last counted in */
export function localBuckets(most: number): Buckets {
  const windows = newest<Window>(most);
  return {
    count(bucket, allowance) {
      const { window, waitMs } = countIn(windows.get(bucket), allowance, Date.now());
      windows.put(bucket, window);
      return waitMs;
    },
    uncount(bucket) {
      const window = windows.get(bucket);
      if (window) windows.put(bucket, uncountIn(window));
    },
  };
}

const local = localBuckets(limits.localBuckets);

async function shared<T>(c: AppContext, ask: () => Promise<T>, otherwise: () => T): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log("warn", "throttle_local", { request_id: c.get("requestId") });
    return otherwise();
  }
}

/** @returns 0, or how many ms to wait: then nothing was counted */
export function countAnyway(c: AppContext, bucket: string, allowance: Allowance): Promise<number> {
  const { cache } = connect(c.env);
  return shared(
    c,
    () => cache.count(bucket, allowance.limit, allowance.windowMs),
    () => local.count(bucket, allowance),
  );
}

/** Takes back one that was counted. */
export function uncountAnyway(c: AppContext, bucket: string): Promise<void> {
  return shared(
    c,
    () => connect(c.env).cache.uncount(bucket),
    () => local.uncount(bucket),
  );
}
