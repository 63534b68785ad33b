import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { Fault } from "../protocol/errors.ts";
import { eventFrames } from "../protocol/frames.ts";
import { id } from "../protocol/ids.ts";
import { emoji } from "../protocol/messages.ts";
import { type App, json, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { problems } from "./problem.ts";
import { command } from "./rooms.ts";

const common = {
  tags: ["messages"],
  middleware: [signedIn],
  security: [{ bearer: [] }],
  path: "/conversations/{id}/messages/{message_id}/reactions/{emoji}" as const,
  request: { params: z.object({ id, message_id: id, emoji }) },
};
const reaction = eventFrames.reaction.omit({ type: true });

const putRoute = createRoute({
  ...common,
  method: "put",
  summary: "React to a message with an emoji",
  description: "Once for each emoji. May be repeated.",
  responses: {
    200: {
      description: "The reaction as every socket gets it; of one that is there, as it was told",
      ...json(reaction),
    },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "MESSAGE_NOT_FOUND", "CONFLICT"),
    ...problems("INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const deleteRoute = createRoute({
  ...common,
  method: "delete",
  summary: "Take one's reaction back",
  description: "May be repeated.",
  responses: {
    204: { description: "It is not there" },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "MESSAGE_NOT_FOUND"),
    ...problems("INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function reactionRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(putRoute, async (c) => {
    const { id: roomId, ...about } = c.req.valid("param");
    const { events, replies } = await command(c, roomId, { type: "reaction", ...about, on: true });
    return c.json(reaction.parse(JSON.parse(events[0] ?? replies[0] ?? "null")), 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const { id: roomId, ...about } = c.req.valid("param");
    try {
      await command(c, roomId, { type: "reaction", ...about, on: false });
    } catch (error) {
      // There is none, or no message it could be on: what was asked for is so.
      if (!(error instanceof Fault && error.code === "CONFLICT")) throw error;
    }
    return c.body(null, 204);
  });
  return app;
}
