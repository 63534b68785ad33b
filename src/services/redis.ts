/** How Redis is reached, and what is made of it when it is not. */
import { errors, Redis } from "@upstash/redis/cloudflare";
import { log } from "../log.ts";
import type { Config } from "../protocol/config.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";

export function connectRedis(config: Pick<Config, "UPSTASH_REDIS_REST_URL" | "UPSTASH_REDIS_REST_TOKEN">): Redis {
  return new Redis({
    url: config.UPSTASH_REDIS_REST_URL,
    token: config.UPSTASH_REDIS_REST_TOKEN,
    automaticDeserialization: false,
    // A pipeline would carry commands of one request on another's connection.
    enableAutoPipelining: false,
    enableTelemetry: false,
    readYourWrites: false,
    retry: { retries: 1, backoff: () => limits.redisRetryMs },
    signal: () => AbortSignal.timeout(limits.redisTimeoutMs),
  });
}

const unavailable = () => new Fault("UNAVAILABLE", "The cache is away", { retry_after_ms: limits.unavailableRetryMs });

/** Codes by which Redis says of itself that it cannot serve now, alone or as one command of a pipeline. */
const away =
  /^(?:Command \d+ \[ \w+ \] failed: )?(?:LOADING|BUSY|READONLY|OOM|MISCONF|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|ERR max )/;

/** Redis was reached, and refused the command: a bug of ours. */
function isRefusal(error: unknown): boolean {
  if (error instanceof errors.UpstashJSONParseError) return false;
  return error instanceof errors.UpstashError && !away.test(error.message);
}

/**
 * Redis that hangs costs one request its time, not all of them: after a failure to reach it nothing is asked for a while,
 * then by one for all.
 */
export function questions() {
  let awayUntil = 0;

  /**
   * Asks at any time. The client's errors repeat the command and what it stores: only their name is logged.
   * @throws Fault UNAVAILABLE
   */
  async function insist<T>(question: () => Promise<T>): Promise<T> {
    try {
      const answer = await question();
      awayUntil = 0;
      return answer;
    } catch (error) {
      log("error", "redis_failed", { error: error instanceof Error ? error.name : "unknown" });
      if (isRefusal(error)) {
        awayUntil = 0;
        throw new Error("Redis refused a command");
      }
      awayUntil = Date.now() + limits.unavailableRetryMs;
      throw unavailable();
    }
  }

  /** @throws Fault UNAVAILABLE */
  async function ask<T>(question: () => Promise<T>): Promise<T> {
    const now = Date.now();
    if (now < awayUntil) throw unavailable();
    if (awayUntil > 0) awayUntil = now + limits.unavailableRetryMs;
    return await insist(question);
  }

  return { ask, insist };
}
