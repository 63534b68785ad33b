/** The page as it comes. */
import { gzipSync } from "node:zlib";
import type { BrowserContext } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { arrival, newContext, ready } from "../support/browser.ts";
import { chromiumProgram } from "../support/chromium.ts";
import { people } from "../support/client.ts";
import { dialog, tell } from "../support/rooms.ts";
import { message, open } from "../support/screens.ts";
import { server } from "../support/server.ts";

beforeAll(ready);

describe("the first load", () => {
  test("is one page, one script, one style sheet and an icon, under 100 kB gzipped", async () => {
    const page = await (await newContext()).newPage();
    const bodies: Promise<[string, Buffer]>[] = [];
    page.on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.startsWith("/api/")) bodies.push(response.body().then((body) => [pathname, body]));
    });
    await page.goto("/", { waitUntil: "networkidle" });
    const loaded = await Promise.all(bodies);
    const kinds = loaded.map(([path]) => path.replace(/^.*\./, "")).filter((kind) => /^(\/|css|js)$/.test(kind));
    expect(kinds.sort()).toEqual(["/", "css", "js"]);
    const bytes = loaded.reduce((sum, [, body]) => sum + gzipSync(body, { level: 9 }).length, 0);
    expect(bytes).toBeLessThan(100_000);
  });

  test("of a conversation shifts nothing that is there already", async () => {
    const ann = await arrival("Ann");
    const [bob] = await people(await server(), "Bob");
    const room = await dialog(bob, ann);
    for (const text of ["One", "Two", "Three"]) await tell(bob, room, text);
    const shifts = await shiftsIn(ann.context);
    await open(ann.page, room);
    await message(ann.page, "Three").waitFor();
    await ann.page.waitForLoadState("networkidle");
    expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.01);
  });
});

/** How far things have moved by themselves, as the browser counts it for Cumulative Layout Shift. */
async function shiftsIn(context: BrowserContext): Promise<number[]> {
  const shifts: number[] = [];
  context.on("console", (line) => {
    const [, value] = /^shifted by (.+)$/.exec(line.text()) ?? [];
    if (value !== undefined) shifts.push(Number(value));
  });
  await context.addInitScript(() => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        // biome-ignore lint/suspicious/noConsole: in the page, whose console is read above.
        if ("value" in entry) console.debug(`shifted by ${entry.value}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  return shifts;
}

test("where there is no browser, one sentence says what to install", () => {
  expect(() => chromiumProgram({ PATH: "/nowhere" }, [])).toThrow(/^These tests need Chromium or Chrome: install it/);
  expect(chromiumProgram({ PINGME_CHROMIUM: "/opt/mine" })).toBe("/opt/mine");
});
