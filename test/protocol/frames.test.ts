import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/protocol/limits.ts";
import { isLonger, parseFrames } from "../../src/protocol/parsing.ts";

const plain = { batch: false, maxBytes: 65_536 };
const batch = { batch: true, maxBytes: 65_536 };

function codeOf(text: string, envelope = plain) {
  const [parsed] = parseFrames(text, envelope);
  return parsed?.ok ? "ok" : parsed?.refusal.code;
}

describe("a text of frames", () => {
  test("of anything at all gives a frame or a refusal, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
        expect(parseFrames(text, batch).length).toBeGreaterThan(0);
      }),
    );
  });

  test("of an array gives an entry for each frame, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant({ type: "ping" }), fc.jsonValue()), { minLength: 1, maxLength: 256 }),
        (entries) => {
          const parsed = parseFrames(JSON.stringify(entries), batch);
          fc.pre(JSON.stringify(entries).length < limits.batchBytes);
          expect(parsed).toHaveLength(entries.length);
          entries.forEach((entry, at) => {
            const isPing = typeof entry === "object" && entry !== null && "type" in entry && entry.type === "ping";
            if (isPing && Object.keys(entry).length === 1) expect(parsed[at]?.ok).toBe(true);
          });
        },
      ),
    );
  });

  test("is refused first by size, then as JSON, then for its type, then by its schema", () => {
    const said = (text: string) => {
      const [parsed] = parseFrames(text, plain);
      return parsed?.ok ? "ok" : `${parsed?.refusal.detail}`;
    };
    expect(said("{".repeat(65_537))).toMatch(/at most 65536 bytes/);
    expect(said("{")).toMatch(/JSON/);
    expect(said("{}")).toMatch(/no type/);
    expect(said('{"type":"shout","content":1}')).toMatch(/Unknown type "shout"/);
    expect(said('{"type":"message","content":1}')).toMatch(/content/);
    expect(said('{"type":"message","content":"hi"}')).toBe("ok");
    expect(said('{"type":"constructor"}')).toMatch(/Unknown type/);
  });

  test("of an array is answered frame by frame, also where one is nested deeper than it can be written again", () => {
    const levels = 10_000;
    // V8 writes by recursion what has keys that are numbers.
    const deep = `{"type":"ping","ref":"deep","x":${'{"0":'.repeat(levels)}1${"}".repeat(levels)}}`;
    const other = { type: "ping", x: "x".repeat(60_000) };
    expect(codeOf(deep)).toBe("ok");
    expect(parseFrames(`[${deep},${JSON.stringify(other)}]`, batch)).toMatchObject([
      { ok: false, refusal: { code: "INVALID_MESSAGE" }, ref: "deep" },
      { ok: true },
    ]);
  });

  test("counts bytes, not letters", () => {
    const text = JSON.stringify({ type: "ping", more: "é".repeat(32_760) });
    expect(text.length).toBeLessThan(65_536);
    expect(codeOf(text)).toBe("INVALID_MESSAGE");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.nat(80), (text, bytes) => {
        expect(isLonger(text, bytes)).toBe(new TextEncoder().encode(text).byteLength > bytes);
      }),
    );
  });

  test("keeps the ref of what it refuses, if there is one to keep", () => {
    const refOf = (frame: unknown) => {
      const [parsed] = parseFrames(JSON.stringify(frame), plain);
      return parsed?.ok ? "ok" : parsed?.ref;
    };
    expect(refOf({ ref: "r" })).toBe("r");
    expect(refOf({ type: "shout", ref: "r" })).toBe("r");
    expect(refOf({ type: "message", ref: "r" })).toBe("r");
    expect(refOf({ type: "message", ref: "x".repeat(65) })).toBeUndefined();
    expect(refOf({ type: "message", ref: 7 })).toBeUndefined();
  });

  test("of an array needs the subprotocol, one frame and no more than 256", () => {
    const array = (count: number) => JSON.stringify(Array(count).fill({ type: "ping" }));
    expect(codeOf(array(1))).toBe("INVALID_MESSAGE");
    expect(codeOf(array(0), batch)).toBe("INVALID_MESSAGE");
    expect(codeOf(array(256), batch)).toBe("ok");
    expect(codeOf(array(257), batch)).toBe("INVALID_MESSAGE");
    expect(codeOf(`[[${array(1)}]]`, batch)).toBe("INVALID_MESSAGE");
  });
});

describe("a message's content", () => {
  const content = (text: string) => codeOf(JSON.stringify({ type: "message", content: text }));

  test("is any text that says something, 4,000 code points at most", () => {
    for (const text of ["a", " a ", "a\n\tb\r\n", "😀".repeat(4_000), "\u200dx"]) expect(content(text)).toBe("ok");
    for (const text of ["", " ", "\n", "\u200b", "\u3164", "😀".repeat(4_001)])
      expect(content(text)).toBe("INVALID_CONTENT");
  });

  test("holds no control character and no half of a pair", () => {
    for (const text of ["a\u0000", "a\u0007", "a\u007f", "\ud800a", "a\udc00"])
      expect(content(text)).toBe("INVALID_CONTENT");
  });

  test("of another type, or with another field wrong, is no matter of content", () => {
    expect(codeOf('{"type":"message","content":1}')).toBe("INVALID_MESSAGE");
    expect(codeOf('{"type":"message","content":"","id":"x"}')).toBe("INVALID_MESSAGE");
  });
});
