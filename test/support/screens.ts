/** The screens of somebody signed in, by what their parts are called: as a screen reader reads them. */
import type { Locator, Page } from "playwright-core";

/** The list's pane, in whatever language: there once one is signed in. */
export const home = (page: Page): Locator => page.getByRole("navigation").first();
export const searchField = (page: Page): Locator => page.getByRole("searchbox").first();

export const list = (page: Page): Locator => page.getByRole("navigation", { name: "Conversations" });
export const row = (page: Page, name: string): Locator => list(page).getByRole("listitem").filter({ hasText: name });

/** What the search has found. */
export const found = (page: Page, name: RegExp): Locator =>
  page.getByRole("region", { name: "Search results" }).getByRole("button", { name });

/** Comes to a conversation by its address. */
export async function open(page: Page, { id }: { id: string }): Promise<void> {
  await page.goto(`/c/${id}`);
  await composer(page).waitFor();
}

/** Chooses one in the list. */
export async function choose(page: Page, name: string): Promise<void> {
  await row(page, name).getByRole("link").click();
  await composer(page).waitFor();
}

export const history = (page: Page): Locator => page.getByRole("log", { name: "Messages" });
export const composer = (page: Page): Locator => page.getByRole("textbox", { name: "Message", exact: true });

/** One message, by what it says itself: not by what it quotes. */
export const message = (page: Page, text: string | RegExp): Locator =>
  history(page)
    .getByRole("article")
    .filter({ has: words(page, text) });

const words = (page: Page, text: string | RegExp): Locator => page.getByText(text).and(page.locator(":not(button *)"));

/** How far one's own message has got: Not sent yet, Sent, Delivered, Read. */
export const tick = (page: Page, text: string, name: string): Locator =>
  message(page, text).getByRole("img", { name, exact: true });

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

export async function openMenu(page: Page, text: string): Promise<void> {
  await message(page, text).getByText(text).last().click({ button: "right" });
  await page.getByRole("menu").waitFor();
}

/** Chooses from a message's menu. */
export async function act(page: Page, text: string, action: string): Promise<void> {
  await openMenu(page, text);
  await page.getByRole("menuitem", { name: action, exact: true }).click();
}

/** What is written in the history, message by message, as far as it is drawn. */
export async function wordsOf(page: Page, wanted: RegExp): Promise<string[]> {
  const all = await history(page).getByRole("article").allInnerTexts();
  return all.flatMap((text) => wanted.exec(text)?.[0] ?? []);
}

/** Goes there by the Tab key alone. @throws where it does not lead there */
export async function tabTo(page: Page, target: Locator, key = "Tab"): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${target}`);
}

/** The arrow that leads down a menu, until it is there; then Enter. */
export async function pick(page: Page, name: string): Promise<void> {
  await tabTo(page, page.getByRole("menuitem", { name, exact: true }), "ArrowDown");
  await page.keyboard.press("Enter");
}
