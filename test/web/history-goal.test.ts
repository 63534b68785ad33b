/** Where a conversation opens, and where a jump leads. */
import { describe, expect, test } from "vitest";
import { holds, landingOf, missing } from "../../src/web/conversation/goal.ts";
import { rowsOf } from "../../src/web/conversation/rows.ts";
import { message } from "./sample.ts";

const loaded = (sequences: number[], ends: { hasOlder?: boolean; hasNewer?: boolean } = {}) => ({
  ...{ hasOlder: false, hasNewer: false, ...ends },
  messages: sequences.map((sequence) => message({ sequence, id: `m${sequence}` })),
});
const unread = { read: 4, userId: "me" };

describe("what is loaded first", () => {
  test("nothing where what is wanted is there", () => {
    expect(holds(loaded([5, 6], { hasOlder: true }), 5)).toBe(true);
    expect(missing({ to: "message", sequence: 5 }, loaded([5, 6], { hasOlder: true }), undefined)).toBeUndefined();
    expect(missing({ to: "end" }, loaded([5, 6], { hasOlder: true }), undefined)).toBeUndefined();
  });

  test("the part around a message that is above or below it", () => {
    expect(missing({ to: "message", sequence: 4 }, loaded([5, 6], { hasOlder: true }), undefined)).toBe(4);
    expect(missing({ to: "message", sequence: 9 }, loaded([5, 6], { hasNewer: true }), undefined)).toBe(9);
  });

  test("the part around what was read last, where some is unread", () => {
    expect(missing({ to: "opening" }, loaded([50, 51], { hasOlder: true }), unread)).toBe(4);
    expect(missing({ to: "opening" }, loaded([4, 51], { hasOlder: true }), unread)).toBeUndefined();
  });

  test("the newest, where one looks at the past and wants the end", () => {
    expect(missing({ to: "end" }, loaded([5], { hasNewer: true }), undefined)).toBe("newest");
    expect(missing({ to: "opening" }, loaded([5], { hasNewer: true }), undefined)).toBe("newest");
  });
});

describe("where it ends", () => {
  const rowsWith = (mark: typeof unread | undefined) =>
    rowsOf({ messages: loaded([3, 7]).messages, events: [], pending: [], hasOlder: false, userId: "me", unread: mark });

  test("at the message, which glows; where it is none, at the next", () => {
    expect(landingOf({ to: "message", sequence: 7 }, rowsWith(undefined))).toEqual(row("m7"));
    expect(landingOf({ to: "message", sequence: 5 }, rowsWith(undefined))).toEqual(row("m7"));
    expect(landingOf({ to: "message", sequence: 9 }, rowsWith(undefined))).toEqual({ at: "end" });
  });

  test("at the unread line when it opens, else at the end", () => {
    expect(landingOf({ to: "opening" }, rowsWith(unread))).toEqual({ at: "row", key: "unread", isGlowing: false });
    expect(landingOf({ to: "opening" }, rowsWith(undefined))).toEqual({ at: "end" });
  });

  const row = (key: string) => ({ at: "row", key, isGlowing: true });
});
