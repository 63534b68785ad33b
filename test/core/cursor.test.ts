import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCursor, writeCursor } from "../../src/core/cursor.ts";

describe("a page's cursor", () => {
  test("comes back as it went, and may stand in an address", () => {
    const part = fc.oneof(fc.string({ unit: "grapheme" }), fc.integer());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (position) => {
        const cursor = writeCursor(position);
        expect(encodeURIComponent(cursor)).toBe(cursor);
        expect(readCursor(cursor)).toEqual(position);
      }),
    );
  });

  test("of anybody's own making is none, and nothing breaks", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readCursor(text)));
    for (const text of ["null", "{}", '"a"', "[null]", "[[1]]", "[1"]) expect(readCursor(btoa(text))).toBeUndefined();
    for (const text of ["", "%", "é", "\u0000", "gIA"]) expect(readCursor(text)).toBeUndefined();
  });
});
