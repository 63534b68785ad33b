import { describe, expect, test } from "vitest";
import type { ListItem } from "../../src/client/api.ts";
import { fittingWidth } from "../../src/web/list-width.ts";
import { neighbour } from "../../src/web/neighbour.ts";
import { titleWith, unreadOf } from "../../src/web/unread.ts";

const now = Date.parse("2026-01-01T12:00:00Z");

function item(unread: number, mine: Partial<ListItem["conversation"]["me"]> = {}): ListItem {
  const me = { role: "MEMBER", read: 0, delivered: 0, unread, archived: false, pinned: false, hidden: false } as const;
  const times = { created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-01T00:00:00.000Z" };
  const conversation: ListItem["conversation"] = {
    ...{ id: "1", kind: "group", title: "x", public: false, epoch: "e", sequence: 1, member_count: 2 },
    ...{ created_by: "a", ...times, me: { ...me, ...mine } },
  };
  return { conversation, typing: [], othersRead: 0, othersDelivered: 0 };
}

describe("the title", () => {
  test("counts what is unread, without what is archived or muted", () => {
    const muted = { muted_until: "2026-01-01T13:00:00.000Z" };
    const over = { muted_until: "2026-01-01T11:00:00.000Z" };
    expect(unreadOf([item(2), item(5, { archived: true }), item(7, muted), item(1, over)], now)).toBe(3);
  });

  test("is the name alone where nothing is", () => {
    expect([titleWith(0), titleWith(3)]).toEqual(["PingMe", "(3) PingMe"]);
  });
});

test("the conversation above or below stops at the ends, and begins at one from nowhere", () => {
  const ids = ["a", "b", "c"];
  expect([neighbour(ids, "a", 1), neighbour(ids, "c", 1), neighbour(ids, "a", -1)]).toEqual(["b", "c", "a"]);
  expect([neighbour(ids, undefined, 1), neighbour(ids, "gone", -1), neighbour([], "a", 1)]).toEqual([
    "a",
    "c",
    undefined,
  ]);
});

test("the list is as wide as it was left, within its bounds", () => {
  expect([100, 300.4, 9_000, Number.NaN].map(fittingWidth)).toEqual([260, 300, 420, 320]);
});
