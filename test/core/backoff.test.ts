import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "../../src/core/backoff.ts";
import { limits } from "../../src/protocol/limits.ts";

test("a wait doubles up to the most, with half of it left to chance", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, chance) => {
        const whole = Math.min(limits.backoffMostMs, limits.backoffFirstMs * 2 ** (attempt - 1));
        expect(backoffMs(attempt, chance)).toBeGreaterThanOrEqual(Math.floor(whole / 2));
        expect(backoffMs(attempt, chance)).toBeLessThanOrEqual(whole);
      },
    ),
  );
  expect(backoffMs(40, 0, limits.callRestMs)).toBe(limits.callRestMs / 2);
  expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, 0))).toEqual([250, 500, 1_000, 2_000]);
});
