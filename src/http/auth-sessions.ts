import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { deleteDevice, devicesOf, type StoredDevice } from "../db/devices.ts";
import { type StoredSession, sessionsOf } from "../db/sessions.ts";
import { type Device, device, ending, type Session, session, sessionHeader } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { id, isoTime } from "../protocol/ids.ts";
import { page } from "../protocol/paging.ts";
import { type App, json, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { cut, pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { clearRefreshCookie } from "./session-cookie.ts";
import { endSessions } from "./sessions.ts";

const own = { tags: ["auth"], middleware: [signedIn], security: [{ bearer: [] }] };

const sessionsRoute = createRoute({
  ...own,
  method: "get",
  path: "/auth/sessions",
  summary: "Where one is signed in",
  request: { query: page },
  responses: {
    200: { description: "Those that are alive, the newest first", ...json(pageOf(session)) },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const endSessionRoute = createRoute({
  ...own,
  method: "delete",
  path: "/auth/sessions/{id}",
  summary: "End one of one's sessions",
  request: { params: z.object({ id }), headers: sessionHeader },
  responses: {
    204: { description: "Ended: its tokens are refused and its sockets close" },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "NOT_FOUND", "UNAVAILABLE"),
  },
});

const endSessionsRoute = createRoute({
  ...own,
  method: "delete",
  path: "/auth/sessions",
  summary: "End all of one's sessions, with `?except=current` all others",
  request: { query: ending, headers: sessionHeader },
  responses: {
    204: { description: "Ended: their tokens are refused and their sockets close" },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const devicesRoute = createRoute({
  ...own,
  method: "get",
  path: "/auth/devices",
  summary: "Devices that sign in without a mailed code",
  request: { query: page },
  responses: {
    200: { description: "The newest first", ...json(pageOf(device)) },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const distrustRoute = createRoute({
  ...own,
  method: "delete",
  path: "/auth/devices/{id}",
  summary: "Trust a device no more",
  request: { params: z.object({ id }) },
  responses: {
    204: { description: "Its next login needs a mailed code; its session goes on" },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "NOT_FOUND", "UNAVAILABLE"),
  },
});

/** The id of the last item of the page before. */
const place = z.tuple([id]);

function sessionOf(row: StoredSession, currentId: string): Session {
  return {
    id: row.id,
    device: row.device,
    ...(row.country === null ? {} : { country: row.country }),
    created_at: isoTime(row.created_at.getTime()),
    last_used_at: isoTime(row.last_used_at.getTime()),
    current: row.id === currentId,
  };
}

function deviceOf(row: StoredDevice): Device {
  const { id, name, trusted_at, last_used_at } = row;
  return { id, name, trusted_at: isoTime(trusted_at.getTime()), last_used_at: isoTime(last_used_at.getTime()) };
}

export function sessionRoutes(): OpenAPIHono<App> {
  const app = routes();

  app.openapi(sessionsRoute, async (c) => {
    const { user_id, session_id } = c.get("actor");
    const { cursor, limit } = c.req.valid("query");
    const [before] = placeOf(cursor, place) ?? [];
    const rows = await sessionsOf(connect(c.env).db, user_id, { before, limit: limit + 1, now: Date.now() });
    const { items, next } = cut(rows, limit, (row) => [row.id]);
    return c.json({ items: items.map((row) => sessionOf(row, session_id)), next }, 200);
  });

  app.openapi(endSessionRoute, async (c) => {
    const { user_id, session_id } = c.get("actor");
    const only = c.req.valid("param").id;
    const ended = await endSessions(c, user_id, { only });
    if (ended.length === 0) throw new Fault("NOT_FOUND", "There is no such session");
    if (only === session_id) clearRefreshCookie(c);
    return c.body(null, 204);
  });

  app.openapi(endSessionsRoute, async (c) => {
    const { user_id, session_id } = c.get("actor");
    const isOneKept = c.req.valid("query").except !== undefined;
    await endSessions(c, user_id, { except: isOneKept ? session_id : undefined });
    if (!isOneKept) clearRefreshCookie(c);
    return c.body(null, 204);
  });

  app.openapi(devicesRoute, async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const [before] = placeOf(cursor, place) ?? [];
    const { user_id } = c.get("actor");
    const rows = await devicesOf(connect(c.env).db, user_id, { before, limit: limit + 1, now: Date.now() });
    const { items, next } = cut(rows, limit, (row) => [row.id]);
    return c.json({ items: items.map(deviceOf), next }, 200);
  });

  app.openapi(distrustRoute, async (c) => {
    const isDeleted = await deleteDevice(connect(c.env).db, c.get("actor").user_id, c.req.valid("param").id);
    if (!isDeleted) throw new Fault("NOT_FOUND", "There is no such device");
    return c.body(null, 204);
  });

  return app;
}
