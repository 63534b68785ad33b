import type { Redis } from "@upstash/redis";
import { describeError, log } from "../log.ts";

/** What could not be sent since the last time something was. */
export interface Failures {
  failures: number;
  /** ms since 1970 */
  failed_at?: number;
}

/** What the isolates tell each other of a way out, for `/ready`. A telling is a courtesy: letters go without Redis. */
export interface Outages {
  report(at: number): Promise<void>;
  clear(): Promise<void>;
  /** @throws when Redis is away */
  read(): Promise<Failures>;
}

/** @param keptMs how long a failure shows where nothing is sent after it */
export function connectOutages(redis: Redis, name: "mail" | "push", keptMs: number): Outages {
  const [countKey, lastKey] = [`${name}:failures`, `${name}:failed_at`];
  return {
    report: (at) =>
      unheard(
        redis.pipeline().incr(countKey).pexpire(countKey, keptMs).set(lastKey, String(at), { px: keptMs }).exec(),
      ),
    clear: () => unheard(redis.del(countKey, lastKey)),
    async read() {
      const [failures, failedAt] = await redis.mget<(string | null)[]>(countKey, lastKey);
      return { failures: Number(failures ?? 0), ...(failedAt ? { failed_at: Number(failedAt) } : {}) };
    },
  };
}

async function unheard(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    log("warn", "failure_not_shared", describeError(error));
  }
}
