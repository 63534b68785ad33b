import { describe, expect, test } from "vitest";
import { email, newPassword } from "../../src/protocol/auth.ts";

describe("an e-mail address", () => {
  test.each([
    ["ann@example.test", "ann@example.test"],
    ["  Ann.Smith+Tag@Example.TEST\n", "ann.smith+tag@example.test"],
    ["o'neil@sub.example.test", "o'neil@sub.example.test"],
    ["a@xn--80ak6aa92e.xn--p1ai", "a@xn--80ak6aa92e.xn--p1ai"],
  ])("%j is compared as %s", (given, compared) => {
    expect(email.parse(given)).toBe(compared);
  });

  test.each([
    "",
    "ann",
    "@example.test",
    "ann@",
    "ann@example",
    "ann@@example.test",
    "ann@exa mple.test",
    "a nn@example.test",
    "ann@example.test\r\nBcc: x@example.test",
    "ann@example.test\0",
    "<ann@example.test>",
    "ann@example.test,bob@example.test",
    '"ann"@example.test',
    ".ann@example.test",
    "a..nn@example.test",
    "ann@-example.test",
    "ann@example-.test",
    "ann@127.0.0.1",
    "ann@[127.0.0.1]",
    "аnn@example.test", // a Cyrillic а
    "ann@\u212Aelvin.test", // becomes an ASCII k in lower case
    `${"a".repeat(65)}@example.test`,
    `ann@${"a.".repeat(125)}test`,
  ])("is not %j", (given) => {
    expect(email.safeParse(given).success).toBe(false);
  });
});

describe("a password", () => {
  test("has 8 to 128 characters, counted as people do", () => {
    for (const fine of ["12345678", "ä".repeat(128), "🙂".repeat(128)]) expect(newPassword.parse(fine)).toBe(fine);
    for (const bad of ["1234567", "🙂".repeat(7), "a".repeat(129), "🙂".repeat(129), "a".repeat(100_000)]) {
      expect(newPassword.safeParse(bad).success).toBe(false);
    }
  });

  test("holds no control characters and no broken UTF-16", () => {
    for (const bad of ["abcdefg\0h", "abcdefgh\n", "abcdefgh\uD800"])
      expect(newPassword.safeParse(bad).success).toBe(false);
  });
});
