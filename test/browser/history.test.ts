import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { ready, visitor } from "../support/browser.ts";
import { group, type Json, type Person, people } from "../support/client.ts";
import { uploadFor } from "../support/files.ts";
import { landscape } from "../support/pictures.ts";
import { longTalk, tell } from "../support/rooms.ts";
import { composer, found, history, message, open, row, searchField } from "../support/screens.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
const others: Person[] = [];

const count = 300;
const textOf = (number: number) => (number === 120 ? "Message 120, about the lighthouse" : `Message ${number}`);

beforeAll(async () => {
  await ready();
  at = await server();
  for (const name of ["Bob", "Cem", "Dan", "Eve", "Fay", "Gus", "Hal"]) others.push(...(await people(at, name)));
});

/** Somebody new to a long talk, who has read it up to a message. */
async function reader(read: number) {
  const ann = await visitor("Ann");
  const [bob] = others;
  if (!bob) throw new Error("Nobody is there");
  const room: Json = await group(bob, ann, ...others.slice(1));
  await longTalk(at, room, { by: others, count, text: textOf });
  await ann.call("POST", `/conversations/${room.id}/read`, { sequence: read });
  const shown = row(ann.page, "A group").filter({ hasText: `Message ${count}` });
  await shown.filter(read < count ? { hasText: `${count - read} unread` } : { hasNotText: "unread" }).waitFor();
  return { ann, bob, room };
}

/** Drawn now. */
const drawn = (page: Page) => history(page).getByRole("article").count();

const isInView = (page: Page, text: string) =>
  message(page, text)
    .first()
    .evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });

describe("a long history", () => {
  test("opens at what is unread, is scrolled through to its beginning without a jump, and is never all drawn", async () => {
    const { ann } = await reader(280);
    await row(ann.page, "A group").getByRole("link").click();
    await ann.page.getByText("New", { exact: true }).waitFor();
    expect(await isInView(ann.page, "Message 281")).toBe(true);
    await history(ann.page).hover();
    let most = 0;
    const jumps: number[] = [];
    for (let turn = 0; turn < 80 && (await message(ann.page, /^Message 1\b/).count()) === 0; turn++) {
      jumps.push(await jumpOfScrolling(ann.page, -600));
      most = Math.max(most, await drawn(ann.page));
    }
    await message(ann.page, /Message 1\b/)
      .first()
      .waitFor();
    expect(Math.max(...jumps)).toBeLessThanOrEqual(1);
    expect(most).toBeLessThan(260);
  });

  test("is searched, and a result leads to the message among those around it; a button leads back to the newest", async () => {
    const { ann } = await reader(count);
    await searchField(ann.page).fill("lighthouse");
    await found(ann.page, /lighthouse/)
      .first()
      .click();
    await message(ann.page, "about the lighthouse").waitFor();
    await expect.poll(() => isInView(ann.page, "about the lighthouse")).toBe(true);
    await message(ann.page, "Message 119").first().waitFor();
    await message(ann.page, "Message 121").first().waitFor();
    expect(await message(ann.page, `Message ${count}`).count()).toBe(0);
    await ann.page.getByRole("button", { name: /^To the newest/ }).click();
    await expect.poll(() => isInView(ann.page, `Message ${count}`)).toBe(true);
  });

  test("stays where it is while one reads above, and says how much is new below", async () => {
    const { ann, bob, room } = await reader(count);
    await row(ann.page, "A group").getByRole("link").click();
    await composer(ann.page).waitFor();
    await expect.poll(() => isInView(ann.page, `Message ${count}`)).toBe(true);
    await history(ann.page).hover();
    await jumpOfScrolling(ann.page, -1_500);
    expect(await isInView(ann.page, `Message ${count}`)).toBe(false);
    const before = await places(ann.page);
    await tell(bob, room, "News from below");
    await ann.page.getByRole("button", { name: /^To the newest, 1 unread/ }).waitFor();
    const after = await places(ann.page);
    for (const [text, y] of before) expect(after.get(text)).toBe(y);
  });
});

test("who is at the end stays there, however wide or high the window becomes", async () => {
  const [bob] = await people(at, "Bob");
  const ann = await visitor("Ann", { viewport: { width: 390, height: 844 } });
  if (!bob) throw new Error("Nobody is there");
  const room = await group(bob, ann);
  for (let number = 1; number <= 40; number++)
    await tell(bob, room, `${number}. ${"Words and words. ".repeat(number % 7)}`);
  await ann.call("POST", `/conversations/${room.id}/read`, { sequence: 40 });
  const files = await Promise.all(
    [1, 2, 3, 4].map((number) =>
      uploadFor(ann, landscape(480, 320), { content_type: "image/png", name: `${number}.png` }),
    ),
  );
  await ann.call("POST", `/conversations/${room.id}/messages`, { content: "The last of all", media_ids: files });
  await open(ann.page, room);
  await expect.poll(() => isInView(ann.page, "The last of all")).toBe(true);
  for (const [width, height] of [
    [1280, 800],
    [390, 844],
    [1280, 800],
    [760, 500],
    [360, 640],
    [1000, 900],
    [390, 400],
  ] as const) {
    await ann.page.setViewportSize({ width, height });
    await expect.poll(() => fromEnd(ann.page), { message: `${width} x ${height}` }).toBeLessThanOrEqual(16);
  }
});

/** How far the history is from its end, in CSS pixels. */
const fromEnd = (page: Page) =>
  history(page).evaluate((pane) => pane.scrollHeight - pane.clientHeight - pane.scrollTop);

/** Where the messages in view are, by their text. */
async function places(page: Page): Promise<Map<string, number>> {
  const found = await history(page)
    .getByRole("article")
    .evaluateAll((articles) =>
      articles
        .map((article) => [article.textContent ?? "", article.getBoundingClientRect().top] as const)
        .filter(([, top]) => top > 0 && top < innerHeight),
    );
  return new Map(found);
}

/**
 * Turns the wheel, and watches frame by frame until all is quiet: by how many pixels a message in view has moved otherwise
 * than the wheel says. 0 where what was loaded has moved nothing.
 */
async function jumpOfScrolling(page: Page, pixels: number): Promise<number> {
  const watched = page.evaluate(watchForJumps, pixels);
  await page.mouse.wheel(0, pixels);
  return await watched;
}

/** In the page. */
async function watchForJumps(pixels: number): Promise<number> {
  const log = document.querySelector('[role="log"]');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const inView = () => {
    const { top = 0, bottom = 0 } = log?.getBoundingClientRect() ?? {};
    const all = [...(log?.querySelectorAll("article") ?? [])].map((one) => [one, one.getBoundingClientRect()] as const);
    return new Map(all.filter(([, at]) => at.bottom > top && at.top < bottom).map(([one, at]) => [one, at.top]));
  };
  let worst = 0;
  let left = -pixels;
  for (let quiet = 0, before = inView(); quiet < 12; ) {
    await frame();
    const now = inView();
    const moves = [...now].flatMap(([one, top]) => {
      const was = before.get(one);
      return was === undefined ? [] : [top - was];
    });
    const [moved = 0] = moves;
    left -= moved;
    worst = Math.max(worst, -moved, -left, ...moves.map((move) => Math.abs(move - moved)));
    quiet = Math.abs(moved) < 0.5 ? quiet + 1 : 0;
    before = now;
  }
  return worst;
}
