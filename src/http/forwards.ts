import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { eventFrames } from "../protocol/frames.ts";
import { id } from "../protocol/ids.ts";
import { newForward } from "../protocol/messages.ts";
import { type App, json, jsonBody, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { problems } from "./problem.ts";
import { command, ifMay } from "./rooms.ts";

const forwarded = eventFrames.message_forward.omit({ type: true });

const forwardRoute = createRoute({
  tags: ["messages"],
  middleware: [signedIn],
  security: [{ bearer: [] }],
  method: "post",
  path: "/conversations/{id}/messages/{message_id}/forward",
  summary: "Say a message again in another conversation, or in this one",
  description:
    "One is a member of both. The copy names who said it first, however often it is forwarded, and stays as it is when the " +
    "source is edited or deleted later. With an `id` of the client's the call can be repeated.",
  request: { params: z.object({ id, message_id: id }), body: jsonBody(newForward) },
  responses: {
    201: { description: "The copy as every socket of the target gets it", ...json(forwarded) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND"),
    ...problems("MESSAGE_NOT_FOUND", "CONFLICT", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function forwardRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(
    forwardRoute,
    async (c) => {
      const { id: from_conversation_id, message_id } = c.req.valid("param");
      const { conversation_id, id } = c.req.valid("json");
      const wanted = { type: "message_forward" as const, message_id, from_conversation_id, id };
      const { events } = await command(c, conversation_id, wanted);
      const copy = forwarded.parse(JSON.parse(events[0] ?? "null"));
      c.header("Location", `/api/v1/conversations/${conversation_id}/messages/${copy.id}`);
      return c.json(copy, 201);
    },
    ifMay("read"),
  );
  return app;
}
