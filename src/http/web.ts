import type { OpenAPIHono } from "@hono/zod-openapi";
import { Fault } from "../protocol/errors.ts";
import { type App, routes } from "./context.ts";
import { asset } from "./files.ts";

/** The places of the web client: one page shows them all. `src/web/navigation.ts` reads the address. */
const pages = ["/", "/c/:id", "/c/:id/info", "/join/:id", "/settings"];

/** How long a file is kept: for ever where its name changes with what is in it; others know the rest by name. */
const files: [RegExp, string][] = [
  [/^[\w-]+-[\w-]{8}\.(js|css|svg)$/, "public, max-age=31536000, immutable"],
  [/^(app\.webmanifest|icon-\d+\.png)$/, "no-cache"],
];

/** The web client: its page, and what the page names. */
export function webRoutes(): OpenAPIHono<App> {
  const app = routes();
  for (const page of pages) app.get(page, async (c) => cached(await asset(c, "/web/"), "no-cache"));
  app.get("/web/:file", async (c) => {
    const [, how] = files.find(([form]) => form.test(c.req.param("file"))) ?? [];
    if (how === undefined) throw new Fault("NOT_FOUND", `No file ${c.req.path}`);
    return cached(await asset(c, c.req.path), how);
  });
  return app;
}

function cached(response: Response, how: string): Response {
  response.headers.set("Cache-Control", how);
  return response;
}
