/** What a history shows, line by line. */
import { describe, expect, test } from "vitest";
import type { Pending, RoomEvent } from "../../src/client/api.ts";
import { uuidv7 } from "../../src/client/ids.ts";
import type { ShownMessage } from "../../src/protocol/messages.ts";
import { type Row, rowsOf } from "../../src/web/conversation/rows.ts";
import { around, atEnd, cut, daysOf, grown, sliceOf } from "../../src/web/conversation/slice.ts";
import { message } from "./sample.ts";

const me = "me";
const at = (time: string) => new Date(`2026-11-${time}`).toISOString(); // of the clock here

function said(sequence: number, time: string, given: Partial<ShownMessage> = {}): ShownMessage {
  return message({ sequence, id: `m${sequence}`, sender_id: "ann", created_at: at(time), ...given });
}

const rows = (messages: ShownMessage[], more: Partial<Parameters<typeof rowsOf>[0]> = {}) =>
  rowsOf({ messages, events: [], pending: [], hasOlder: false, userId: me, unread: undefined, ...more });

const keysOf = (all: readonly Row[]) => all.map(({ key }) => key);
const shapes = (all: readonly Row[]) =>
  all.map((row) => ("isFirst" in row ? `${row.isFirst ? "(" : ""}${row.key}${row.isLast ? ")" : ""}` : row.kind));

const pendingAt = (id: string, time: string): Pending => ({
  entry: {
    ...{ id, user_id: me, conversation_id: "c", content: "Soon", files: [] },
    created_at: Date.parse(at(time)),
  },
  state: "waiting",
  progress: 0,
});

const pinned = (sequence: number): RoomEvent => ({
  ...{ type: "pin", conversation_id: "c", epoch: "e", sequence, message_id: "m1", on: true, user_id: "ann" },
});

describe("groups", () => {
  test("messages of one sender within five minutes are one group", () => {
    const all = rows([said(1, "27T10:00"), said(2, "27T10:04:59"), said(3, "27T10:10"), said(4, "27T10:11")]);
    expect(shapes(all)).toEqual(["day", "(m1", "m2)", "(m3", "m4)"]);
  });

  test("another sender, an event and the unread line part them", () => {
    const messages = [said(1, "27T10:00"), said(2, "27T10:00", { sender_id: "bob" }), said(4, "27T10:00")];
    const others = [said(5, "27T10:01"), said(6, "27T10:01")];
    const all = rows([...messages, ...others], { events: [pinned(3)], unread: { read: 5, userId: me } });
    expect(shapes(all)).toEqual(["day", "(m1)", "(m2)", "event", "(m4", "m5)", "unread", "(m6)"]);
  });

  test("what is not sent yet goes on from one's own last words", () => {
    const all = rows([said(1, "27T10:00", { sender_id: me })], { pending: [pendingAt("p1", "27T10:01")] });
    expect(shapes(all)).toEqual(["day", "(m1", "p1)"]);
  });

  test("what is sent and heard stands there once", () => {
    const all = rows([said(1, "27T10:00", { sender_id: me })], { pending: [pendingAt("m1", "27T10:00")] });
    expect(keysOf(all).filter((key) => key === "m1")).toHaveLength(1);
  });
});

describe("what could not be sent", () => {
  const idAt = (time: string) => uuidv7(Date.parse(at(time)), new Uint8Array(10));
  const failedAt = (time: string): Pending => ({ ...pendingAt(idAt(time), time), state: "failed" });
  const mine = (sequence: number, time: string, given: Partial<ShownMessage> = {}) =>
    said(sequence, time, { id: idAt(time), sender_id: me, ...given });

  test("stays before what one said since, and below what others said", () => {
    const failed = failedAt("27T10:02");
    const messages = [mine(1, "27T10:01"), said(2, "27T10:03"), mine(3, "27T10:04"), mine(4, "27T10:05")];
    const all = rows(messages, { pending: [failed, pendingAt("p", "27T10:06")] });
    expect(keysOf(all)).toEqual([
      ...["day 2026-11-27", idAt("27T10:01"), "m2", failed.entry.id, idAt("27T10:04"), idAt("27T10:05"), "p"],
    ]);
  });

  test("keeps its place when this device's clock is slow, and whatever ids others make", () => {
    const failed = failedAt("27T09:02");
    const messages = [
      said(1, "27T10:01", { sender_id: me, id: "ffffffff-ffff-4fff-bfff-ffffffffffff" }),
      mine(2, "27T09:01", { created_at: at("27T10:02") }),
      mine(3, "27T09:03", { created_at: at("27T10:04") }),
    ];
    expect(keysOf(rows(messages, { pending: [failed] })).at(-2)).toBe(failed.entry.id);
  });

  test("begins no day anew", () => {
    const messages = [mine(1, "26T09:00"), said(2, "27T10:00"), mine(3, "27T10:01")];
    const days = keysOf(rows(messages, { pending: [failedAt("26T10:00")] })).filter((key) => key.startsWith("day"));
    expect(days).toEqual(["day 2026-11-26", "day 2026-11-27"]);
  });

  test("is sent last when it is tried again", () => {
    const again: Pending = { ...failedAt("27T10:02"), state: "waiting" };
    expect(keysOf(rows([mine(1, "27T10:04")], { pending: [again] })).at(-1)).toBe(again.entry.id);
  });

  test("is shown with what was said then, not above what is loaded", () => {
    const pending = [failedAt("26T10:00")];
    const messages = [mine(9, "27T10:00")];
    expect(keysOf(rows(messages, { pending, hasOlder: true }))).not.toContain(pending[0]?.entry.id);
    expect(keysOf(rows(messages, { pending }))).toContain(pending[0]?.entry.id);
  });
});

