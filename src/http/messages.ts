import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { id } from "../protocol/ids.ts";
import type { HistoryQuery } from "../protocol/lookups.ts";
import {
  historyQuery,
  type Message,
  markRead,
  message,
  newMessage,
  readMark,
  shownMessage,
} from "../protocol/messages.ts";
import { type App, type AppContext, json, jsonBody, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { problems } from "./problem.ts";
import { askRoom, command, ifMay, noteChanged } from "./rooms.ts";

const common = { tags: ["messages"], middleware: [signedIn], security: [{ bearer: [] }] };
const inRoom = z.object({ id });

const sendRoute = createRoute({
  ...common,
  method: "post",
  path: "/conversations/{id}/messages",
  summary: "Send a message",
  description: "With an `id` of the client's the call can be repeated: the same id and body give the same message.",
  request: { params: inRoom, body: jsonBody(newMessage) },
  responses: {
    201: { description: "The message as every socket gets it", ...json(message) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND"),
    ...problems("MESSAGE_NOT_FOUND", "CONFLICT", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const historyRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations/{id}/messages",
  summary: "History, by sequence",
  description:
    "`before`, or neither: newest first, `next` is the `before` of the next page. `after`: oldest first, `next` is its " +
    "`after`. `around`: oldest first, without `next`. At most one of the three.",
  request: { params: inRoom, query: historyQuery },
  responses: {
    200: {
      description: "A page of messages; `next` is null where there are no more",
      ...json(z.object({ items: z.array(shownMessage), next: z.int().nullable() })),
    },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const getRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations/{id}/messages/{message_id}",
  summary: "One message",
  request: { params: z.object({ id, message_id: id }) },
  responses: {
    200: { description: "As history shows it", ...json(shownMessage) },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "MESSAGE_NOT_FOUND", "UNAVAILABLE"),
  },
});

const readRoute = createRoute({
  ...common,
  method: "post",
  path: "/conversations/{id}/read",
  summary: "Mark as read, up to a message or a sequence",
  request: { params: inRoom, body: jsonBody(markRead) },
  responses: {
    200: { description: "Where the reader is now", ...json(readMark) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "MESSAGE_NOT_FOUND", "INVALID_CONTENT"),
    ...problems("RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function messageRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(
    sendRoute,
    async (c) => {
      const { id: roomId } = c.req.valid("param");
      const { events } = await command(c, roomId, { type: "message", ...c.req.valid("json") });
      const sent = eventOf(events);
      c.header("Location", `/api/v1/conversations/${roomId}/messages/${sent.id}`);
      return c.json(sent, 201);
    },
    ifMay("send"),
  );
  app.openapi(historyRoute, async (c) => {
    return c.json(await page(c, c.req.valid("param").id, c.req.valid("query")), 200);
  });
  app.openapi(getRoute, async (c) => {
    const { id: roomId, message_id } = c.req.valid("param");
    return c.json(await askRoom(c, roomId, (room) => room.message(c.get("actor").user_id, message_id)), 200);
  });
  app.openapi(
    readRoute,
    async (c) => {
      const { id: roomId } = c.req.valid("param");
      const { mark } = await command(c, roomId, { type: "mark_read", ...c.req.valid("json") });
      if (!mark) throw new Error("Marking as read was answered without a mark");
      await noteChanged(c, roomId);
      return c.json(mark, 200);
    },
    ifMay("read"),
  );
  return app;
}

/** The event a command made, without its `type`. */
function eventOf([frame]: string[]): Message {
  if (frame === undefined) throw new Error("A message was sent without an event");
  return message.parse(JSON.parse(frame));
}

async function page(c: AppContext, roomId: string, query: HistoryQuery) {
  const wanted = { ...query, limit: query.limit + (query.around === undefined ? 1 : 0) };
  const { items } = await askRoom(c, roomId, (room) => room.history(c.get("actor").user_id, wanted));
  const shown = items.slice(0, query.limit);
  const next = items.length > shown.length ? (shown.at(-1)?.sequence ?? null) : null;
  return { items: shown, next };
}
