import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { full, isFull, recounted, take, waking } from "../../src/core/buckets.ts";

const minute = 60_000;
const gaps = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 200 });

describe("a bucket", () => {
  test("gives no more than twice its size in any minute, however it is asked", () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 60 }), (gaps, perMinute) => {
        let bucket = full(perMinute, 0);
        let now = 0;
        const taken: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const outcome = take(bucket, perMinute, now);
          bucket = outcome.bucket;
          expect(bucket.tokens).toBeGreaterThanOrEqual(0);
          expect(bucket.tokens).toBeLessThanOrEqual(perMinute);
          if (outcome.ok) taken.push(now);
          else expect(take(bucket, perMinute, now + outcome.retryAfterMs).ok).toBe(true);
        }
        for (const at of taken) {
          const within = taken.filter((other) => other >= at && other < at + minute).length;
          expect(within).toBeLessThanOrEqual(2 * perMinute);
        }
      }),
    );
  });

  test("gives all it has at once, then says when the next one is there, to the millisecond", () => {
    let bucket = full(50, 0);
    for (let at = 0; at < 50; at++) {
      const outcome = take(bucket, 50, 0);
      expect(outcome.ok).toBe(true);
      bucket = outcome.bucket;
    }
    const empty = take(bucket, 50, 0);
    expect(empty).toMatchObject({ ok: false, retryAfterMs: 1_200 });
    expect(take(empty.bucket, 50, 1_199).ok).toBe(false);
    expect(take(empty.bucket, 50, 1_200).ok).toBe(true);
  });

  test("has one for who comes back exactly when they were told to, whatever the limit", () => {
    for (let perMinute = 1; perMinute <= 1_000; perMinute++) {
      const empty = take({ tokens: 0, at: 1 }, perMinute, 1 + (perMinute % 7));
      const later = 1 + (perMinute % 7) + (empty.ok ? 0 : empty.retryAfterMs);
      expect(take(empty.bucket, perMinute, later).ok).toBe(true);
    }
  });

  test("recounted from what was spent is what it would be had nobody forgotten it", () => {
    fc.assert(
      fc.property(gaps, (gaps) => {
        let bucket = full(30, 0);
        let now = 0;
        const spent: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const outcome = take(bucket, 30, now);
          if (!outcome.ok) continue;
          bucket = outcome.bucket;
          spent.push(now);
        }
        expect(take(recounted(30, spent), 30, now).ok).toBe(take(bucket, 30, now).ok);
      }),
    );
  });

  test("that was forgotten starts with ten seconds' refill, and is full a minute later", () => {
    expect(waking(150, 0)).toEqual({ tokens: 25, at: 0 });
    expect(waking(1, 0).tokens).toBe(1);
    expect(isFull(waking(150, 0), 150, minute)).toBe(true);
    expect(isFull(full(150, 0), 150, 0)).toBe(true);
    expect(isFull(take(full(150, 0), 150, 0).bucket, 150, 0)).toBe(false);
  });

  test("is not filled by a clock that goes back", () => {
    const { bucket } = take(full(1, minute), 1, minute);
    expect(take(bucket, 1, 0).ok).toBe(false);
  });
});
