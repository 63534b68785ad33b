import { OpenAPIHono } from "@hono/zod-openapi";
import { accountRoutes } from "./account.ts";
import { authRoutes } from "./auth.ts";
import { resetRoutes } from "./auth-reset.ts";
import { sessionRoutes } from "./auth-sessions.ts";
import { tokenRoutes } from "./auth-tokens.ts";
import { avatarRoutes, publicRoutes } from "./avatars.ts";
import { blockRoutes } from "./blocks.ts";
import type { App } from "./context.ts";
import { conversationChangeRoutes } from "./conversation-changes.ts";
import { conversationSearchRoutes } from "./conversation-search.ts";
import { conversationRoutes } from "./conversations.ts";
import { deletionRoutes } from "./deletion.ts";
import { begin, body, cors, methods, unstored } from "./door.ts";
import { forwardRoutes } from "./forwards.ts";
import { googleRoutes } from "./google.ts";
import { inviteRoutes } from "./invites.ts";
import { mediaRoutes } from "./media.ts";
import { memberRoleRoutes } from "./member-roles.ts";
import { memberRoutes } from "./members.ts";
import { messageChangeRoutes } from "./message-changes.ts";
import { messageSearchRoutes } from "./message-search.ts";
import { messageRoutes } from "./messages.ts";
import { pinRoutes } from "./pins.ts";
import { headers } from "./policies.ts";
import { notFound, onError } from "./problem.ts";
import { profileRoutes } from "./profile.ts";
import { pushDeviceRoutes } from "./push-devices.ts";
import { reactionRoutes } from "./reactions.ts";
import { readerRoutes } from "./readers.ts";
import { socketRoutes } from "./sockets.ts";
import { systemRoutes } from "./system.ts";
import { userRoutes } from "./users.ts";
import { webRoutes } from "./web.ts";

export function createApp(): OpenAPIHono<App> {
  const app = new OpenAPIHono<App>();
  app.use(begin, headers, cors, body);
  app.use("/api/v1/auth/*", unstored);
  app.use("/api/v1/users/me/*", unstored);
  for (const routes of [
    authRoutes,
    tokenRoutes,
    resetRoutes,
    sessionRoutes,
    googleRoutes,
    profileRoutes,
    accountRoutes,
    blockRoutes,
    pushDeviceRoutes,
    deletionRoutes,
    userRoutes,
    conversationSearchRoutes, // before `/conversations/{id}`
    conversationRoutes,
    conversationChangeRoutes,
    memberRoutes,
    memberRoleRoutes,
    inviteRoutes,
    messageSearchRoutes, // before `/conversations/{id}/messages/{message_id}`
    messageRoutes,
    messageChangeRoutes,
    forwardRoutes,
    reactionRoutes,
    pinRoutes,
    readerRoutes,
    mediaRoutes,
    avatarRoutes,
    socketRoutes,
  ]) {
    app.route("/api/v1", routes());
  }
  app.route("/", publicRoutes());
  app.route("/", webRoutes());
  app.route("/", systemRoutes(app));
  app.notFound(methods(app, notFound));
  app.onError(onError);
  return app;
}
