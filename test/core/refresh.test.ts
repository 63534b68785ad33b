import { describe, expect, test } from "vitest";
import { firstRefreshToken, readRefreshToken, refreshHash } from "../../src/core/refresh.ts";

const key = "a key of the test that is long enough";
const session = "01890000-0000-7000-8000-000000000001";
const first = firstRefreshToken(key, session, new Uint8Array(32).fill(7));

describe("a refresh token", () => {
  test("names its session and always has the same successor", () => {
    const shown = readRefreshToken(key, first);
    expect(shown?.session_id).toBe(session);
    expect(shown?.hash).toBe(refreshHash(key, first));
    expect(readRefreshToken(key, first)).toEqual(shown);
    expect(shown?.next).not.toBe(first);
    expect(refreshHash(key, shown?.next ?? "")).toBe(shown?.next_hash);
  });

  test("is followed by one that is a token too, and never comes again", () => {
    const seen = new Set([first]);
    let token = first;
    for (let generation = 0; generation < 20; generation++) {
      token = readRefreshToken(key, token)?.next ?? "";
      expect(seen.has(token)).toBe(false);
      seen.add(token);
    }
  });

  test("does not show what is stored of it, nor its successor", () => {
    const shown = readRefreshToken(key, first);
    expect(first).not.toContain(shown?.hash);
    expect(first).not.toContain(shown?.next.split(".")[1]);
  });
});

describe("no refresh token is", () => {
  const [, secret = "", mac = ""] = first.split(".");
  const other = "01890000-0000-7000-8000-000000000002";
  const flipped = `${secret.startsWith("A") ? "B" : "A"}${secret.slice(1)}`;

  test.each([
    ["one with another session", `${other}.${secret}.${mac}`],
    ["one with another secret", `${session}.${flipped}.${mac}`],
    ["one with another mac", `${session}.${secret}.${"A".repeat(22)}`],
    ["one in capital letters", first.toUpperCase()],
    ["one with more behind it", `${first}A`],
    ["one with a line's end behind it", `${first}\n`],
    ["an empty one", ""],
    ["an access token", "eyJhbGciOiJub25lIn0.e30."],
  ])("%s", (_, token) => {
    expect(readRefreshToken(key, token)).toBeUndefined();
  });

  test("one of another key", () => {
    expect(readRefreshToken("another key that is long enough too", first)).toBeUndefined();
  });
});
