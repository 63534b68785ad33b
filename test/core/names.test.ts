import { describe, expect, test } from "vitest";
import { nameFrom } from "../../src/core/names.ts";
import { userName } from "../../src/protocol/users.ts";

describe("a name from elsewhere", () => {
  test.each([
    ["Ann Smith", "Ann Smith"],
    ["  Анна  ", "Анна"],
    ["Ann\u202Enn\n A\0", "Ann nn  A"],
    [`${"a".repeat(63)}👋👋`, `${"a".repeat(63)}👋`],
    [`${"a".repeat(63)} b`, "a".repeat(63)],
  ])("%j becomes one of ours: %j", (name, fitting) => {
    expect(nameFrom(name, "ann@example.test")).toBe(fitting);
    expect(userName.safeParse(fitting).success).toBe(true);
  });

  test.each([undefined, "", "  ", "\u2800", "\0", "\u202E"])("%j that is none gives way to the address", (name) => {
    expect(nameFrom(name, "ann.smith+1@example.test")).toBe("ann.smith+1");
  });
});
