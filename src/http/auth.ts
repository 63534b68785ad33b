import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { credentialsOf, findMe, insertUser } from "../db/users.ts";
import {
  codeAnswer,
  type Flow,
  login,
  pendingCode,
  refreshed,
  refreshing,
  registration,
  resending,
  signedInAnswer,
  tokenQuestion,
  tokenState,
} from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import { answerChallenge, openChallenge, resendChallenge } from "./challenges.ts";
import { type App, json, jsonBody, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { chosenPassword, judgePassword, passwordMark } from "./passwords.ts";
import { problems } from "./problem.ts";
import { continueSession, endSessions, openSession, tellEnded } from "./sessions.ts";
import { throttled } from "./throttle.ts";

const registerRoute = createRoute({
  method: "post",
  path: "/auth/register",
  tags: ["auth"],
  summary: "Ask for an account: a code is mailed",
  middleware: [throttled],
  request: { body: jsonBody(registration) },
  responses: {
    202: { description: "The answer is the same for an address that has an account", ...json(pendingCode) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const verifyRegistrationRoute = createRoute({
  method: "post",
  path: "/auth/verify-registration",
  tags: ["auth"],
  summary: "Make the account with the mailed code",
  middleware: [throttled],
  request: { body: jsonBody(codeAnswer) },
  responses: {
    201: { description: "The account, signed in", ...json(signedInAnswer) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "GONE", "CONFLICT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const loginRoute = createRoute({
  method: "post",
  path: "/auth/login",
  tags: ["auth"],
  summary: "Show the password: a code is mailed",
  middleware: [throttled],
  request: { body: jsonBody(login) },
  responses: {
    202: { description: "A code is on its way", ...json(pendingCode) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "AUTH_FAILED", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const verifyLoginRoute = createRoute({
  method: "post",
  path: "/auth/verify-login",
  tags: ["auth"],
  summary: "Sign in with the mailed code",
  middleware: [throttled],
  request: { body: jsonBody(codeAnswer) },
  responses: {
    200: { description: "Signed in", ...json(signedInAnswer) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "GONE", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const resendCodeRoute = createRoute({
  method: "post",
  path: "/auth/resend-code",
  tags: ["auth"],
  summary: "Mail another code for the same challenge",
  middleware: [throttled],
  request: { body: jsonBody(resending) },
  responses: {
    202: { description: "Another code is on its way; the last is void", ...json(pendingCode) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "GONE", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const refreshRoute = createRoute({
  method: "post",
  path: "/auth/refresh",
  tags: ["auth"],
  summary: "Exchange the refresh token for the next pair",
  middleware: [throttled],
  request: { body: jsonBody(refreshing) },
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

export function authRoutes(): OpenAPIHono<App> {
  const app = routes();

  app.openapi(registerRoute, async (c) => {
    const { email, password, name } = c.req.valid("json");
    const password_hash = await chosenPassword(password);
    const owner = await credentialsOf(connect(c.env).db, email);
    const flow: Flow = owner ? { kind: "taken", email } : { kind: "register", email, name, password_hash };
    return c.json(await openChallenge(c, flow, owner?.settings), 202);
  });

  app.openapi(verifyRegistrationRoute, async (c) => {
    const flow = await answerChallenge(c, "register", c.req.valid("json"));
    const { email, name, password_hash } = flow;
    const now = Date.now();
    const user = await insertUser(connect(c.env).db, {
      id: newId(now),
      email,
      name,
      password_hash,
      created_at: new Date(now),
    });
    if (!user) throw new Fault("CONFLICT", "This address has an account by now: sign in");
    const tokens = await openSession(c, user);
    return c.json({ user, tokens }, 201, { Location: `/api/v1/users/${user.id}` });
  });

  app.openapi(loginRoute, async (c) => {
    const { email, password } = c.req.valid("json");
    const known = await judgePassword(c, email, password);
    const mark = passwordMark(c, known.password_hash);
    return c.json(await openChallenge(c, { kind: "login", email, user_id: known.id, mark }, known.settings), 202);
  });

  app.openapi(verifyLoginRoute, async (c) => {
    const flow = await answerChallenge(c, "login", c.req.valid("json"));
    const user = await findMe(connect(c.env).db, flow.user_id);
    if (!user) throw new Fault("GONE", "The account is not there any more");
    return c.json({ user, tokens: await openSession(c, user) }, 200);
  });

  app.openapi(resendCodeRoute, async (c) => c.json(await resendChallenge(c, c.req.valid("json").challenge), 202));

  app.openapi(refreshRoute, async (c) => {
    const { refresh_token } = c.req.valid("json");
    return c.json({ tokens: await continueSession(c, refresh_token) }, 200);
  });

  app.openapi(logoutRoute, async (c) => {
    const { user_id, session_id } = c.get("actor");
    const ended = await endSessions(c, user_id, { only: session_id });
    // Still signed in though it had ended: somebody was not told.
    if (ended.length === 0) await tellEnded(c, user_id, [session_id]);
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
