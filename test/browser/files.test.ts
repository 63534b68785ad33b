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

/** A second of silence, in a form that every browser plays, or in one that none knows. */
const sound = (name: string, format: "plain" | "unknown") => {
  const samples = Buffer.alloc(8_000, 0x80);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format === "plain" ? 1 : 0x7fff, 20);
  head.writeUInt16LE(1, 22); // channel
  head.writeUInt32LE(8_000, 24); // samples a second
  head.writeUInt32LE(8_000, 28); // bytes a second
  head.writeUInt16LE(1, 32); // byte a sample
  head.writeUInt16LE(8, 34); // bits
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return { name, mimeType: "audio/wav", buffer: Buffer.concat([head, samples]) };
};

async function attach({ page }: Visitor, files: (typeof picture)[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).click();
  await (await chooser).setFiles(files);
}

async function send(who: Visitor, files: (typeof picture)[]): Promise<void> {
  await attach(who, files);
  await who.page.getByRole("button", { name: "Send", exact: true }).click();
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

test("how far a card's upload is stands beside its name", async () => {
  const { ann } = await pair();
  const uploads = await holdUploads(ann.page);
  await send(ann, [{ ...paper, name: "A plan with a long name.pdf" }]);
  const [name, ring] = await Promise.all([
    history(ann.page).getByText("A plan with a long name.pdf").boundingBox(),
    history(ann.page).getByRole("button", { name: "Cancel the upload" }).boundingBox(),
  ]);
  if (!name || !ring) throw new Error("Not drawn");
  expect(name.x + name.width).toBeLessThanOrEqual(ring.x);
  await expect.poll(() => uploads.held.length).toBe(1);
  await uploads.letGo();
  await expect.poll(() => history(ann.page).getByRole("progressbar").count()).toBe(0);
});

test("a file with nothing in it is not taken, and that is said", async () => {
  const { ann } = await pair();
  await attach(ann, [{ ...paper, buffer: Buffer.alloc(0) }]);
  await ann.page.getByText("A file without anything in it cannot be sent.").waitFor();
  expect(await ann.page.getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(true);
  await attach(ann, [paper]);
  await ann.page.getByText("Plan.pdf").waitFor();
  expect(await ann.page.getByText("A file without anything in it cannot be sent.").count()).toBe(0);
});

test("a sound is played where it stands; one that cannot be played is a card, and says so", async () => {
  const { ann, bob } = await pair();
  await send(ann, [sound("Silence.wav", "plain"), sound("Riddle.wav", "unknown")]);
  await expect.poll(() => history(bob.page).locator("audio[src]").count()).toBe(2);
  /** For each that is there under this name, whether it plays. */
  const play = (name: string) =>
    history(bob.page)
      .locator(`audio[aria-label="${name}"]`)
      .evaluateAll((all) =>
        Promise.all(
          all.map((one) =>
            (one instanceof HTMLAudioElement ? one.play() : Promise.reject()).then(
              () => true,
              () => false,
            ),
          ),
        ),
      );
  expect(await play("Silence.wav")).toEqual([true]);
  // Its address is asked for anew once: it may only have been too old.
  await expect.poll(() => play("Riddle.wav")).toEqual([]);
  await history(bob.page).getByText("This cannot be played here.").waitFor();
  await history(bob.page)
    .getByRole("button", { name: /Riddle\.wav/ })
    .waitFor();
});
