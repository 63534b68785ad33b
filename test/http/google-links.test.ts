import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { users } from "../../src/db/schema.ts";
import { type Account, lastCodeTo, mailsTo, newAccount, newEmail, password, post } from "../support/accounts.ts";
import { Browser, chosenAt, googleEnv, right } from "../support/google.ts";
import { startReset } from "../support/signing.ts";

const on = googleEnv();
const { db } = connect(on);

afterEach(right);

/** What the page is told. */
const cameBack = async (email: string) => (await new Browser(on).goThrough(email)).searchParams;
const exchange = (code: string | null) => post("/auth/google/exchange", { code }, { on });

/** Whom the Google account of this address signs in. */
async function signedIn(email: string): Promise<string> {
  const { status, body } = await exchange((await cameBack(email)).get("code"));
  expect(status).toBe(200);
  return body.user.id;
}

async function reset(account: Account): Promise<void> {
  const done = await post("/auth/verify-reset-password", {
    ...(await startReset(account)),
    password: "a quite new battery",
  });
  expect(done.status).toBe(200);
}

async function move({ tokens }: Account): Promise<string> {
  const [token, email] = [tokens.access_token, newEmail()];
  const { body } = await post("/users/me/email", { email, password }, { token });
  const answer = { challenge: body.challenge, code: await lastCodeTo(email) };
  expect((await post("/users/me/email/verify", answer, { token })).status).toBe(200);
  return email;
}

const subOf = async ({ user }: Account) =>
  (await db.select({ sub: users.google_sub }).from(users).where(eq(users.id, user.id)))[0]?.sub;

describe("a Google account that is connected", () => {
  test("is so no more after a reset; it is connected again by the address alone, and the owner is told", async () => {
    const ann = await newAccount();
    expect(await signedIn(ann.email)).toBe(ann.user.id);
    const begun = (await cameBack(ann.email)).get("code");
    await reset(ann);
    expect(await subOf(ann)).toBeNull();
    expect((await exchange(begun)).status).toBe(410);
    expect(await signedIn(ann.email)).toBe(ann.user.id);
    const told = (await mailsTo(ann.email)).filter(({ subject }) => subject.startsWith("Google was connected"));
    expect(told).toHaveLength(2);
  });

  test("of an address that was left opens the account no more, nor that of a stranger to who takes the address", async () => {
    const ann = await newAccount();
    expect(await signedIn(ann.email)).toBe(ann.user.id);
    await move(ann);
    const next = await signedIn(ann.email);
    expect(next).not.toBe(ann.user.id);
    expect(await signedIn(ann.email)).toBe(next);
  });

  test("gives way to the one of the new address", async () => {
    const ann = await newAccount();
    expect(await signedIn(ann.email)).toBe(ann.user.id);
    const email = await move(ann);
    expect(await signedIn(email)).toBe(ann.user.id);
    expect(await signedIn(email)).toBe(ann.user.id);
  });

  test("signs in nobody whose account moved while the browser was at Google", async () => {
    const ann = await newAccount();
    const browser = new Browser(on);
    const callback = await chosenAt(await browser.leave(), ann.email);
    await move(ann);
    const back = await browser.comeBack(callback);
    const code = new URL(back.headers.get("Location") ?? "").searchParams.get("code");
    expect((await exchange(code)).body.user.id).not.toBe(ann.user.id);
  });
});
