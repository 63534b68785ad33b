/** Redis: what may be lost within minutes. Whatever cannot be asked is UNAVAILABLE, but for the one question that fails open. */
import { log } from "../log.ts";
import type { Config } from "../protocol/config.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { newest } from "./newest.ts";
import { connectRedis, questions } from "./redis.ts";

export interface Cache {
  put(key: string, value: string, lifeMs: number): Promise<void>;
  read(key: string): Promise<string | undefined>;
  /** Puts `next` in place of `seen`, or takes it away; false where it is not `seen` any more. */
  swap(key: string, seen: string, next: { value: string; lifeMs: number } | undefined): Promise<boolean>;
  /** Counts one in a bucket that empties `windowMs` after its first. @returns 0, or how many ms to wait: then nothing was counted */
  count(bucket: string, limit: number, windowMs: number): Promise<number>;
  /** Takes back one that was counted. */
  uncount(bucket: string): Promise<void>;
  /** Forgets all that was counted. */
  clear(bucket: string): Promise<void>;
  /** How many were counted. */
  counted(bucket: string): Promise<number>;
  /** Asked once in a while for each session; where Redis is away the answer is no. */
  hasSessionEnded(sessionId: string): Promise<boolean>;
  /** Refuses the sessions' access tokens for as long as they live: here at once, elsewhere within {@link limits.sessionKnownMs}. */
  endSessions(sessionIds: readonly string[]): Promise<void>;
  ping(): Promise<void>;
}

const swapScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1`;

const countScript = `
local counted = tonumber(redis.call('GET', KEYS[1]) or '0')
if counted < tonumber(ARGV[1]) then
  redis.call('INCR', KEYS[1])
  if counted == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return 0
end
return math.max(1, redis.call('PTTL', KEYS[1]))`;

const uncountScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end
return 0`;

/** What this isolate knows of sessions, the latest of them; an ending is not overwritten by an older answer. */
function sessionMemory() {
  const known = newest<{ ended: boolean; until: number }>(limits.sessionsKnown);
  return {
    recall(id: string): boolean | undefined {
      const entry = known.get(id);
      return entry && entry.until > Date.now() ? entry.ended : undefined;
    },
    remember(id: string, ended: boolean, forMs: number): void {
      const entry = known.get(id);
      if (entry?.ended && entry.until > Date.now()) return;
      known.put(id, { ended, until: Date.now() + forMs });
    },
  };
}

export function connectCache(config: Pick<Config, "UPSTASH_REDIS_REST_URL" | "UPSTASH_REDIS_REST_TOKEN">): Cache {
  const redis = connectRedis(config);
  const { ask, insist } = questions();
  const sessions = sessionMemory();
  const endedKey = (sessionId: string) => `ended:${sessionId}`;

  return {
    async put(key, value, lifeMs) {
      await ask(() => redis.set(key, value, { px: lifeMs }));
    },
    async read(key) {
      return (await ask(() => redis.get<string>(key))) ?? undefined;
    },
    async swap(key, seen, next) {
      const life = next ? String(Math.max(1, next.lifeMs)) : "";
      return Number(await ask(() => redis.eval(swapScript, [key], [seen, next?.value ?? "", life]))) === 1;
    },
    async count(bucket, limit, windowMs) {
      return Number(await ask(() => redis.eval(countScript, [`count:${bucket}`], [String(limit), String(windowMs)])));
    },
    async uncount(bucket) {
      await ask(() => redis.eval(uncountScript, [`count:${bucket}`], []));
    },
    async clear(bucket) {
      await ask(() => redis.del(`count:${bucket}`));
    },
    async counted(bucket) {
      return Number((await ask(() => redis.get<string>(`count:${bucket}`))) ?? 0);
    },
    async hasSessionEnded(sessionId) {
      const recalled = sessions.recall(sessionId);
      if (recalled !== undefined) return recalled;
      try {
        const ended = (await ask(() => redis.exists(endedKey(sessionId)))) > 0;
        sessions.remember(sessionId, ended, ended ? limits.endedSessionMs : limits.sessionKnownMs);
        return sessions.recall(sessionId) ?? ended;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        log("warn", "session_end_unknown", { session_id: sessionId });
        sessions.remember(sessionId, false, limits.unavailableRetryMs);
        return sessions.recall(sessionId) ?? false;
      }
    },
    async endSessions(sessionIds) {
      if (sessionIds.length === 0) return;
      const told = redis.pipeline();
      for (const id of sessionIds) {
        sessions.remember(id, true, limits.endedSessionMs);
        told.set(endedKey(id), "1", { px: limits.endedSessionMs });
      }
      await insist(() => told.exec());
    },
    async ping() {
      await insist(() => redis.ping());
    },
  };
}
