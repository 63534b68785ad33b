import type { OpenAPIHono } from "@hono/zod-openapi";
import { type App, routes } from "./context.ts";
import { asset } from "./files.ts";

/** The places of the web client: one page shows them all. `src/web/navigation.ts` reads the address. */
const pages = ["/", "/c/:id", "/c/:id/info", "/join/:id", "/settings"];

/** The web client: its page, and what the page names. */
export function webRoutes(): OpenAPIHono<App> {
  const app = routes();
  for (const page of pages) app.get(page, async (c) => cached(await asset(c, "/web/"), "no-cache"));
  // The names of these files change with what is in them.
  app.get("/web/:file", async (c) => cached(await asset(c, c.req.path), "public, max-age=31536000, immutable"));
  return app;
}

function cached(response: Response, how: string): Response {
  response.headers.set("Cache-Control", how);
  return response;
}
