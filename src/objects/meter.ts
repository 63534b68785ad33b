/** Rate limits of an object: a bucket for each user and kind of frame, in memory; they outlive sockets. */
import { type Bucket, full, isFull, recounted, take, waking } from "../core/buckets.ts";
import type { Config } from "../protocol/config.ts";
import { type Refusal, refuse } from "../protocol/errors.ts";

const perMinute = {
  message: "WS_RATE_LIMIT_MESSAGES_PER_MINUTE",
  general: "WS_RATE_LIMIT_GENERAL_PER_MINUTE",
} as const satisfies Record<string, keyof Config>;

export type BucketKind = keyof typeof perMinute;

const wakingMs = 60_000; // after so long every bucket would be full again, so none has to be remembered
const sweepAt = 2_000; // buckets kept before the full ones are let go

export class Meter {
  readonly #config: Config;
  readonly #wokenAt: number | undefined;
  readonly #sentSince: (since: number) => Iterable<[string, number[]]>;
  #buckets: Map<string, Bucket> | undefined;

  /**
   * @param wokenAt ms, when the object woke from hibernation; undefined for one that had nothing to forget
   * @param sentSince when each user's messages since a time were sent, as the log tells: their buckets are counted from it
   */
  constructor(config: Config, wokenAt: number | undefined, sentSince: (since: number) => Iterable<[string, number[]]>) {
    this.#config = config;
    this.#wokenAt = wokenAt;
    this.#sentSince = sentSince;
  }

  /** Takes one from the user's bucket. @returns a refusal with `retry_after_ms` when it is empty */
  take(userId: string, kind: BucketKind, now: number): Refusal | undefined {
    this.#buckets ??= this.#recounted(now);
    const most = this.#config[perMinute[kind]];
    const key = `${kind} ${userId}`;
    const taken = take(this.#buckets.get(key) ?? this.#fresh(kind, most, now), most, now);
    this.#buckets.set(key, taken.bucket);
    if (this.#buckets.size > sweepAt) this.#sweep(now);
    if (taken.ok) return undefined;
    const { retryAfterMs } = taken;
    return refuse("RATE_LIMIT_EXCEEDED", "Too often; wait a little", { retry_after_ms: retryAfterMs });
  }

  #recounted(now: number): Map<string, Bucket> {
    const most = this.#config[perMinute.message];
    const sent = [...this.#sentSince(now - wakingMs)];
    return new Map(sent.map(([userId, sentAt]) => [`message ${userId}`, recounted(most, sentAt)]));
  }

  /** What was not recounted may have been spent just before the object fell asleep. */
  #fresh(kind: BucketKind, most: number, now: number): Bucket {
    const wokenAt = this.#wokenAt;
    const isJustWoken = kind !== "message" && wokenAt !== undefined && now - wokenAt < wakingMs;
    return isJustWoken ? waking(most, wokenAt) : full(most, now);
  }

  #sweep(now: number): void {
    for (const [key, bucket] of this.#buckets ?? []) {
      const kind: BucketKind = key.startsWith("message ") ? "message" : "general";
      if (isFull(bucket, this.#config[perMinute[kind]], now)) this.#buckets?.delete(key);
    }
  }
}
