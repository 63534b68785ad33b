import { describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { envWith, get, newAccount, post } from "../support/accounts.ts";

const old = `old:${"a".repeat(32)}`;
const fresh = `fresh:${"b".repeat(32)}`;
/** As the README says to do it: each is a deployment. */
const before = envWith({ JWT_KEYS: old });
const announced = envWith({ JWT_KEYS: `${old},${fresh}` });
const changed = envWith({ JWT_KEYS: `${fresh},${old}` });
const after = envWith({ JWT_KEYS: fresh });

const kidOf = (token: string) => JSON.parse(atob(token.split(".")[0] ?? "")).kid;

describe("a change of the key of access tokens", () => {
  test("signs nobody out, while old and new deployments answer side by side", async () => {
    const ann = await newAccount();
    const seen = async (token: string) =>
      await Promise.all(
        [before, announced, changed, after].map(async (on) => (await get("/users/me", { token, on })).status),
      );
    const first = await connect(before).tokens.issue(ann.user, crypto.randomUUID(), Date.now());
    expect([kidOf(first), await seen(first)]).toEqual(["old", [200, 200, 200, 401]]);

    const refreshed = await post("/auth/refresh", { refresh_token: ann.tokens.refresh_token }, { on: announced });
    const { access_token: second, refresh_token } = refreshed.body.tokens;
    expect([kidOf(second), await seen(second)]).toEqual(["old", [200, 200, 200, 401]]);

    const third = (await post("/auth/refresh", { refresh_token }, { on: changed })).body.tokens;
    expect([kidOf(third.access_token), await seen(third.access_token)]).toEqual(["fresh", [401, 200, 200, 200]]);

    const last = await post("/auth/refresh", { refresh_token: third.refresh_token }, { on: after });
    expect([last.status, kidOf(last.body.tokens.access_token)]).toEqual([200, "fresh"]);
  });

  test("refuses a configuration of three keys, of two under one name, and of a short one", async () => {
    for (const JWT_KEYS of [
      `${old},${fresh},third:${"c".repeat(32)}`,
      `${old},old:${"c".repeat(32)}`,
      "short:secret",
    ]) {
      const { status, body } = await get("/users/me", { token: "a.b.c", on: envWith({ JWT_KEYS }) });
      expect([status, body.code]).toEqual([503, "UNAVAILABLE"]);
      expect(body.detail).toContain("JWT_KEYS");
      expect(JSON.stringify(body)).not.toMatch(/a{8}|b{8}|c{8}|short/);
    }
  });
});
