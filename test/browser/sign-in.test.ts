import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { ready, stranger } from "../support/browser.ts";
import { mailCount, mailedCode, people } from "../support/client.ts";
import { home } from "../support/screens.ts";
import { type Server, server } from "../support/server.ts";
import { askToRegister, askToSignIn, codeBoxes, giveCode, signInAt } from "../support/sign-in.ts";

let at: Server;

beforeAll(async () => {
  await ready();
  at = await server();
});

const newEmail = () => `somebody.${randomUUID()}@example.com`;
const password = "correct horse battery";

describe("an account", () => {
  test("is made by form and mailed code, which may be pasted, and is there after a reload", async () => {
    const page = await stranger();
    const email = newEmail();
    await askToRegister(page, { name: "Нина", email, password });
    await codeBoxes(page).first().waitFor();
    expect(await page.getByText(email).count()).toBeGreaterThan(0);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.evaluate((code) => navigator.clipboard.writeText(code), await mailedCode(at, email));
    await codeBoxes(page).first().focus();
    await page.keyboard.press("ControlOrMeta+V");
    await home(page).waitFor();
    await page.reload();
    await home(page).waitFor();
  });

  test("with a password many people use is refused beside the field, and what was typed stays", async () => {
    const page = await stranger();
    const email = newEmail();
    await askToRegister(page, { name: "Nina", email, password: "password1" });
    await page.getByText("Many people use this password").waitFor();
    expect(await page.getByLabel("E-mail").inputValue()).toBe(email);
    expect(await page.getByLabel("Name").inputValue()).toBe("Nina");
  });
});

describe("signing in", () => {
  test("takes the password and a mailed code, and says how many tries a wrong one leaves", async () => {
    const [ann] = await people(at, "Ann");
    const page = await stranger();
    const seen = await mailCount(at, ann.email);
    await askToSignIn(page, ann);
    await codeBoxes(page).first().waitFor();
    const code = await mailedCode(at, ann.email, seen);
    await giveCode(page, code === "000000" ? "000001" : "000000");
    await page.getByText("4 tries are left").waitFor();
    await giveCode(page, code);
    await home(page).waitFor();
  });

  test("with a wrong password says so, and not which of the two was wrong", async () => {
    const [ann] = await people(at, "Ann");
    const page = await stranger();
    await askToSignIn(page, { ...ann, password: "another horse" });
    await page.getByText("The e-mail or the password is wrong.").waitFor();
  });

  test("leads to where the address pointed", async () => {
    const [ann] = await people(at, "Ann");
    const page = await stranger({}, "/settings");
    const seen = await mailCount(at, ann.email);
    await askToSignIn(page, ann);
    await codeBoxes(page).first().waitFor();
    await giveCode(page, await mailedCode(at, ann.email, seen));
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/settings");
  });

  test("needs no code in a browser that is trusted", async () => {
    const [ann] = await people(at, "Ann");
    const page = await stranger();
    const seen = await mailCount(at, ann.email);
    await askToSignIn(page, ann);
    await page.getByRole("checkbox", { name: "Trust this browser" }).check();
    await giveCode(page, await mailedCode(at, ann.email, seen));
    await home(page).waitFor();
    await page.context().clearCookies();
    await page.reload();
    await askToSignIn(page, ann);
    await home(page).waitFor();
  });
});

test("a forgotten password is replaced by a code of eight digits", async () => {
  const [ann] = await people(at, "Ann");
  const page = await stranger();
  await page.getByRole("button", { name: "Forgot the password?" }).click();
  const seen = await mailCount(at, ann.email);
  await page.getByLabel("E-mail").fill(ann.email);
  await page.getByRole("button", { name: "Send code" }).click();
  await codeBoxes(page).first().waitFor();
  expect(await codeBoxes(page).count()).toBe(8);
  await giveCode(page, await mailedCode(at, ann.email, seen));
  await page.getByLabel("New password").fill("a quite new battery");
  await page.getByRole("button", { name: "Save and sign in" }).click();
  await home(page).waitFor();
  const again = await stranger();
  await signInAt(again, at, { ...ann, password: "a quite new battery" });
});

describe("Google", () => {
  test("signs in whom one is there, and again the next time", async () => {
    const email = newEmail();
    for (const [time, choose] of ["first", "again"].entries()) {
      const page = await stranger();
      await page.getByRole("button", { name: "Continue with Google" }).click();
      await page.getByRole("heading", { name: "Embedded Google" }).waitFor();
      if (choose === "first") {
        await page.getByLabel("E-mail").fill(email);
        await page.getByLabel("Name").fill("Greta");
        await page.getByRole("button", { name: "Use this account" }).click();
      } else await page.getByRole("button", { name: email }).click();
      await home(page).waitFor();
      expect([time, new URL(page.url()).search]).toEqual([time, ""]);
    }
  });

  test("that is cancelled leads back to the form, with a word about it", async () => {
    const page = await stranger();
    await page.getByRole("button", { name: "Continue with Google" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Google was not allowed to sign you in.").waitFor();
  });
});
