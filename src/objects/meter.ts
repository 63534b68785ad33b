/** Rate limits of an object: a bucket for each user and kind of frame, in memory; they outlive sockets. */
import { type Bucket, full, isFull, recounted, take, waking } from "../core/buckets.ts";
import type { Config } from "../protocol/config.ts";
import { type Refusal, refuse } from "../protocol/errors.ts";

const perMinute = {
  message: "WS_RATE_LIMIT_MESSAGES_PER_MINUTE",
  message_edit: "WS_RATE_LIMIT_MESSAGES_PER_MINUTE",
  message_delete: "WS_RATE_LIMIT_MESSAGES_PER_MINUTE",
  message_forward: "WS_RATE_LIMIT_MESSAGES_PER_MINUTE",
  reaction: "WS_RATE_LIMIT_MESSAGES_PER_MINUTE",
  pin: "WS_RATE_LIMIT_MESSAGES_PER_MINUTE",
  typing: "WS_RATE_LIMIT_TYPING_PER_MINUTE",
  general: "WS_RATE_LIMIT_GENERAL_PER_MINUTE",
} as const satisfies Record<string, keyof Config>;

export type BucketKind = keyof typeof perMinute;

/** What makes an event is recounted from the log; all else is not stored. */
export interface Done {
  type: string;
  sender: string;
  /** ms */
  created_at: number;
}

/** A kind of command has a bucket of its own, or the general one. */
export function bucketOf(type: string): BucketKind {
  if (type === "typing_start" || type === "typing_stop") return "typing";
  return isKind(type) ? type : "general";
}

/** What makes no event, the log does not tell. */
function recounts(kind: BucketKind): boolean {
  return kind !== "general" && kind !== "typing";
}

function isKind(type: string): type is BucketKind {
  return Object.hasOwn(perMinute, type);
}

const wakingMs = 60_000; // after so long every bucket would be full again, so none has to be remembered
const sweepAt = 2_000; // buckets kept before the full ones are let go

export class Meter {
  readonly #config: Config;
  readonly #wokenAt: number | undefined;
  readonly #doneSince: (since: number) => Iterable<Done>;
  #buckets: Map<string, Bucket> | undefined;

  /**
   * @param wokenAt ms, when the object woke from hibernation; undefined for one that had nothing to forget
   * @param doneSince what was done since a time, oldest first, as the log tells: buckets are counted from it
   */
  constructor(config: Config, wokenAt: number | undefined, doneSince: (since: number) => Iterable<Done>) {
    this.#config = config;
    this.#wokenAt = wokenAt;
    this.#doneSince = doneSince;
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
    const spent = new Map<string, { kind: BucketKind; at: number[] }>();
    for (const { type, sender, created_at } of this.#doneSince(now - wakingMs)) {
      const kind = bucketOf(type);
      if (!recounts(kind)) continue;
      const known = spent.get(`${kind} ${sender}`) ?? { kind, at: [] };
      spent.set(`${kind} ${sender}`, known);
      known.at.push(created_at);
    }
    return new Map([...spent].map(([key, { kind, at }]) => [key, recounted(this.#config[perMinute[kind]], at)]));
  }

  /** What was not recounted may have been spent just before the object fell asleep. */
  #fresh(kind: BucketKind, most: number, now: number): Bucket {
    const wokenAt = this.#wokenAt;
    const isJustWoken = !recounts(kind) && wokenAt !== undefined && now - wokenAt < wakingMs;
    return isJustWoken ? waking(most, wokenAt) : full(most, now);
  }

  #sweep(now: number): void {
    for (const [key, bucket] of this.#buckets ?? []) {
      const kind = bucketOf(key.slice(0, key.indexOf(" ")));
      if (isFull(bucket, this.#config[perMinute[kind]], now)) this.#buckets?.delete(key);
    }
  }
}
