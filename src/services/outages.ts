import type { Redis } from "@upstash/redis";
import { describeError, log } from "../log.ts";
import { limits } from "../protocol/limits.ts";

const countKey = "mail:failures";
const lastKey = "mail:failed_at";

/** Letters that could not be sent since the last one that was. */
export interface MailFailures {
  failures: number;
  /** ms since 1970 */
  failed_at?: number;
}

/** What the isolates tell each other of mail, for `/ready`. A telling is a courtesy: letters go without Redis. */
export interface Outages {
  report(at: number): Promise<void>;
  clear(): Promise<void>;
  /** @throws when Redis is away */
  read(): Promise<MailFailures>;
}

export function connectOutages(redis: Redis): Outages {
  return {
    report: (at) =>
      unheard(
        redis
          .pipeline()
          .incr(countKey)
          .pexpire(countKey, limits.mailFailuresMs)
          .set(lastKey, String(at), { px: limits.mailFailuresMs })
          .exec(),
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
    log("warn", "mail_failure_not_shared", describeError(error));
  }
}
