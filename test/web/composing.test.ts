/** What the composer makes of what is typed. */
import { describe, expect, test } from "vitest";
import { isBlank, isSend, joined, leftOf } from "../../src/web/conversation/composing.ts";
import { candidates, mentionAt, mentionedIn, withMention } from "../../src/web/conversation/mentions.ts";

const key = { key: "Enter", shiftKey: false, ctrlKey: false, metaKey: false, isComposing: false };

describe("Enter", () => {
  test("sends, with Shift breaks the line, and on a phone breaks it", () => {
    expect(isSend(key, false)).toBe(true);
    expect(isSend({ ...key, shiftKey: true }, false)).toBe(false);
    expect(isSend(key, true)).toBe(false);
    expect(isSend({ ...key, ctrlKey: true }, true)).toBe(true);
  });

  test("ends a word that is being composed, and no more", () => {
    expect(isSend({ ...key, isComposing: true }, false)).toBe(false);
  });
});

test("what nobody can see says nothing", () => {
  expect(["", " \n", "\u200B\u200D", "\u2800"].map(isBlank)).toEqual([true, true, true, true]);
  expect(["a", "👍", "."].map(isBlank)).toEqual([false, false, false]);
});

test("what was typed in two places is kept from both", () => {
  expect(joined("One", "Two")).toBe("One\nTwo");
  expect(joined("", "Two")).toBe("Two");
});

test("what is left is said near the end, and what is too much beyond it", () => {
  expect(leftOf(3_000, 4_000)).toBeUndefined();
  expect(leftOf(3_950, 4_000)).toBe(50);
  expect(leftOf(4_003, 4_000)).toBe(-3);
});

describe("naming somebody", () => {
  const ann = { id: "1", name: "Ann Lee", username: "orchid" };
  const bob = { id: "2", name: "Боб" };

  test("begins with an @ that begins a word", () => {
    expect(mentionAt("Hi @an", 6)).toBe("an");
    expect(mentionAt("Hi @", 4)).toBe("");
    expect(mentionAt("a@b", 3)).toBeUndefined();
    expect(mentionAt("@an and", 7)).toBeUndefined();
  });

  test("finds them by any of their names", () => {
    expect(candidates([ann, bob], "le")).toEqual([ann]);
    expect(candidates([ann, bob], "orc")).toEqual([ann]);
    expect(candidates([ann, bob], "бо")).toEqual([bob]);
    expect(candidates([ann, { id: "3", name: "" }], "")).toEqual([ann]);
  });

  test("puts the name where it was typed, and the caret behind it", () => {
    expect(withMention("Hi @an!", 6, "Ann Lee")).toEqual({ text: "Hi @Ann Lee !", caret: 12 });
  });

  test("counts for those whose names are still there", () => {
    expect(mentionedIn("Hi @Ann Lee", [ann, bob, ann])).toEqual(["1"]);
  });
});
