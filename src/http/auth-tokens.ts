import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { connect } from "../connect.ts";
import { refreshed, refreshing, sessionHeader, type TokenPair, tokenQuestion, tokenState } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import { type App, type AppContext, json, jsonBody, routes, wrongField } from "./context.ts";
import { signedIn } from "./guard.ts";
import { problems } from "./problem.ts";
import { clearRefreshCookie, refreshCookie, wantsCookie } from "./session-cookie.ts";
import { continueSession, endSessions, tellEnded } from "./sessions.ts";
import { throttled } from "./throttle.ts";

/** Where the cookie shows the token the body is not looked at: also an empty one that says it is JSON is fine. */
const bodyUnread = createMiddleware<App>(async (c, next) => {
  if (wantsCookie(c)) {
    const headers = new Headers(c.req.raw.headers);
    headers.delete("Content-Type");
    c.req.raw = new Request(c.req.url, { method: c.req.method, headers });
  }
  await next();
});

const refreshRoute = createRoute({
  method: "post",
  path: "/auth/refresh",
  tags: ["auth"],
  summary: "Exchange the refresh token for the next pair",
  middleware: [throttled, bodyUnread],
  request: { headers: sessionHeader, body: json(refreshing) },
  responses: {
    200: { description: "The next pair; an old refresh token ends the session", ...json(refreshed) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "AUTH_FAILED", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const logoutRoute = createRoute({
  method: "post",
  path: "/auth/logout",
  tags: ["auth"],
  summary: "End this session",
  middleware: [signedIn],
  security: [{ bearer: [] }],
  request: { headers: sessionHeader },
  responses: {
    204: { description: "Ended: its tokens are refused and its sockets close" },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "UNAVAILABLE"),
  },
});

const verifyTokenRoute = createRoute({
  method: "post",
  path: "/auth/verify-token",
  tags: ["auth"],
  summary: "Ask whether an access token is good",
  middleware: [throttled],
  request: { body: jsonBody(tokenQuestion) },
  responses: {
    200: { description: "Whose it is and until when, if it is", ...json(tokenState) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED"),
  },
});

function shownToken(c: AppContext, inBody: string | undefined): string {
  if (!wantsCookie(c)) {
    if (inBody === undefined) throw wrongField("refresh_token", "is needed");
    return inBody;
  }
  const inCookie = refreshCookie(c);
  if (!inCookie) throw new Fault("AUTH_FAILED", "There is no cookie of a session: sign in again");
  return inCookie;
}

/** A cookie that is refused would be refused for ever. */
async function continued(c: AppContext, token: string): Promise<TokenPair> {
  try {
    return await continueSession(c, token);
  } catch (error) {
    if (error instanceof Fault && error.code === "AUTH_FAILED") clearRefreshCookie(c);
    throw error;
  }
}

export function tokenRoutes(): OpenAPIHono<App> {
  const app = routes();

  app.openapi(refreshRoute, async (c) => {
    const token = shownToken(c, c.req.valid("json").refresh_token);
    return c.json({ tokens: await continued(c, token) }, 200);
  });

  app.openapi(logoutRoute, async (c) => {
    const { user_id, session_id } = c.get("actor");
    const ended = await endSessions(c, user_id, { only: session_id });
    // Still signed in though it had ended: somebody was not told.
    if (ended.length === 0) await tellEnded(c, user_id, [session_id]);
    clearRefreshCookie(c);
    return c.body(null, 204);
  });

  app.openapi(verifyTokenRoute, async (c) => {
    const { tokens, cache } = connect(c.env);
    const actor = await tokens.verify(c.req.valid("json").token).catch((error: unknown) => {
      if (error instanceof Fault && error.code === "AUTH_FAILED") return undefined;
      throw error;
    });
    if (!actor || (await cache.hasSessionEnded(actor.session_id))) return c.json({ active: false }, 200);
    return c.json({ active: true, user_id: actor.user_id, expires_at: isoTime(actor.expires_at) }, 200);
  });

  return app;
}
