import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countIn, uncountIn, type Window } from "../../src/core/windows.ts";

const allowance = { limit: 3, windowMs: 1_000 };

describe("a window", () => {
  test("takes its limit, then says when it empties, and is empty then", () => {
    let window: Window | undefined;
    for (const now of [0, 10, 20]) {
      const counted = countIn(window, allowance, now);
      expect(counted.waitMs).toBe(0);
      window = counted.window;
    }
    expect(countIn(window, allowance, 30)).toEqual({ window, waitMs: 970 });
    expect(countIn(window, allowance, 999).waitMs).toBe(1);
    expect(countIn(window, allowance, 1_000)).toEqual({ window: { counted: 1, endsAt: 2_000 }, waitMs: 0 });
  });

  test("gives back what was counted, and never more", () => {
    const { window } = countIn(undefined, allowance, 0);
    expect(uncountIn(window)).toEqual({ counted: 0, endsAt: 1_000 });
    expect(uncountIn(uncountIn(window)).counted).toBe(0);
  });

  test("takes no more than its limit between two emptyings, however it is asked", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 100 }), (gaps) => {
        const taken = new Map<number, number>();
        let window: Window | undefined;
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          const counted = countIn(window, allowance, now);
          window = counted.window;
          if (counted.waitMs === 0) taken.set(window.endsAt, (taken.get(window.endsAt) ?? 0) + 1);
          else expect(countIn(window, allowance, now + counted.waitMs).waitMs).toBe(0);
        }
        for (const count of taken.values()) expect(count).toBeLessThanOrEqual(allowance.limit);
      }),
    );
  });
});
