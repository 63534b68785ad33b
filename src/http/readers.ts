import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { id } from "../protocol/ids.ts";
import { reader } from "../protocol/messages.ts";
import { type App, json, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { pageOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { askRoom } from "./rooms.ts";

const readersRoute = createRoute({
  tags: ["messages"],
  middleware: [signedIn],
  security: [{ bearer: [] }],
  method: "get",
  path: "/conversations/{id}/messages/{message_id}/readers",
  summary: "Who has read a message, and to whom it was delivered",
  description:
    "Everybody it was said to: members who were in then and are in now, without its sender, and how far they have got. " +
    "It is delivered to those whose `delivered` is not below the message's `sequence`, and read by those whose `read` is " +
    "not; the others have yet to get it. Who does not show what they read has `read` 0 for all but themselves. All in " +
    "one page. In groups of more than 100 members: 409.",
  request: { params: z.object({ id, message_id: id }) },
  responses: {
    200: { description: "In the order of joining; `next` is null", ...json(pageOf(reader)) },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "MESSAGE_NOT_FOUND", "CONFLICT", "UNAVAILABLE"),
  },
});

export function readerRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(readersRoute, async (c) => {
    const { id: roomId, message_id } = c.req.valid("param");
    const items = await askRoom(c, roomId, (room) => room.readers(c.get("actor").user_id, message_id));
    return c.json({ items, next: null }, 200);
  });
  return app;
}