describe("days", () => {
  test("each is named once, at its first message", () => {
    const all = rows([said(1, "25T23:59"), said(2, "26T00:00"), said(3, "26T12:00")]);
    expect(shapes(all)).toEqual(["day", "(m1)", "day", "(m2)", "(m3)"]);
  });

  test("a part of a history that begins within a day names it all the same", () => {
    const all = rows([said(1, "25T10:00"), said(2, "26T10:00"), said(3, "26T12:00")]);
    const days = daysOf(all, { from: 4, to: all.length });
    expect(days.map((day) => [day.key, keysOf(day.rows)])).toEqual([["day 2026-11-26", ["m3"]]]);
  });
});

describe("the unread line", () => {
  const messages = [said(1, "27T10:00"), said(2, "27T10:00", { sender_id: me }), said(3, "27T10:01")];

  test("stands above the first message of others that was not read", () => {
    expect(keysOf(rows(messages, { unread: { read: 1, userId: me } }))).toEqual([
      ...["day 2026-11-27", "m1", "m2", "unread", "m3"],
    ]);
  });

  test("is not there where all was read, or only what is deleted was not", () => {
    const gone = [said(4, "27T10:02", { is_deleted: true })];
    expect(keysOf(rows([...messages, ...gone], { unread: { read: 3, userId: me } }))).not.toContain("unread");
  });
});

describe("the part that is drawn", () => {
  const long = Array.from({ length: 600 }, (_, index) => said(index + 1, "27T10:00"));
  const all = rows(long);

  test("is some rows around what is read, or at the end", () => {
    expect(sliceOf(all, atEnd(all))).toEqual({ from: 441, to: 601 });
    expect(sliceOf(all, around(all, "m300"))).toEqual({ from: 220, to: 380 });
    expect(sliceOf(all, around(all, "m2"))).toEqual({ from: 0, to: 82 });
    expect(around(all, "gone")).toEqual(atEnd(all));
  });

  test("stays where it is when more is said, and at the end takes it in", () => {
    const more = rows([...long, said(601, "27T10:01")]);
    expect(sliceOf(more, around(all, "m300"))).toEqual({ from: 220, to: 380 });
    expect(sliceOf(more, atEnd(all))).toEqual({ from: 441, to: 602 });
  });

  test("grows before one comes to its edge, and not at the very ends", () => {
    const span = around(all, "m300");
    expect(grown(all, span, "m310")).toBe(span);
    expect(sliceOf(all, grown(all, span, "m240"))).toEqual({ from: 180, to: 380 });
    expect(sliceOf(all, grown(all, span, "m360"))).toEqual({ from: 220, to: 420 });
    const end = atEnd(all);
    expect(grown(all, end, "m599")).toBe(end);
  });

  test("is never more than 240 rows, however far one scrolls without a rest", () => {
    let span = around(all, "m300");
    for (const seen of ["m240", "m200", "m160", "m120", "m80"]) {
      span = grown(all, span, seen);
      const { from, to } = sliceOf(all, span);
      expect(to - from).toBeLessThanOrEqual(240);
    }
    expect(sliceOf(all, span)).toEqual({ from: 20, to: 260 });
  });

  test("is cut once it is far more than what is near", () => {
    const span = grown(all, around(all, "m300"), "m240");
    expect(cut(all, around(all, "m300"), "m310")).toEqual(around(all, "m300"));
    expect(cut(all, span, "m240")).toEqual(around(all, "m240"));
    expect(cut(all, { first: undefined, last: undefined }, undefined)).toEqual(atEnd(all));
  });

  test("is all there is where what it began or ended with is gone", () => {
    expect(sliceOf(all, { first: "gone", last: "gone" })).toEqual({ from: 0, to: 601 });
  });
});
