import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQuery } from "../../src/core/search-query.ts";
import { snippetOf } from "../../src/core/snippets.ts";
import { limits } from "../../src/protocol/limits.ts";

function snippet(content: string, query: string, forms: string[] = []) {
  const parsed = parseQuery(query);
  if (!parsed) throw new Error("The query has no word");
  return snippetOf(content, parsed, forms);
}

/** Its text, and the parts of it that are marked. */
function shown(content: string, query: string, forms: string[] = []): [string, string[]] {
  const { text, highlights } = snippet(content, query, forms);
  return [text, highlights.map(({ start, length }) => text.slice(start, start + length))];
}

describe("a snippet", () => {
  test.each([
    ["Hello, HELLO world", "hel", [], ["Hello", "HELLO"]],
    ["She was running to the runway", "runs", ["running"], ["running"]],
    ["Ёлки и ёлка", "елк", [], ["Ёлки", "ёлка"]],
    ["see you on Friday, you see", '"see you"', [], ["see you"]],
    ["you see Friday-ish", '"you see fri', [], ["you see Friday"]],
    ["to be or not to be", "to be", [], ["to", "be", "to", "be"]],
    ["<b>bold</b> & <script>", "bold", [], ["bold"]],
    ["😀😀 hello 👩‍👩‍👧 привет", "привет hello", [], ["hello", "привет"]],
    ["nothing", "else", [], []],
  ])("of %j for %j marks what was asked for", (content, query, forms, marked) => {
    expect(shown(content, query, forms)).toEqual([content, marked]);
  });

  test("is plain text, as it was said: what looks like markup is no more than text", () => {
    const { text, highlights } = snippet("<b>x</b> 😀 <img src=x onerror=alert(1)>", "img");
    expect(text).toBe("<b>x</b> 😀 <img src=x onerror=alert(1)>");
    expect(highlights).toEqual([{ start: 13, length: 3 }]);
  });

  test("of a long message is the text around the first word, and says where it is cut", () => {
    const [text, marked] = shown(`${"before ".repeat(100)}needle${" after".repeat(100)}`, "needle");
    expect(text).toMatch(/^…(before )+needle( after)+…$/);
    expect(text.length).toBeLessThanOrEqual(limits.snippetLength + 2);
    expect(marked).toEqual(["needle"]);
  });

  test("never cuts a character in two, nor marks what is not there, whatever is said", () => {
    const unit = fc.constantFrom("a", "b", " ", "ё", "😀", "й", "<", "\u0301");
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 600 }),
        fc.constantFrom("a", "ab", "b -a", '"a b"', "е"),
        (content, query) => {
          const { text, highlights } = snippet(content, query);
          expect(text.isWellFormed()).toBe(true);
          expect(content).toContain(text.replace(/^…/, "").replace(/…$/, ""));
          const ends = highlights.map(({ start, length }) => start + length);
          for (const [at, { start }] of highlights.entries()) expect(start).toBeGreaterThanOrEqual(ends[at - 1] ?? 0);
          for (const end of ends) expect(end).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });
});
