import { describe, expect, test } from "vitest";
import { erased, noDigits, typed, wholeCode } from "../../src/web/codes/digits.ts";

const of = (text: string) => [...text].map((sign) => (sign === "." ? "" : sign));
const shown = ({ digits, at }: { digits: readonly string[]; at: number }) => [
  digits.map((digit) => digit || ".").join(""),
  at,
];

describe("a code in its boxes", () => {
  test("goes on to the next box with each digit, and stays in the last", () => {
    expect(shown(typed(noDigits(6), 0, "4"))).toEqual(["4.....", 1]);
    expect(shown(typed(of("12345."), 5, "6"))).toEqual(["123456", 5]);
  });

  test("takes a paste as a whole, whatever stands between its digits", () => {
    expect(shown(typed(noDigits(6), 0, "123456"))).toEqual(["123456", 5]);
    expect(shown(typed(noDigits(6), 0, "Code: 123 456\n"))).toEqual(["123456", 5]);
    expect(shown(typed(of("12...."), 2, "654321"))).toEqual(["654321", 5]);
    expect(shown(typed(noDigits(6), 0, "1234567"))).toEqual(["123456", 5]);
  });

  test("takes a part where it is pasted", () => {
    expect(shown(typed(of("12...."), 2, "345"))).toEqual(["12345.", 5]);
  });

  test("replaces the digit of a box that is full, on whichever side the new one is typed", () => {
    expect(shown(typed(of("123..."), 1, "29"))).toEqual(["193...", 2]);
    expect(shown(typed(of("123..."), 1, "92"))).toEqual(["193...", 2]);
    expect(shown(typed(of("123..."), 1, "22"))).toEqual(["123...", 2]);
  });

  test("refuses what is no digit", () => {
    expect(shown(typed(of("12...."), 2, "x"))).toEqual(["12....", 2]);
  });

  test("erases its digit, or the one before where it is empty", () => {
    expect(shown(erased(of("123..."), 2))).toEqual(["12....", 2]);
    expect(shown(erased(of("12...."), 2))).toEqual(["1.....", 1]);
    expect(shown(erased(noDigits(6), 0))).toEqual(["......", 0]);
  });

  test("is a code once each box has its digit", () => {
    expect(wholeCode(of("12345."))).toBeUndefined();
    expect(wholeCode(of("012345"))).toBe("012345");
  });
});
