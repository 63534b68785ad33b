import { expect, test } from "vitest";
import { localBuckets } from "../../src/http/counting.ts";

const once = { limit: 1, windowMs: 60_000 };

test("an isolate's own buckets count each for itself, and give back", () => {
  const buckets = localBuckets(10);
  expect([buckets.count("a", once), buckets.count("b", once)]).toEqual([0, 0]);
  expect(buckets.count("a", once)).toBeGreaterThan(0);
  buckets.uncount("a");
  buckets.uncount("never counted");
  expect(buckets.count("a", once)).toBe(0);
  expect(buckets.count("b", once)).toBeGreaterThan(0);
});

test("an isolate's own buckets are the newest: a flood of others does not fill its memory", () => {
  const buckets = localBuckets(3);
  for (const name of ["a", "b", "c", "a", "d"]) buckets.count(name, once);
  expect(buckets.count("a", once)).toBeGreaterThan(0);
  expect(buckets.count("b", once)).toBe(0);
});
