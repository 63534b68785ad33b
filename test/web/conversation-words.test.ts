/** Days, sizes, and what happened, in words. */
import { describe, expect, test } from "vitest";
import { eventText } from "../../src/web/conversation/events.ts";
import { dayText, seenText, sizeText } from "../../src/web/conversation/format.ts";

const now = new Date("2026-11-27T12:00");

describe("days", () => {
  test("today and yesterday have names, others a date, with the year of another year", () => {
    expect(dayText("en", new Date("2026-11-27T00:01"), now)).toBe("Today");
    expect(dayText("ru", new Date("2026-11-26T23:59"), now)).toBe("Вчера");
    expect(dayText("en", new Date("2026-11-20T12:00"), now)).toBe("November 20");
    expect(dayText("ru", new Date("2025-11-20T12:00"), now)).toContain("2025");
  });

  test("who was there within the hour was there minutes ago", () => {
    expect(seenText("en", new Date("2026-11-27T11:55"), now)).toBe("5 minutes ago");
    expect(seenText("en", new Date("2026-11-27T12:00"), now)).toBe("1 minute ago");
    expect(seenText("en", new Date("2026-11-26T10:00"), now)).toMatch(/^yesterday, 10:00/);
  });
});

test("sizes are rounded to what matters", () => {
  expect(sizeText("en", 900)).toBe("900 bytes");
  expect(sizeText("en", 1_536)).toBe("2 kB");
  expect(sizeText("en", 5_400_000)).toBe("5.1 MB");
});

describe("events", () => {
  const place = { conversation_id: "c", epoch: "e", sequence: 1 };
  const nameOf = (id: string) => ({ a: "Ann", b: "Bob" })[id] ?? "?";

  test("coming by oneself is not being added, nor leaving being removed", () => {
    const bob = { ...place, user_id: "b", user_name: "Bob" };
    expect(eventText({ type: "member_added", ...bob, by: "a", role: "MEMBER" }, nameOf)).toEqual({
      key: "conversation.eventAdded",
      given: { name: "Bob", by: "Ann" },
    });
    expect(eventText({ type: "member_added", ...bob, by: "b", role: "MEMBER" }, nameOf).key).toBe(
      "conversation.eventJoined",
    );
    expect(eventText({ type: "member_removed", ...bob, by: "b" }, nameOf).key).toBe("conversation.eventLeft");
  });

  test("a change says what was changed", () => {
    const change = { type: "conversation_updated" as const, ...place, updated_at: "2026-11-27T12:00:00Z", by: "a" };
    expect(eventText({ ...change, title: "Garden" }, nameOf)).toEqual({
      key: "conversation.eventTitle",
      given: { by: "Ann", title: "Garden" },
    });
    expect(eventText({ ...change, avatar_url: null }, nameOf).key).toBe("conversation.eventPicture");
    expect(eventText({ ...change, public: true }, nameOf).key).toBe("conversation.eventPublic");
    expect(eventText({ ...change, deleted: false }, nameOf).key).toBe("conversation.eventRestored");
  });
});
