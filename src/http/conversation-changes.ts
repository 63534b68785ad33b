import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { conversation, conversationChange, myChange } from "../protocol/conversations.ts";
import { id } from "../protocol/ids.ts";
import { type App, hasBody, json, jsonBody, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { problems } from "./problem.ts";
import { changed, command, ifMay, noteChanged } from "./rooms.ts";

const common = { tags: ["conversations"], middleware: [signedIn], security: [{ bearer: [] }] };
const params = z.object({ id });

const changeRoute = createRoute({
  ...common,
  middleware: [signedIn, hasBody],
  method: "patch",
  path: "/conversations/{id}",
  summary: "Change a group's title, description, or whether everybody finds it",
  description: "What is left out stays; null takes away. For its owner and admins. May be repeated.",
  request: { params, body: jsonBody(conversationChange) },
  responses: {
    200: { description: "As I see it now", ...json(conversation) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND"),
    ...problems("INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const mineRoute = createRoute({
  ...common,
  middleware: [signedIn, hasBody],
  method: "patch",
  path: "/conversations/{id}/me",
  summary: "Mute, archive, pin or hide a conversation, for myself",
  description:
    "What is left out stays; null unmutes. A hidden conversation is in no list until somebody says something there. " +
    "My user sockets hear of it by `inbox`.",
  request: { params, body: jsonBody(myChange) },
  responses: {
    200: { description: "As I see it now", ...json(conversation) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "INVALID_CONTENT"),
    ...problems("RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const deleteRoute = createRoute({
  ...common,
  method: "delete",
  path: "/conversations/{id}",
  summary: "Delete a group; hide a dialog",
  description:
    "A group is gone for all its members; its owner can restore it for 30 days, then it is erased with all that was said. " +
    "A dialog only leaves my own list.",
  request: { params },
  responses: {
    204: { description: "Deleted" },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const restoreRoute = createRoute({
  ...common,
  method: "post",
  path: "/conversations/{id}/restore",
  summary: "Restore a deleted group",
  description: "For its owner, within 30 days. Members, roles, messages and invites are as they were. May be repeated.",
  request: { params },
  responses: {
    200: { description: "As I see it now", ...json(conversation) },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function conversationChangeRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(
    changeRoute,
    async (c) => {
      const change = c.req.valid("json");
      return c.json(await changed(c, c.req.valid("param").id, { type: "change", change }), 200);
    },
    ifMay("change"),
  );
  app.openapi(
    mineRoute,
    async (c) => {
      const { id: roomId } = c.req.valid("param");
      const conversation = await changed(c, roomId, { type: "change_mine", change: c.req.valid("json") });
      await noteChanged(c, roomId);
      return c.json(conversation, 200);
    },
    ifMay("read"),
  );
  app.openapi(deleteRoute, async (c) => {
    const { id: roomId } = c.req.valid("param");
    await command(c, roomId, { type: "delete" });
    await noteChanged(c, roomId);
    return c.body(null, 204);
  });
  app.openapi(restoreRoute, async (c) => {
    return c.json(await changed(c, c.req.valid("param").id, { type: "restore" }), 200);
  });
  return app;
}
