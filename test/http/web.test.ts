/** The web client's page and its files, as a browser fetches them. */
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { createApp } from "../../src/http/app.ts";
import { envWith } from "../support/accounts.ts";

const app = createApp();
const on = envWith({
  ...{ S3_ENDPOINT: "https://store.example", S3_BUCKET: "pingme", S3_PATH_STYLE: "false" },
  S3_PUBLIC_URL: "https://pictures.example/avatars",
});

const fetched = (path: string, method = "GET") => app.request(`http://localhost${path}`, { method }, on);

const id = newId();
const places = ["/", `/c/${id}`, `/c/${id}/info`, `/join/${id}`, "/settings"];

const store = "https://pingme.store.example https://pictures.example";
const policy = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", `img-src 'self' data: blob: ${store}`],
  ...["font-src 'self' data:", `connect-src 'self' ${store}`, "base-uri 'none'", "form-action 'none'"],
  ...["frame-ancestors 'none'", `media-src 'self' blob: ${store}`, "manifest-src 'self'"],
];

/** What the page names: its script, its style sheet, its icons. */
const linksIn = (page: string) => [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((found) => found[1] ?? "");

describe("the web client", () => {
  test.each(places)("is one page at %s, looked for anew each time", async (path) => {
    const response = await fetched(path);
    const { status, headers } = response;
    expect([status, headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(headers.get("Cache-Control")).toBe("no-cache");
    expect(await response.text()).toBe(await (await fetched("/")).text());
  });

  test.each(places)("may at %s run and show only what is ours, and the store's media", async (path) => {
    const { headers } = await fetched(path);
    expect(headers.get("Content-Security-Policy")?.split("; ").sort()).toEqual(policy.toSorted());
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  test("has no script or style within its page", async () => {
    const page = await (await fetched("/")).text();
    const scripts = [...page.matchAll(/<script([^>]*)>([^<]*)/g)];
    expect(scripts).toHaveLength(1);
    for (const [, attributes, inside] of scripts)
      expect([attributes, inside]).toEqual([expect.stringMatching(/ src="\/web\//), ""]);
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/i);
  });

  test("names only files of ours; those whose names change with them are kept for a year", async () => {
    const links = linksIn(await (await fetched("/")).text());
    expect(links.map((link) => link.replace(/^.*\./, "")).sort()).toEqual(["css", "js", "png", "svg", "webmanifest"]);
    for (const link of links) {
      const response = await fetched(link);
      const how = /\.(js|css|svg)$/.test(link) ? "public, max-age=31536000, immutable" : "no-cache";
      expect([link, response.status, response.headers.get("Cache-Control")]).toEqual([link, 200, how]);
      expect((await response.bytes()).length).toBeGreaterThan(0);
    }
  });

  test("can be put on a phone's screen, with icons that are there", async () => {
    const { icons } = await (await fetched("/web/app.webmanifest")).json<{ icons: { src: string; type: string }[] }>();
    expect(icons.length).toBeGreaterThan(0);
    for (const { src, type } of icons) {
      const response = await fetched(`/web/${src}`);
      expect([src, response.status, response.headers.get("Content-Type")]).toEqual([src, 200, type]);
      await response.bytes();
    }
  });

  test("answers HEAD with the headers alone", async () => {
    for (const path of ["/", "/settings"]) {
      const { status, headers, body } = await fetched(path, "HEAD");
      expect([status, headers.get("Cache-Control"), body]).toEqual([200, "no-cache", null]);
    }
  });

  test("leads to no file beside its own", async () => {
    const nowhere = ["/web/", "/web/index.html", "/web/nope.js", "/web/nope-12345678.js", "/web/..%2fasyncapi.yml"];
    for (const path of [...nowhere, "/web/.digest", "/web.digest", `/c/${id}/nope`, "/settings/nope"]) {
      const response = await fetched(path);
      expect([path, response.status]).toEqual([path, 404]);
      await response.bytes();
    }
  });

  test("takes nothing but GET", async () => {
    const response = await fetched("/settings", "DELETE");
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "GET"]);
  });
});
