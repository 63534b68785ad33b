import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { eventFrames } from "../protocol/frames.ts";
import { id } from "../protocol/ids.ts";
import { newContent } from "../protocol/messages.ts";
import { type App, json, jsonBody, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { problems } from "./problem.ts";
import { command, ifMay, noteChanged } from "./rooms.ts";

const common = { tags: ["messages"], middleware: [signedIn], security: [{ bearer: [] }] };
const params = z.object({ id, message_id: id });
const edit = eventFrames.message_edit.omit({ type: true });

const editRoute = createRoute({
  ...common,
  method: "patch",
  path: "/conversations/{id}/messages/{message_id}",
  summary: "Edit one's own message",
  description: "For 48 hours.",
  request: { params, body: jsonBody(newContent) },
  responses: {
    200: { description: "The edit as every socket gets it", ...json(edit) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND"),
    ...problems("MESSAGE_NOT_FOUND", "CONFLICT", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const deleteRoute = createRoute({
  ...common,
  method: "delete",
  path: "/conversations/{id}/messages/{message_id}",
  summary: "Delete a message for all: one's own, or by one's role",
  description: "That it was there stays to be seen, and nothing of what it said. May be repeated.",
  request: { params },
  responses: {
    204: { description: "Deleted" },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "MESSAGE_NOT_FOUND"),
    ...problems("RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function messageChangeRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(
    editRoute,
    async (c) => {
      const { id: roomId, message_id } = c.req.valid("param");
      const { events } = await command(c, roomId, { type: "message_edit", message_id, ...c.req.valid("json") });
      await noteChanged(c, roomId);
      return c.json(edit.parse(JSON.parse(events[0] ?? "null")), 200);
    },
    ifMay("edit_own"),
  );
  app.openapi(deleteRoute, async (c) => {
    const { id: roomId, message_id } = c.req.valid("param");
    await command(c, roomId, { type: "message_delete", message_id });
    await noteChanged(c, roomId);
    return c.body(null, 204);
  });
  return app;
}
