import type { Redis } from "@upstash/redis";
import { describeError, log } from "../log.ts";

const key = "lag";
const keptSeconds = 3_600;

/** How far the archive is behind: conversations whose drain failed, told by their objects, shown by `/ready`. */
export interface Lag {
  /** @param since ms, when the oldest event was made that is not in Postgres */
  report(conversationId: string, since: number): Promise<void>;
  clear(conversationId: string): Promise<void>;
  /** @throws when Redis is away */
  read(): Promise<{ conversations: number; oldest_since: number | undefined }>;
}

export function connectLag(redis: Redis): Lag {
  return {
    report: (conversationId, since) =>
      unheard(redis.pipeline().zadd(key, { score: since, member: conversationId }).expire(key, keptSeconds).exec()),
    clear: (conversationId) => unheard(redis.zrem(key, conversationId)),
    async read() {
      const [count, oldest] = await redis
        .pipeline()
        .zcard(key)
        .zrange<(string | number)[]>(key, 0, 0, { withScores: true })
        .exec<[number, (string | number)[]]>();
      return { conversations: count, oldest_since: oldest[1] === undefined ? undefined : Number(oldest[1]) };
    },
  };
}

/** A report is a courtesy: the drain goes on without Redis. */
async function unheard(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    log("warn", "lag_not_reported", describeError(error));
  }
}
