import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQuery, wordsOf } from "../../src/core/search-query.ts";

const parsed = (text: string) => {
  const { words = [], prefix, phrases = [], excluded = [] } = parseQuery(text) ?? {};
  return {
    words,
    ...(prefix === undefined ? {} : { prefix }),
    phrases: phrases.map(({ words, isOpen }) => words.join(" ") + (isOpen ? "..." : "")),
    excluded: excluded.map((one) => one.join(" ")),
  };
};

describe("a query", () => {
  test.each([
    ["hel", { prefix: "hel" }],
    ["Привет, Ёлка!", { words: ["привет"], prefix: "елка" }],
    ["e-mail to x@y.ru", { words: ["e", "mail", "to", "x", "y"], prefix: "ru" }],
    ['lunch "on Friday" now', { words: ["lunch"], prefix: "now", phrases: ["on friday"] }],
    ['"see you lat', { phrases: ["see you lat..."] }],
    ["«до завтра» “bye bye”", { phrases: ["до завтра", "bye bye"] }],
    ["lunch -friday -well-known", { prefix: "lunch", excluded: ["friday", "well known"] }],
    ['-"on Friday" lunch --now', { prefix: "lunch", excluded: ["on friday", "now"] }],
    ["lunch - now", { words: ["lunch"], prefix: "now" }],
    ["a\tb\n\0c", { words: ["a", "b"], prefix: "c" }],
    ["и\u0306од", { prefix: "йод" }],
  ])("%j is taken apart", (text, expected) => {
    expect(parsed(text)).toEqual({ words: [], phrases: [], excluded: [], ...expected });
  });

  test.each(["", "  ", "-", '"', '""', "!?", "😀", "-lunch", '-"on Friday"', "\0", "\ud800"])(
    "%j has no word",
    (text) => {
      expect(parseQuery(text)).toBeUndefined();
    },
  );

  test("holds words of letters, digits and their accents alone, whatever was typed", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(..."a б\"-'\\&|!:*()<>«") }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { words = [], prefix = "a", phrases = [], excluded = [] } = parseQuery(text) ?? {};
        const all = [...words, prefix, ...phrases.flatMap((phrase) => phrase.words), ...excluded.flat()];
        for (const word of all) expect(word).toMatch(/^[\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}]*$/u);
      }),
    );
  });
});

test("words of a text know where they stand", () => {
  const text = "😀 Ёлка, hello";
  const words = wordsOf(text);
  expect(words.map(({ word }) => word)).toEqual(["елка", "hello"]);
  expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(["Ёлка", "hello"]);
});
