/** A token bucket: `tokens` left at `at` (ms). Refilled evenly, `perMinute` a minute, up to `perMinute`. */
export interface Bucket {
  tokens: number;
  at: number;
}

/** A sleeping object forgets its buckets: on waking they start with what 10 seconds refill. */
const wakingMs = 10_000;

export function full(perMinute: number, now: number): Bucket {
  return { tokens: perMinute, at: now };
}

export function waking(perMinute: number, now: number): Bucket {
  return { tokens: Math.max(1, (perMinute * wakingMs) / 60_000), at: now };
}

/** As if each of `spentAt` (ms) had been taken when it was. */
export function recounted(perMinute: number, spentAt: readonly number[]): Bucket {
  let bucket = full(perMinute, spentAt[0] ?? 0);
  for (const at of spentAt) {
    const now = refilled(bucket, perMinute, at);
    bucket = { tokens: Math.max(0, now.tokens - 1), at };
  }
  return bucket;
}

function refilled(bucket: Bucket, perMinute: number, now: number): Bucket {
  const passedMs = Math.max(0, now - bucket.at);
  return { tokens: Math.min(perMinute, bucket.tokens + (passedMs * perMinute) / 60_000), at: now };
}

// Fractions of a token add up a hair short of a whole one: who comes when they were told to is not sent away again.
const whole = 1 - 1e-9;

/** @returns the bucket after taking one, or after how many ms one will be there. */
export function take(
  bucket: Bucket,
  perMinute: number,
  now: number,
): { ok: true; bucket: Bucket } | { ok: false; bucket: Bucket; retryAfterMs: number } {
  const filled = refilled(bucket, perMinute, now);
  if (filled.tokens >= whole) return { ok: true, bucket: { tokens: Math.max(0, filled.tokens - 1), at: now } };
  return { ok: false, bucket: filled, retryAfterMs: Math.ceil(((1 - filled.tokens) * 60_000) / perMinute) };
}

export function isFull(bucket: Bucket, perMinute: number, now: number): boolean {
  return refilled(bucket, perMinute, now).tokens >= perMinute;
}
