/** All of it without a mouse. */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { ready, stranger, visitor } from "../support/browser.ts";
import { group, mailCount, mailedCode, people } from "../support/client.ts";
import { dialog, tell } from "../support/rooms.ts";
import { composer, found, history, home, list, message, pick, row, searchField, tabTo } from "../support/screens.ts";
import { type Server, server } from "../support/server.ts";
import { codeBoxes } from "../support/sign-in.ts";

let at: Server;

beforeAll(async () => {
  await ready();
  at = await server();
});

test("one signs in, finds somebody, talks, reacts, deletes and leaves by keys alone, and sees where one is", async () => {
  const [ann, bob, cem] = await people(at, "Ann", "Bob", "Cem");
  const room = await dialog(ann, bob);
  await tell(bob, room, "Knock knock");
  await group(cem, ann);
  const page = await stranger();
  const { keyboard } = page;

  await tabTo(page, page.getByLabel("E-mail"));
  await keyboard.type(ann.email);
  await tabTo(page, page.getByLabel("Password", { exact: true }));
  await keyboard.type(ann.password);
  const seen = await mailCount(at, ann.email);
  await keyboard.press("Enter");
  await codeBoxes(page).first().waitFor();
  await keyboard.type(await mailedCode(at, ann.email, seen));
  await home(page).waitFor();

  await search(page);
  await keyboard.type("Knock");
  await tabTo(page, found(page, /Knock knock/).first());
  await keyboard.press("Enter");
  await tabTo(page, composer(page));
  await keyboard.type("Who is there?");
  await keyboard.press("Enter");
  await message(page, "Who is there?").waitFor();

  await tabTo(page, message(page, "Who is there?"), "Shift+Tab");
  expect(await outlineOfFocused(page)).not.toBe("none");
  await keyboard.press("ArrowUp");
  await keyboard.press("Enter");
  await pick(page, "👍");
  await message(page, "Knock knock")
    .getByRole("button", { name: /👍 1: You/ })
    .waitFor();

  await tabTo(page, message(page, "Who is there?"));
  await keyboard.press("Enter");
  await pick(page, "Delete");
  await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Delete" }));
  await keyboard.press("Enter");
  await history(page).getByText("Message deleted").first().waitFor();

  await search(page);
  await keyboard.press("Escape");
  await tabTo(page, row(page, "A group").getByRole("button", { name: "Actions for A group" }));
  await keyboard.press("Enter");
  await pick(page, "Leave");
  await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Leave" }));
  await keyboard.press("Enter");
  await expect.poll(() => row(page, "A group").count()).toBe(0);
});

async function search(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await expect.poll(() => searchField(page).evaluate((field) => field === document.activeElement)).toBe(true);
}

const outlineOfFocused = (page: Page) =>
  page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);

test("Alt with an arrow goes from conversation to conversation, Escape back to the list", async () => {
  const ann = await visitor("Ann");
  const [bob, cem] = await people(at, "Bob", "Cem");
  for (const other of [bob, cem]) await tell(other, await dialog(other, ann), `It is ${other.name}`);
  await row(ann.page, "It is Cem").waitFor();
  await row(ann.page, "It is Bob").getByRole("link").click();
  await message(ann.page, "It is Bob").waitFor();
  await ann.page.keyboard.press("Alt+ArrowUp");
  await message(ann.page, "It is Cem").waitFor();
  await ann.page.keyboard.press("Alt+ArrowDown");
  await message(ann.page, "It is Bob").waitFor();
  await ann.page.keyboard.press("Escape");
  await expect.poll(() => new URL(ann.page.url()).pathname).toBe("/");
  await list(ann.page).waitFor();
});
