/** The screens of signing in, as somebody without a mouse's precision goes through them: by what fields and buttons are called. */
import type { Locator, Page } from "playwright-core";

import { mailCount, mailedCode } from "./client.ts";
import { home } from "./screens.ts";
import type { Server } from "./server.ts";

export const codeBoxes = (page: Page): Locator => page.getByRole("textbox", { name: /^Digit \d of \d$/ });

/** Fills the form in and hands it in. */
export async function askToRegister(
  page: Page,
  form: { name: string; email: string; password: string },
): Promise<void> {
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill(form.name);
  await page.getByLabel("E-mail").fill(form.email);
  await page.getByLabel("Password", { exact: true }).fill(form.password);
  await page.getByRole("button", { name: "Create account" }).click();
}

export async function askToSignIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** As the keyboard of a phone offers it: into the first box. */
export async function giveCode(page: Page, code: string): Promise<void> {
  await codeBoxes(page).first().fill(code);
}

/** All the way, with the mailed code. */
export async function signInAt(page: Page, at: Server, person: { email: string; password: string }): Promise<void> {
  const seen = await mailCount(at, person.email);
  await askToSignIn(page, person);
  await codeBoxes(page).first().waitFor();
  await giveCode(page, await mailedCode(at, person.email, seen));
  await home(page).waitFor();
}
