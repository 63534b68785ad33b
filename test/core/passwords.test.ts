import { describe, expect, test } from "vitest";
import { isCommonPassword } from "../../src/core/passwords.ts";

describe("a password is common", () => {
  test.each([
    "password",
    "PassWord1",
    "12345678",
    "qwertyuiop",
    "iloveyou",
    "йцукенгшщз",
    "aaaaaaaaaaaa",
    "🙂🙂🙂🙂🙂🙂🙂🙂",
  ])("%s", (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });
});

describe("a password is not common", () => {
  test.each(["correct horse battery staple", "vN3#kd0=pQ", "переплётная-7"])("%s", (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });
});
