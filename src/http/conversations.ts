import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { conversation, listQuery, newConversation } from "../protocol/conversations.ts";
import { id } from "../protocol/ids.ts";
import { type App, hasBody, json, jsonBody, routes } from "./context.ts";
import { create } from "./creation.ts";
import { signedIn } from "./guard.ts";
import { list } from "./list.ts";
import { pageOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { askRoom } from "./rooms.ts";

const common = { tags: ["conversations"], middleware: [signedIn], security: [{ bearer: [] }] };

const createRouteOf = createRoute({
  ...common,
  middleware: [signedIn, hasBody],
  method: "post",
  path: "/conversations",
  summary: "Begin a dialog or a group",
  description:
    "Exactly two people and no title make a dialog, which is one for its pair; anything else a group. " +
    "Who has blocked me gets no new dialog of mine, and is not among the members of a group I begin.",
  request: { body: jsonBody(newConversation) },
  responses: {
    200: { description: "The dialog of these two was there", ...json(conversation) },
    201: { description: "Begun", ...json(conversation) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "USER_NOT_FOUND", "CONFLICT"),
    ...problems("INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations",
  summary: "My conversations: pinned ones first, then the most lately active",
  description: "Hidden ones are left out. `archived` shows only those that are, or only those that are not.",
  request: { query: listQuery },
  responses: {
    200: {
      description: "A page; `next` is the cursor of the next one, null on the last",
      ...json(pageOf(conversation)),
    },
    ...problems("AUTH_REQUIRED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const getRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations/{id}",
  summary: "A conversation of mine",
  request: { params: z.object({ id }) },
  responses: {
    200: { description: "As I see it", ...json(conversation) },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "UNAVAILABLE"),
  },
});

export function conversationRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(createRouteOf, async (c) => {
    const { created, conversation } = await create(c, c.req.valid("json"));
    c.header("Location", `/api/v1/conversations/${conversation.id}`);
    return created ? c.json(conversation, 201) : c.json(conversation, 200);
  });
  app.openapi(listRoute, async (c) => c.json(await list(c, c.req.valid("query")), 200));
  app.openapi(getRoute, async (c) => {
    const { user_id } = c.get("actor");
    return c.json(await askRoom(c, c.req.valid("param").id, (room) => room.record(user_id)), 200);
  });
  return app;
}
