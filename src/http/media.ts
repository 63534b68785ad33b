import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { writeCursor } from "../core/cursor.ts";
import { discardUnsent, findMedia, type MediaRow, mediaOf } from "../db/media.ts";
import { usesFor } from "../db/media-uses.ts";
import { Fault } from "../protocol/errors.ts";
import { id, isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { mediaLink, newTicket, sharedFile, ticket } from "../protocol/media.ts";
import { media } from "../protocol/messages.ts";
import { pageLimit } from "../protocol/paging.ts";
import { keys } from "../services/keys.ts";
import { type App, type AppContext, json, jsonBody, routes, wrongField } from "./context.ts";
import { signedIn } from "./guard.ts";
import { pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { askRoom } from "./rooms.ts";
import { blobsOf, complete, issueTicket, noMedia, ownMedia } from "./uploads.ts";

const common = { tags: ["media"], middleware: [signedIn], security: [{ bearer: [] }] };
const params = z.object({ id });

const ticketRoute = createRoute({
  ...common,
  method: "post",
  path: "/media",
  summary: "Begin an upload",
  description:
    "The bytes go straight to the store: `upload.method` to `upload.url` with `upload.headers`, just so many of just that " +
    "type; then `complete`. A client that cannot do that sends them to `PUT /media/{id}/bytes`. What is not used within a " +
    "day is taken away.",
  request: { body: jsonBody(newTicket) },
  responses: {
    201: { description: "Where the bytes are to go", ...json(ticket) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "NOT_FOUND", "TOO_LARGE"),
    ...problems("UNSUPPORTED_MEDIA_TYPE", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const completeRoute = createRoute({
  ...common,
  method: "post",
  path: "/media/{id}/complete",
  summary: "End an upload: its bytes are looked at, and it can be used",
  description: "May be repeated.",
  request: { params },
  responses: {
    200: { description: "The file as messages show it", ...json(media) },
    ...problems("AUTH_REQUIRED", "NOT_FOUND", "CONFLICT", "UNSUPPORTED_MEDIA_TYPE", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const bytesRoute = createRoute({
  ...common,
  method: "put",
  path: "/media/{id}/bytes",
  summary: "Send the bytes of an upload through this server",
  description: "For clients that cannot reach the store. `Content-Type` and `Content-Length` are those of the ticket.",
  request: { params },
  responses: {
    204: { description: "They are in the store; `complete` is next" },
    ...problems("AUTH_REQUIRED", "NOT_FOUND", "CONFLICT", "UNSUPPORTED_MEDIA_TYPE", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const getRoute = createRoute({
  ...common,
  method: "get",
  path: "/media/{id}",
  summary: "Where a file's bytes can be had, for five minutes",
  description:
    "For members of a conversation that has a message with it. 302; with `Accept: application/json` 200 and the address. " +
    "Ranges work there.",
  request: { params },
  responses: {
    200: { description: "With `Accept: application/json`", ...json(mediaLink) },
    302: { description: "To the signed address" },
    ...problems("AUTH_REQUIRED", "NOT_FOUND", "UNAVAILABLE"),
  },
});

const filesRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations/{id}/media",
  summary: "Files that were sent in a conversation, the newest first",
  request: { params, query: z.object({ cursor: z.string().optional(), limit: pageLimit }) },
  responses: {
    200: { description: "A page; `next` is the cursor of the next one, null on the last", ...json(pageOf(sharedFile)) },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const deleteRoute = createRoute({
  ...common,
  method: "delete",
  path: "/media/{id}",
  summary: "Take back an upload that was not used",
  description: "What was sent goes with its message.",
  request: { params },
  responses: {
    204: { description: "It is gone" },
    ...problems("AUTH_REQUIRED", "NOT_FOUND", "CONFLICT", "UNAVAILABLE"),
  },
});

const filePlace = z.tuple([z.int().min(0), z.int().min(1)]).transform(([sequence, nth]) => ({ sequence, nth }));

export function mediaRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(ticketRoute, async (c) => {
    const wanted = c.req.valid("json");
    const { conversation_id } = wanted;
    if (conversation_id) await askRoom(c, conversation_id, (room) => room.may(c.get("actor").user_id, "send"));
    const issued = await issueTicket(c, wanted);
    c.header("Location", `/api/v1/media/${issued.id}`);
    return c.json(issued, 201);
  });
  app.openapi(completeRoute, async (c) => c.json(mediaOf(await complete(c, c.req.valid("param").id)), 200));
  app.openapi(bytesRoute, async (c) => {
    await takeBytes(c, await ownMedia(c, c.req.valid("param").id));
    return c.body(null, 204);
  });
  app.openapi(getRoute, async (c) => {
    const row = await visible(c, c.req.valid("param").id);
    const now = Date.now();
    const key = row.purpose === "avatar" ? keys.public(row.id) : keys.private(row.id);
    const url = await blobsOf(c).presignGet(key, { expiresMs: limits.linkMs, nowMs: now });
    c.header("Cache-Control", "private, no-store");
    if (wantsJson(c)) return c.json({ url, expires_at: isoTime(now + limits.linkMs) }, 200);
    return c.redirect(url, 302);
  });
  app.openapi(filesRoute, async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const wanted = { before: placeOf(cursor, filePlace), limit };
    const page = await askRoom(c, c.req.valid("param").id, (room) => room.files(c.get("actor").user_id, wanted));
    return c.json({ ...page, next: page.next && writeCursor([page.next.sequence, page.next.nth]) }, 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const row = await ownMedia(c, c.req.valid("param").id);
    const isGone = await discardUnsent(connect(c.env).db, row.id, new Date());
    if (!isGone)
      throw new Fault("CONFLICT", "It is in use: a file goes with its message, an avatar when another is chosen");
    return c.body(null, 204);
  });
  return app;
}

function wantsJson(c: AppContext): boolean {
  return /\bapplication\/json\b/.test(c.req.header("Accept") ?? "");
}

/** @throws Fault CONFLICT where it is complete already, INVALID_CONTENT, UNSUPPORTED_MEDIA_TYPE, UNAVAILABLE */
async function takeBytes(c: AppContext, { id, size, content_type, ready_at }: MediaRow): Promise<void> {
  if (ready_at) throw new Fault("CONFLICT", "The upload is complete");
  if (c.req.header("Content-Type") !== content_type) {
    throw new Fault("UNSUPPORTED_MEDIA_TYPE", `Content-Type must be ${content_type}, as the ticket says`);
  }
  if (c.req.header("Content-Length") !== String(size)) throw wrongField("size", `must be ${size}: set Content-Length`);
  const { body } = c.req.raw;
  if (!body) throw wrongField("size", `must be ${size}, and there is no body`);
  await blobsOf(c).put(keys.staging(id), body, { contentType: content_type, size });
}

/** A file one may see now: one's own that is not sent yet, or of a message that is there for oneself. @throws Fault NOT_FOUND */
async function visible(c: AppContext, id: string): Promise<MediaRow> {
  const { db } = connect(c.env);
  const { user_id } = c.get("actor");
  const row = await findMedia(db, id);
  if (!row?.ready_at) throw noMedia();
  if (row.purpose === "avatar" || (row.owner_id === user_id && !row.claimed_at)) return row;
  for (const { conversation_id, message_id } of await usesFor(db, id, user_id, limits.usesAsked)) {
    if (await isShown(c, conversation_id, message_id)) return row;
  }
  throw noMedia();
}

/** The archive may not have heard of a removal or a deletion: the conversation has. */
async function isShown(c: AppContext, roomId: string, messageId: string): Promise<boolean> {
  try {
    return !(await askRoom(c, roomId, (room) => room.message(c.get("actor").user_id, messageId))).is_deleted;
  } catch (error) {
    if (error instanceof Fault && error.code !== "UNAVAILABLE") return false;
    throw error;
  }
}
