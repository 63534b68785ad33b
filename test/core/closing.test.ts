import { expect, test } from "vitest";
import { echoOf } from "../../src/core/closing.ts";

test.each([1000, 1001, 1003, 1007, 1011, 1014, 3000, 4401, 4999])("a close with %i is answered with it", (code) => {
  expect(echoOf(code)).toBe(code);
});

test.each([0, 999, 1002, 1005, 1006, 1015, 2999, 5000])("a close with %i, which may not be sent, with 1000", (code) => {
  expect(echoOf(code)).toBe(1000);
});
