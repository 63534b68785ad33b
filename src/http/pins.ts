import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { id } from "../protocol/ids.ts";
import { pin } from "../protocol/messages.ts";
import { pageLimit } from "../protocol/paging.ts";
import { type App, json, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { cut, pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { askRoom } from "./rooms.ts";

const pinsRoute = createRoute({
  tags: ["messages"],
  middleware: [signedIn],
  security: [{ bearer: [] }],
  method: "get",
  path: "/conversations/{id}/pins",
  summary: "Pinned messages, the one pinned last first",
  description: "Messages are pinned and taken down by the frame `pin`.",
  request: { params: z.object({ id }), query: z.object({ cursor: z.string().optional(), limit: pageLimit }) },
  responses: {
    200: { description: "A page; `next` is the cursor of the next one, null on the last", ...json(pageOf(pin)) },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const position = z.tuple([z.int().min(0)]).transform(([sequence]) => sequence);

export function pinRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(pinsRoute, async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const wanted = { before: placeOf(cursor, position), limit: limit + 1 };
    const found = await askRoom(c, c.req.valid("param").id, (room) => room.pins(c.get("actor").user_id, wanted));
    const { items, next } = cut(found, limit, ({ sequence }) => [sequence]);
    return c.json({ items: items.map(({ sequence: _place, ...shown }) => shown), next }, 200);
  });
  return app;
}
