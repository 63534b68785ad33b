import { describe, expect, test } from "vitest";
import { applied, extended, type Window, windowOf } from "../../src/client/window.ts";
import type { EventFrame } from "../../src/protocol/frames.ts";
import type { ShownMessage } from "../../src/protocol/messages.ts";

const place = (sequence: number) => ({ conversation_id: "c", epoch: "e", sequence });
const time = (second: number) => `2026-01-01T00:00:0${second}.000Z`;

const message = (sequence: number, more: Partial<ShownMessage> = {}): ShownMessage => ({
  ...{ ...place(sequence), id: `m${sequence}`, content: `${sequence}`, sender_id: "u", sender_name: "U" },
  ...{ media: [], mentions: [], created_at: time(0), updated_at: time(0), is_edited: false, is_deleted: false },
  ...more,
});
const said = (sequence: number): EventFrame => ({ type: "message", ...message(sequence) });
const edit = (sequence: number, content: string, second: number): EventFrame => ({
  ...{ type: "message_edit", ...place(sequence), message_id: "m1", content, updated_at: time(second) },
});
const reaction = (sequence: number, emoji: string, user_id: string, on = true): EventFrame => ({
  ...{ type: "reaction", ...place(sequence), message_id: "m1", emoji, user_id, on },
});
const deletion: EventFrame = {
  ...{ type: "message_delete", ...place(9), message_id: "m1", deleted_at: time(9), deleted_by: "u" },
};

const all = { hasOlder: false, hasNewer: false };
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
const sequences = ({ messages }: Window) => messages.map(({ sequence }) => sequence);
const hearing = (window: Window, ...frames: EventFrame[]) => frames.reduce(applied, window);

describe("the loaded part of a history", () => {
  test("stands in the order of sequence, whichever way the page came", () => {
    expect(sequences(windowOf([message(3), message(2), message(1)], all))).toEqual([1, 2, 3]);
  });

  test("takes what is said at its end, once, in its place", () => {
    expect(sequences(hearing(windowOf([message(1)], all), said(4), said(2), said(4)))).toEqual([1, 2, 4]);
  });

  test("takes nothing beyond an end that is not loaded", () => {
    const past = windowOf(run(5, 6), { hasOlder: true, hasNewer: true });
    expect(sequences(hearing(past, said(9), said(2)))).toEqual([5, 6]);
  });

  test("keeps what a page says of a message that is heard again as it was", () => {
    const page = windowOf([message(1, { content: "better", is_edited: true, updated_at: time(2) })], all);
    expect(hearing(page, said(1), edit(2, "good", 1)).messages[0]?.content).toBe("better");
  });

  test("shows the last edit, and of a deleted message nothing", () => {
    const window = hearing(windowOf([message(1)], all), reaction(2, "👍", "u"), edit(3, "better", 3));
    expect(window.messages[0]).toMatchObject({ content: "better", is_edited: true });
    const gone = hearing(window, deletion, edit(10, "again", 9), reaction(11, "👍", "v"));
    expect(gone.messages[0]).toMatchObject({ content: "", is_deleted: true });
    expect(gone.messages[0]?.reactions).toBeUndefined();
  });

  test("counts a reaction of somebody once, the most frequent first", () => {
    const frames = [reaction(2, "👍", "u"), reaction(3, "❤️", "u"), reaction(4, "❤️", "v"), reaction(5, "👍", "u")];
    const window = hearing(windowOf([message(1)], all), ...frames);
    expect(window.messages[0]?.reactions).toEqual([
      { emoji: "❤️", user_ids: ["u", "v"] },
      { emoji: "👍", user_ids: ["u"] },
    ]);
    expect(hearing(window, reaction(6, "👍", "u", false)).messages[0]?.reactions).toHaveLength(1);
  });

  test("shows pins and members between messages, once", () => {
    const pin: EventFrame = { type: "pin", ...place(2), message_id: "m1", on: true, user_id: "u" };
    expect(hearing(windowOf([message(1)], all), pin, pin).events).toEqual([pin]);
  });

  test("grows at one end and lets go at the other, without a hole", () => {
    let window = windowOf(run(1_001, 1_050), { hasOlder: true, hasNewer: false });
    for (let to = 1_000; to > 300; to -= 100) {
      window = extended(window, "older", { items: run(to - 99, to).reverse(), isEnd: to === 400 });
    }
    expect(sequences(window)).toEqual(run(301, 900).map(({ sequence }) => sequence));
    expect(window).toMatchObject({ hasOlder: false, hasNewer: true });
    window = extended(window, "newer", { items: run(901, 1_000), isEnd: false });
    expect(sequences(window)).toEqual(run(401, 1_000).map(({ sequence }) => sequence));
    expect(window).toMatchObject({ hasOlder: true, hasNewer: true });
  });
});
