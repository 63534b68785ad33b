/** The pages that show the specifications, as a browser fetches them. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Server, server } from "../support/server.ts";

let at: Server;

beforeAll(async () => {
  at = await server();
});

const types: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  png: "image/png",
};

const typeOf = (path: string) => types[path.split(".").at(-1) ?? ""];

/** The directives of a Content-Security-Policy by their names. */
function policyOf({ headers }: Response): Record<string, string> {
  const directives = (headers.get("Content-Security-Policy") ?? "").split("; ");
  return Object.fromEntries(directives.map((text) => [text.split(" ", 1)[0], text.slice(text.indexOf(" ") + 1)]));
}

const strict = {
  ...{ "default-src": "'none'", "script-src": "'self'", "style-src": "'self' 'unsafe-inline'" },
  ...{ "img-src": "'self' data:", "font-src": "'self' data:", "connect-src": "'self'" },
  ...{ "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'" },
};

describe.each([
  ["/docs", "swagger-ui-bundle.js", {}],
  ["/redoc", "redoc.standalone.js", { "worker-src": "blob:" }],
  ["/docs/ws", "index.js", { "script-src": "'self' 'unsafe-eval'", sandbox: "allow-scripts" }],
])("the page at %s", (path, viewer, needs) => {
  test("is there with all that it names, and nothing of it comes from anywhere else", async () => {
    for (const address of [path, `${path}/`]) {
      const page = await fetch(`${at.url}${address}`, { redirect: "manual" });
      expect([page.status, page.headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
      const links = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map((found) => found[1] ?? "");
      expect(links).toEqual(expect.arrayContaining([`${path}/${viewer}`, `${path}/start.js`]));
      for (const link of links) {
        expect(link).toMatch(/^\/[^/]/);
        const file = await fetch(`${at.url}${link}`, { redirect: "manual" });
        expect([link, file.status, file.headers.get("Content-Type")]).toEqual([link, 200, typeOf(link)]);
        expect((await file.bytes()).length).toBeGreaterThan(0);
      }
    }
  });

  test("runs no script but from its files, and is allowed what its viewer cannot do without", async () => {
    for (const address of [path, `${path}/`]) {
      const page = await fetch(`${at.url}${address}`);
      expect(policyOf(page)).toEqual({ ...strict, ...needs });
      const scripts = [...(await page.text()).matchAll(/<script([^>]*)>([^<]*)/g)];
      expect(scripts).toHaveLength(2);
      for (const [, attributes, inline] of scripts)
        expect([attributes, inline]).toEqual([expect.stringMatching(/^ src="\//), ""]);
    }
    expect(policyOf(await fetch(`${at.url}${path}/start.js`))).toEqual(strict);
  });

  test("leads to no file beside it", async () => {
    for (const address of [`${path}/nope.js`, `${path}/..%2fpackage.json`, `${path}/../..%2fpackage.json`])
      expect((await fetch(`${at.url}${address}`)).status).toBe(404);
  });
});

test("/docs/ws shows asyncapi.yml as it is served", async () => {
  const [start, served] = await Promise.all(
    ["/docs/ws/start.js", "/asyncapi.yml"].map(async (path) => await (await fetch(`${at.url}${path}`)).text()),
  );
  expect(start).toContain(JSON.stringify(served));
});
