import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { isReservedUsername } from "../core/usernames.ts";
import { changeProfile } from "../db/accounts.ts";
import { findMe } from "../db/users.ts";
import { type Me, me, type ProfileChange, profileChange } from "../protocol/users.ts";
import { type App, type AppContext, hasBody, json, jsonBody, routes, wrongField } from "./context.ts";
import { tellConversations } from "./facts.ts";
import { signedIn, signedOut } from "./guard.ts";
import { problems } from "./problem.ts";

const meRoute = createRoute({
  method: "get",
  path: "/users/me",
  tags: ["users"],
  summary: "Oneself",
  middleware: [signedIn],
  security: [{ bearer: [] }],
  responses: {
    200: { description: "As one sees oneself", ...json(me) },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "UNAVAILABLE"),
  },
});

const changeRoute = createRoute({
  method: "patch",
  path: "/users/me",
  tags: ["users"],
  summary: "Change one's profile and settings",
  description: "What is left out stays; null takes away. May be repeated.",
  middleware: [signedIn, hasBody],
  security: [{ bearer: [] }],
  request: { body: jsonBody(profileChange) },
  responses: {
    200: { description: "As one sees oneself now", ...json(me) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "AUTH_FAILED", "CONFLICT", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

export function profileRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(meRoute, async (c) => c.json(await oneself(c), 200));
  app.openapi(changeRoute, async (c) => {
    const wanted = c.req.valid("json");
    if (Object.keys(wanted).length === 0) return c.json(await oneself(c), 200);
    const changed = await change(c, wanted);
    if (concernsConversations(wanted)) await tellConversations(c, changed.id);
    return c.json(changed, 200);
  });
  return app;
}

async function oneself(c: AppContext): Promise<Me> {
  const found = await findMe(connect(c.env).db, c.get("actor").user_id);
  if (!found) throw signedOut();
  return found;
}

/** @throws Fault INVALID_CONTENT, CONFLICT, AUTH_FAILED, UNAVAILABLE */
async function change(c: AppContext, wanted: ProfileChange): Promise<Me> {
  const { db, profiles } = connect(c.env);
  const { user_id } = c.get("actor");
  if (typeof wanted.username === "string" && isReservedUsername(wanted.username)) {
    throw wrongField("username", "is reserved");
  }
  const changed = await profiles.changing(user_id, () => changeProfile(db, user_id, wanted));
  if (changed === "taken") throw wrongField("username", "is taken", "CONFLICT");
  if (!changed) throw signedOut();
  return changed;
}

/** Whether conversations have a copy of it. A repeated change counts, too: the first may not have reached them. */
function concernsConversations({ name, settings }: ProfileChange): boolean {
  return name !== undefined || settings?.last_seen !== undefined || settings?.read_receipts !== undefined;
}
