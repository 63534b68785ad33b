import { describe, expect, test } from "vitest";
import { daysBetween, shortTime } from "../../src/web/times.ts";

const now = new Date(2026, 10, 27, 14, 30); // a Friday

describe("a time in a list", () => {
  test("of today is a time of day", () => {
    expect(shortTime(new Date(2026, 10, 27, 9, 5), now, "ru")).toBe("09:05");
    expect(shortTime(new Date(2026, 10, 27, 9, 5), now, "en")).toMatch(/^9:05\sAM$/);
  });

  test("of the week before is a weekday", () => {
    expect(shortTime(new Date(2026, 10, 26, 23, 59), now, "en")).toBe("Thu");
    expect(shortTime(new Date(2026, 10, 21, 0, 1), now, "ru")).toBe("сб");
  });

  test("of a week ago and before is a date, with its year where that is another", () => {
    expect(shortTime(new Date(2026, 10, 20, 14, 30), now, "en")).toBe("Nov 20");
    expect(shortTime(new Date(2025, 10, 20), now, "ru")).toBe("20 нояб. 2025 г.");
  });

  test("of tomorrow, by a clock that is ahead, is a date", () => {
    expect(shortTime(new Date(2026, 10, 28), now, "en")).toBe("Nov 28");
  });
});

test("days are counted by midnights", () => {
  expect(daysBetween(new Date(2026, 10, 26, 23, 59), new Date(2026, 10, 27, 0, 1))).toBe(1);
  expect(daysBetween(now, now)).toBe(0);
});
