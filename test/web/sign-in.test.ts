import { describe, expect, test } from "vitest";
import { PingMeError } from "../../src/client/error.ts";
import { codeTrouble } from "../../src/web/codes/trouble.ts";
import { arrivalOf } from "../../src/web/sign-in/arrival.ts";
import { hasLength, isCommon } from "../../src/web/sign-in/password-rules.ts";

const refusal = (code: PingMeError["code"], path?: string) =>
  new PingMeError(code, { code, status: 400, errors: path ? [{ path, message: "is wrong" }] : [] });

describe("a code that was not taken", () => {
  test("says how many tries are left, until the fifth used it up", () => {
    const wrong = refusal("INVALID_CONTENT", "code");
    expect([0, 1, 2, 3, 4].map((before) => codeTrouble(wrong, before))).toEqual([
      ...[4, 3, 2, 1].map((left) => ({ is: "wrong", left })),
      { is: "used" },
    ]);
  });

  test("has ended, or has nothing to do with it", () => {
    expect(codeTrouble(refusal("GONE"), 0)).toEqual({ is: "ended" });
    for (const error of [refusal("OFFLINE"), refusal("INVALID_CONTENT", "password"), new Error("x")])
      expect(codeTrouble(error, 0)).toEqual({ is: "other", error });
  });
});

describe("what a new password is asked", () => {
  test("counts characters as people do", () => {
    expect(["short12", "longer12", "🙂".repeat(8), "🙂".repeat(128), "a".repeat(129)].map(hasLength)).toEqual([
      ...[false, true, true, true, false],
    ]);
  });

  test("knows one repeated character, and what the server has turned down", () => {
    expect(["", "aaaaaaaa", "password1", "horses run"].map((password) => isCommon(password, ["password1"]))).toEqual([
      ...[false, true, true, false],
    ]);
  });
});

describe("who comes back from Google", () => {
  const at = (search: string, pathname = "/") => ({ pathname, search });

  test("goes on where they left from, the invite behind the # included", () => {
    expect(arrivalOf(at("?code=abc"), "/join/1#token")).toEqual({ to: "/join/1#token", code: "abc" });
  });

  test("brings a code only to the tab that asked for one", () => {
    expect(arrivalOf(at("?code=abc"), null)).toEqual({ to: "/", trouble: "signIn.googleStranger" });
  });

  test("is told in words what went wrong, also by a word nobody knows", () => {
    const troubles = ["access_denied", "account_conflict", "unheard_of"].map(
      (error) => arrivalOf(at(`?error=${error}`), "/")?.trouble,
    );
    expect(troubles).toEqual(["signIn.googleDenied", "signIn.googleConflict", "signIn.googleFailed"]);
  });

  test("is led nowhere but here", () => {
    for (const mark of ["//evil.example", "https://evil.example", "/\\evil.example"])
      expect(arrivalOf(at("?code=abc"), mark)?.to).toBe("/");
  });

  test("is nobody at another place, or without a word of Google's", () => {
    expect(arrivalOf(at("?code=abc", "/settings"), "/")).toBeUndefined();
    expect(arrivalOf(at("?at=3"), "/")).toBeUndefined();
  });
});
