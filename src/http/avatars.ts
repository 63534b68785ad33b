import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { avatarIn } from "../core/media.ts";
import { changeAvatar } from "../db/accounts.ts";
import { claimAvatar, discardMedia, releaseAvatar } from "../db/media.ts";
import { conversation } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import { id } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { avatarChoice } from "../protocol/media.ts";
import { type Me, me } from "../protocol/users.ts";
import { avatarUrl, keys } from "../services/keys.ts";
import { type App, type AppContext, json, jsonBody, routes, wrongField } from "./context.ts";
import { signedIn, signedOut } from "./guard.ts";
import { problems } from "./problem.ts";
import { askRoom, changed, ifMay } from "./rooms.ts";
import { blobsOf, noMedia } from "./uploads.ts";

const common = { tags: ["media"], middleware: [signedIn], security: [{ bearer: [] }] };
const mine = { ...common, path: "/users/me/avatar" as const };
const groups = { ...common, path: "/conversations/{id}/avatar" as const };
const params = z.object({ id });
const choice = { body: jsonBody(avatarChoice) };

const putMineRoute = createRoute({
  ...mine,
  method: "put",
  summary: "Show an upload of mine as my avatar",
  description:
    "One whose purpose is `avatar`, complete, and not used before. Everybody can see it, under a new address.",
  request: choice,
  responses: {
    200: { description: "Oneself now", ...json(me) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const deleteMineRoute = createRoute({
  ...mine,
  method: "delete",
  summary: "Show no avatar of mine",
  responses: { 204: { description: "There is none" }, ...problems("AUTH_REQUIRED", "UNAVAILABLE") },
});

const putRoute = createRoute({
  ...groups,
  method: "put",
  summary: "Show an upload of mine as a group's avatar",
  description: "For its owner and admins; members hear of it by `conversation_updated`.",
  request: { params, ...choice },
  responses: {
    200: { description: "As I see it now", ...json(conversation) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND"),
    ...problems("INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const deleteRoute = createRoute({
  ...groups,
  method: "delete",
  summary: "Show no avatar of a group",
  request: { params },
  responses: {
    204: { description: "There is none" },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function avatarRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(putMineRoute, async (c) => {
    return c.json(await showing(c, c.req.valid("json").media_id, (url) => changeMine(c, url)), 200);
  });
  app.openapi(deleteMineRoute, async (c) => {
    await changeMine(c, null);
    return c.body(null, 204);
  });
  app.openapi(
    putRoute,
    async (c) => {
      const { id: roomId } = c.req.valid("param");
      await askRoom(c, roomId, (room) => room.may(c.get("actor").user_id, "change"));
      return c.json(await showing(c, c.req.valid("json").media_id, (url) => changeGroups(c, roomId, url)), 200);
    },
    ifMay("change"),
  );
  app.openapi(deleteRoute, async (c) => {
    await changeGroups(c, c.req.valid("param").id, null);
    return c.body(null, 204);
  });
  return app;
}

/** Where the store has no public address of its own: avatars by way of this server, for everybody, to be kept for ever. */
export function publicRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.get("/avatars/:id", async (c) => {
    const mediaId = id.safeParse(c.req.param("id"));
    const found = mediaId.success ? await blobsOf(c).get(keys.public(mediaId.data)) : undefined;
    if (!found) throw noMedia();
    const { headers } = found;
    return new Response(found.body, { status: found.status, headers: pick(headers, shownHeaders) });
  });
  return app;
}

const shownHeaders = ["Content-Type", "Content-Length", "Content-Disposition", "Cache-Control", "ETag"];

function pick(headers: Headers, names: string[]): Headers {
  return new Headers(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? ""]] : [])));
}

/**
 * Gives an upload its use as an avatar.
 * @param show is given its public address; where it refuses, the upload can be used again
 * @throws Fault INVALID_CONTENT where it is no upload to show
 */
async function showing<T>(c: AppContext, mediaId: string, show: (url: string) => Promise<T>): Promise<T> {
  const { db, config } = connect(c.env);
  const row = await claimAvatar(db, mediaId, c.get("actor").user_id, new Date());
  if (!row) throw wrongField("media_id", "is no avatar of yours that is ready and not used before");
  try {
    return await show(avatarUrl(row.id, { store: config.S3_PUBLIC_URL, server: config.PUBLIC_URL }));
  } catch (error) {
    // Where the answer was lost it may be shown all the same: free, it would be swept.
    if (error instanceof Fault && error.code !== "UNAVAILABLE") await releaseAvatar(db, row.id);
    throw error;
  }
}

async function changeMine(c: AppContext, url: string | null): Promise<Me> {
  const { db, profiles } = connect(c.env);
  const { user_id } = c.get("actor");
  const done = await profiles.changing(user_id, () => changeAvatar(db, user_id, url));
  if (!done) throw signedOut();
  await discard(c, done.before, url);
  return done.me;
}

/** Of two who change it at once, the object of one may stay behind, unseen. */
async function changeGroups(c: AppContext, roomId: string, avatar_url: string | null) {
  const before = await askRoom(c, roomId, (room) => room.record(c.get("actor").user_id));
  const after = await changed(c, roomId, { type: "change", change: { avatar_url } });
  await discard(c, before.avatar_url, avatar_url);
  return after;
}

/** The one that was shown before is seen nowhere any more: its bytes go, now or with the next sweep. */
async function discard(c: AppContext, before: string | null | undefined, now: string | null): Promise<void> {
  const { db, leftovers } = connect(c.env);
  const old = id.safeParse(avatarIn(before)).data;
  if (old === undefined || old === avatarIn(now)) return;
  await discardMedia(db, [old], new Date());
  c.executionCtx.waitUntil(leftovers.sweep(limits.mediaPerSweep).catch(() => undefined)); // the store says in the log why
}
