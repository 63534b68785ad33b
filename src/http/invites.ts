import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { tokenHash } from "../core/hash.ts";
import { base64url } from "../core/secrets.ts";
import { peopleByIds } from "../db/people.ts";
import { type Conversation, conversation, invite, join, newInvite, shownInvite } from "../protocol/conversations.ts";
import { id, isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { page } from "../protocol/paging.ts";
import { type App, type AppContext, json, jsonBody, routes } from "./context.ts";
import { countAnyway } from "./counting.ts";
import { retell } from "./facts.ts";
import { signedIn, signedOut } from "./guard.ts";
import { cut, pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { askRoom, changed, command, ifMay } from "./rooms.ts";
import { tooOften } from "./throttle.ts";

const common = { tags: ["members"], middleware: [signedIn], security: [{ bearer: [] }] };
const params = z.object({ id });

const inviteRoute = createRoute({
  ...common,
  method: "post",
  path: "/conversations/{id}/invites",
  summary: "Make an invite to a group",
  description: "Its token is shown once. It can be used until it expires, is used up, or is ended.",
  request: { params, body: { ...jsonBody(newInvite), required: false } },
  responses: {
    201: { description: "The invite, with its token and link", ...json(shownInvite) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "CONFLICT"),
    ...problems("INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations/{id}/invites",
  summary: "Invites that can still be used, the newest first",
  request: { params, query: page },
  responses: {
    200: { description: "A page; `next` is the cursor of the next one, null on the last", ...json(pageOf(invite)) },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const endRoute = createRoute({
  ...common,
  method: "delete",
  path: "/conversations/{id}/invites/{invite_id}",
  summary: "End an invite",
  request: { params: z.object({ id, invite_id: id }) },
  responses: {
    204: { description: "Ended: nobody joins by it any more" },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "NOT_FOUND", "RATE_LIMIT_EXCEEDED"),
    ...problems("UNAVAILABLE"),
  },
});

const joinRoute = createRoute({
  ...common,
  method: "post",
  path: "/conversations/{id}/join",
  summary: "Join a group by an invite; a public one freely",
  description: "Joining twice is once. Who was removed comes back only by being added (403).",
  request: { params, body: { ...jsonBody(join), required: false } },
  responses: {
    200: { description: "As I see it now", ...json(conversation) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "AUTH_FAILED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND"),
    ...problems("CONFLICT", "GONE", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const place = z.tuple([id]);

export function inviteRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(
    inviteRoute,
    async (c) => {
      const { id: roomId } = c.req.valid("param");
      const made = await makeInvite(c, roomId, c.req.valid("json"));
      c.header("Location", `/api/v1/conversations/${roomId}/invites/${made.id}`);
      return c.json(made, 201);
    },
    ifMay("invite"),
  );
  app.openapi(listRoute, async (c) => {
    const { user_id } = c.get("actor");
    const { cursor, limit } = c.req.valid("query");
    const [after] = placeOf(cursor, place) ?? [];
    const wanted = { after, limit: limit + 1 };
    const found = await askRoom(c, c.req.valid("param").id, (room) => room.invites(user_id, wanted));
    return c.json(
      cut(found, limit, (one) => [one.id]),
      200,
    );
  });
  app.openapi(endRoute, async (c) => {
    const { id: roomId, invite_id } = c.req.valid("param");
    await command(c, roomId, { type: "end_invite", invite_id });
    return c.body(null, 204);
  });
  app.openapi(joinRoute, async (c) => {
    return c.json(await enter(c, c.req.valid("param").id, c.req.valid("json").invite), 200);
  });
  return app;
}

/** The token is behind the `#` of the link: no server and no log on its way sees it. */
async function makeInvite(c: AppContext, roomId: string, { expires_at, max_uses }: z.output<typeof newInvite>) {
  const now = Date.now();
  const [id, token] = [newId(now), base64url(crypto.getRandomValues(new Uint8Array(limits.inviteTokenBytes)))];
  const created_at = isoTime(now);
  const made = { id, token_hash: tokenHash(token), created_at, expires_at, max_uses };
  await command(c, roomId, { type: "invite", invite: made });
  const url = new URL(`/join/${roomId}#${token}`, connect(c.env).config.PUBLIC_URL).href;
  const bounds = { ...(expires_at !== undefined && { expires_at }), ...(max_uses !== undefined && { max_uses }) };
  return { id, token, url, created_by: c.get("actor").user_id, created_at, ...bounds, uses: 0 };
}

/** @throws Fault RATE_LIMIT_EXCEEDED, CONVERSATION_NOT_FOUND, PERMISSION_DENIED, GONE, CONFLICT, AUTH_FAILED, UNAVAILABLE */
async function enter(c: AppContext, roomId: string, token: string | undefined): Promise<Conversation> {
  const { user_id } = c.get("actor");
  const waitMs = await countAnyway(c, `join:${user_id}`, { limit: limits.joinsPerUser, windowMs: limits.joinWindowMs });
  if (waitMs > 0) throw tooOften(waitMs, "Too many tries to join");
  const [person] = await peopleByIds(connect(c.env).db, [user_id]);
  if (!person) throw signedOut();
  const token_hash = token === undefined ? undefined : tokenHash(token);
  const conversation = await changed(c, roomId, { type: "join", person, token_hash });
  await retell(c, roomId, [person]);
  return conversation;
}
