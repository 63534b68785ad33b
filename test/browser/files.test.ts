import type { Page, Route } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { pair, ready, type Visitor } from "../support/browser.ts";
import { landscape } from "../support/pictures.ts";
import { history } from "../support/screens.ts";

beforeAll(ready);

const picture = { name: "Hills.png", mimeType: "image/png", buffer: landscape(480, 320) };
const paper = {
  name: "Plan.pdf",
  mimeType: "application/pdf",
  buffer: Buffer.from(`%PDF-1.4\n${"%x\n".repeat(999)}%%EOF`),
};

/** Chooses files, and sends them. */
async function send({ page }: Visitor, files: (typeof picture)[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).click();
  await (await chooser).setFiles(files);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** Its upload stands still until it is let go. */
async function holdUploads(page: Page) {
  const held: Route[] = [];
  await page.route(
    (url) => url.pathname.includes("/r2/s3/"),
    (route) => (route.request().method() === "PUT" ? void held.push(route) : route.continue()),
  );
  return { held, letGo: () => Promise.all(held.map((route) => route.continue())) };
}

const shownPicture = (page: Page) => history(page).getByRole("button", { name: "Show the picture" });

const card = (page: Page) => history(page).getByRole("button", { name: /Plan\.pdf/ });

const isLoaded = (page: Page) =>
  shownPicture(page)
    .locator("img")
    .first()
    .evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth > 0);

describe("a picture", () => {
  test("shows how far its upload is, keeps its place meanwhile, and is seen and enlarged by the other", async () => {
    const { ann, bob } = await pair();
    const uploads = await holdUploads(ann.page);
    await send(ann, [picture]);
    await history(ann.page).getByRole("progressbar").waitFor();
    const before = await shownPicture(ann.page).boundingBox();
    await expect.poll(() => uploads.held.length).toBe(1);
    await uploads.letGo();
    await shownPicture(bob.page).waitFor();
    await expect.poll(() => isLoaded(bob.page)).toBe(true);
    await expect.poll(() => history(ann.page).getByRole("progressbar").count()).toBe(0);
    const after = await shownPicture(ann.page).boundingBox();
    expect([after?.width, after?.height]).toEqual([before?.width, before?.height]);
    await shownPicture(bob.page).click();
    const viewer = bob.page.getByRole("dialog");
    await viewer.getByRole("img").waitFor();
    await bob.page.keyboard.press("Escape");
    await expect.poll(() => viewer.count()).toBe(0);
  });

  test("whose upload is cancelled is gone, and never said", async () => {
    const { ann, bob } = await pair();
    const uploads = await holdUploads(ann.page);
    await send(ann, [picture]);
    await expect.poll(() => uploads.held.length).toBe(1);
    await history(ann.page).getByRole("button", { name: "Cancel the upload" }).click();
    await expect.poll(() => history(ann.page).getByRole("article").count()).toBe(0);
    await send(ann, [paper]);
    await expect.poll(() => uploads.held.length).toBe(2);
    await uploads.held.at(-1)?.continue();
    await card(bob.page).waitFor();
    expect(await history(bob.page).getByRole("article").count()).toBe(1);
  });
});

test("a file is a card with its name and size, which downloads it under its name", async () => {
  const { ann, bob } = await pair();
  await send(ann, [paper]);
  await card(bob.page).getByText(/^3 kB/).waitFor();
  const download = bob.page.waitForEvent("download");
  await card(bob.page).click();
  expect((await download).suggestedFilename()).toBe("Plan.pdf");
});
