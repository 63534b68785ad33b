import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { conversation, member, roleChange, transfer } from "../protocol/conversations.ts";
import { id } from "../protocol/ids.ts";
import { type App, json, jsonBody, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { named } from "./members.ts";
import { problems } from "./problem.ts";
import { changed, command, ifMay, noteChanged } from "./rooms.ts";

const common = { tags: ["members"], middleware: [signedIn], security: [{ bearer: [] }] };

const roleRoute = createRoute({
  ...common,
  method: "patch",
  path: "/conversations/{id}/members/{user_id}",
  summary: "Make a member an admin, or an admin a member",
  description: "For the owner. Ownership itself is handed over by `transfer`. May be repeated.",
  request: { params: z.object({ id, user_id: id }), body: jsonBody(roleChange) },
  responses: {
    200: { description: "The member as they are now", ...json(member) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "USER_NOT_FOUND"),
    ...problems("CONFLICT", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const transferRoute = createRoute({
  ...common,
  method: "post",
  path: "/conversations/{id}/transfer",
  summary: "Hand over ownership to another member",
  description: "For the owner, who is an admin from then on. A group has exactly one owner at any moment.",
  request: { params: z.object({ id }), body: jsonBody(transfer) },
  responses: {
    200: { description: "As I see it now", ...json(conversation) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "USER_NOT_FOUND"),
    ...problems("CONFLICT", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const leaveRoute = createRoute({
  ...common,
  method: "post",
  path: "/conversations/{id}/leave",
  summary: "Leave a group; hide a dialog",
  description:
    "The owner of others hands over ownership first; alone, they end the group as by deleting it. " +
    "Who has left may come back by an invite, or freely where the group is public.",
  request: { params: z.object({ id }) },
  responses: {
    204: { description: "Left: no later event reaches me" },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "CONFLICT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function memberRoleRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(
    roleRoute,
    async (c) => {
      const { id: roomId, user_id } = c.req.valid("param");
      // Before it is done: what is done is not to be answered with a backend's absence.
      const users = await connect(c.env).profiles.shown([user_id]);
      const { members = [] } = await command(c, roomId, { type: "set_role", user_id, role: c.req.valid("json").role });
      const [member] = named(members, users);
      if (!member) throw new Error("A role was given to nobody");
      return c.json(member, 200);
    },
    ifMay("give_role"),
  );
  app.openapi(
    transferRoute,
    async (c) => {
      const { user_id } = c.req.valid("json");
      return c.json(await changed(c, c.req.valid("param").id, { type: "transfer", user_id }), 200);
    },
    ifMay("transfer"),
  );
  app.openapi(leaveRoute, async (c) => {
    const { id: roomId } = c.req.valid("param");
    await command(c, roomId, { type: "leave" });
    await noteChanged(c, roomId);
    return c.body(null, 204);
  });
  return app;
}
