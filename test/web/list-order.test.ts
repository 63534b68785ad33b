import { describe, expect, test } from "vitest";
import { risen, rowsInView, sectionsOf } from "../../src/web/list/sections.ts";
import { conversation, item } from "./sample.ts";

describe("sections of the list", () => {
  test("pinned ones stand apart, archived ones behind their row, each in the order given", () => {
    const pinned = item(conversation({ me: { pinned: true } }));
    const [one, other] = [item(conversation()), item(conversation())];
    const archived = item(conversation({ me: { archived: true, pinned: true } }));
    expect(sectionsOf([pinned, archived, one, other])).toEqual({
      pinned: [pinned],
      others: [one, other],
      archived: [archived],
    });
  });

  test("of nothing there is nothing", () => {
    expect(sectionsOf([])).toEqual({ pinned: [], others: [], archived: [] });
  });
});

describe("the row that has risen", () => {
  test("is the one that passed others", () => {
    expect(risen(["a", "b", "c"], ["c", "a", "b"])).toEqual({ id: "c", by: 2 });
  });

  test("is none where nothing moved, or one only came", () => {
    expect(risen(["a", "b"], ["a", "b"])).toBeUndefined();
    expect(risen(["a", "b"], ["new", "a", "b"])).toBeUndefined();
  });

  test("is none where one above went away", () => {
    expect(risen(["a", "b"], ["b"])).toBeUndefined();
    expect(risen(["a", "b", "c"], ["b", "c"])).toBeUndefined();
  });

  test("is none where several rose at once, as after a reload", () => {
    expect(risen(["a", "b", "c", "d"], ["c", "d", "a", "b"])).toBeUndefined();
  });
});

describe("rows in view", () => {
  const view = { height: 680, rowHeight: 68, count: 500 };

  test("have some more around them", () => {
    expect(rowsInView({ ...view, top: 68 * 100 })).toEqual({ from: 90, to: 120 });
  });

  test("end where the list ends", () => {
    expect(rowsInView({ ...view, top: 0 })).toEqual({ from: 0, to: 20 });
    expect(rowsInView({ ...view, top: 68 * 495 })).toEqual({ from: 480, to: 500 });
  });
});
