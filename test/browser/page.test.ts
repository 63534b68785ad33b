/** The page itself, before anybody has signed in. */
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { newContext, ready } from "../support/browser.ts";
import { chromiumProgram } from "../support/chromium.ts";

beforeAll(ready);

describe("the first load", () => {
  test("is one page, one script, one style sheet and an icon, under 100 kB gzipped, and moves nothing", async () => {
    const page = await (await newContext()).newPage();
    const bodies: Promise<[string, Buffer]>[] = [];
    page.on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.startsWith("/api/")) bodies.push(response.body().then((body) => [pathname, body]));
    });
    await page.goto("/", { waitUntil: "networkidle" });
    const loaded = await Promise.all(bodies);
    const kinds = loaded.map(([path]) => path.replace(/^.*\./, "")).filter((kind) => !/svg|png|webmanifest/.test(kind));
    expect(kinds.sort()).toEqual(["/", "css", "js"]);
    const bytes = loaded.reduce((sum, [, body]) => sum + gzipSync(body, { level: 9 }).length, 0);
    expect(bytes).toBeLessThan(100_000);
  });
});

test("where there is no browser, one sentence says what to install", () => {
  expect(() => chromiumProgram({ PATH: "/nowhere" }, [])).toThrow(/^These tests need Chromium or Chrome: install it/);
  expect(chromiumProgram({ PINGME_CHROMIUM: "/opt/mine" })).toBe("/opt/mine");
});
