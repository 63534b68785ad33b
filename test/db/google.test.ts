import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { insertGoogleUser, linkGoogle, userIdOfGoogle } from "../../src/db/google.ts";
import type { Env } from "../../src/env.ts";
import { defaultSettings, newAccount, newEmail } from "../support/accounts.ts";

const { db } = connect(env as unknown as Env);
const now = Date.now();
const newSub = () => `sub-${newId()}`;
const link = (email: string, sub: string) => linkGoogle(db, { email, sub, now });

async function made(changes: { email?: string; google_sub?: string } = {}) {
  const user = {
    id: newId(),
    email: newEmail(),
    google_sub: newSub(),
    name: "Ann",
    created_at: new Date(now),
    ...changes,
  };
  return { ...user, isMade: await insertGoogleUser(db, user) };
}

describe("an account", () => {
  test("is connected by its address, once, and found by the id of the Google account", async () => {
    const [{ email, user }, sub] = [await newAccount(), newSub()];
    expect(await userIdOfGoogle(db, sub)).toBeUndefined();
    expect(await link(email, sub)).toEqual({ id: user.id, settings: defaultSettings });
    expect(await userIdOfGoogle(db, sub)).toBe(user.id);
    expect(await link(email, sub)).toBeUndefined();
    expect(await link(email, newSub())).toBeUndefined();
  });

  test("is not connected to a Google account that another has", async () => {
    const [ann, bob, sub] = [await newAccount("Ann"), await newAccount("Bob"), newSub()];
    const both = await Promise.all([link(ann.email, sub), link(bob.email, sub)]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });

  test("is made where neither the address nor the Google account has one", async () => {
    const ann = await made();
    expect([ann.isMade, await userIdOfGoogle(db, ann.google_sub)]).toEqual([true, ann.id]);
    expect((await made({ email: ann.email })).isMade).toBe(false);
    expect((await made({ google_sub: ann.google_sub })).isMade).toBe(false);
    expect((await made({ email: (await newAccount()).email })).isMade).toBe(false);
  });

  test("nobody has is connected to nothing", async () => {
    expect(await link(newEmail(), newSub())).toBeUndefined();
  });
});
