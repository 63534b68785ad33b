import { createRoute, type OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { findMe } from "../db/users.ts";
import { log } from "../log.ts";
import { sessionHeader, signedInAnswer } from "../protocol/auth.ts";
import { type ErrorCode, Fault } from "../protocol/errors.ts";
import {
  type GoogleCallback,
  type GoogleError,
  type GoogleFlow,
  googleCallback,
  googleError,
  googleExchange,
  oauthError,
} from "../protocol/google.ts";
import type { Google } from "../services/google.ts";
import { type App, type AppContext, json, jsonBody, routes } from "./context.ts";
import { userOfGoogle } from "./google-accounts.ts";
import { badState, keepFlow, keepSignIn, newSecrets, takeFlow, takeSignIn } from "./google-flows.ts";
import { problems } from "./problem.ts";
import { openSession } from "./sessions.ts";
import { throttled } from "./throttle.ts";

const beginRoute = createRoute({
  method: "get",
  path: "/auth/google",
  tags: ["auth"],
  summary: "Leave for Google, to sign in with an account there",
  middleware: [throttled],
  responses: {
    302: { description: "To Google; a cookie ties the way back to this browser" },
    ...problems("NOT_FOUND", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

/** Hono hands a HEAD to the route of GET: this is its description alone. */
const headRoute: RouteConfig = {
  method: "head",
  path: beginRoute.path,
  tags: ["auth"],
  summary: "Whether one can sign in with Google here; nothing begins",
  responses: {
    204: { description: "One can" },
    ...problems("NOT_FOUND", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
};

const callbackRoute = createRoute({
  method: "get",
  path: "/auth/google/callback",
  tags: ["auth"],
  summary: "Where Google sends the browser back to",
  middleware: [throttled],
  request: { query: googleCallback },
  responses: {
    303: {
      description: `To the page, with ?code= for the exchange or ?error=, one of ${googleError.options.join(", ")}`,
    },
    ...problems("INVALID_MESSAGE", "NOT_FOUND", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const exchangeRoute = createRoute({
  method: "post",
  path: "/auth/google/exchange",
  tags: ["auth"],
  summary: "Exchange the page's code for tokens, once and within a minute",
  middleware: [throttled],
  request: { headers: sessionHeader, body: jsonBody(googleExchange) },
  responses: {
    200: { description: "Signed in", ...json(signedInAnswer) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "NOT_FOUND", "GONE", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

/** @throws Fault NOT_FOUND where it is not set up */
function googleOf(c: AppContext): Google {
  const { google } = connect(c.env);
  if (!google) throw new Fault("NOT_FOUND", "Sign-in with Google is not set up here");
  return google;
}

/** How the page is told of what went wrong behind a good state; anything else is a bug. */
const words: Partial<Record<ErrorCode, GoogleError>> = {
  UNAVAILABLE: "temporarily_unavailable",
  AUTH_FAILED: "server_error",
};

/** A parameter that is repeated or too long is no field somebody may correct. */
function refuseBadState(result: { success: boolean }): undefined {
  if (!result.success) throw badState();
}

type Told = { code: string } | { error: GoogleError };

async function signIn(c: AppContext, google: Google, code: string, flow: GoogleFlow): Promise<Told> {
  const account = await google.accountOf(code, flow);
  if (!account.isVerified) return { error: "email_unverified" };
  const user_id = await userOfGoogle(c, account);
  if (user_id === undefined) return { error: "account_conflict" };
  return { code: await keepSignIn(c, { user_id, sub: account.sub }) };
}

async function conclude(c: AppContext, google: Google, given: GoogleCallback, flow: GoogleFlow): Promise<Told> {
  if (given.error !== undefined || !given.code) {
    const known = oauthError.safeParse(given.error);
    return { error: known.success ? known.data : "server_error" };
  }
  try {
    return await signIn(c, google, given.code, flow);
  } catch (error) {
    const word = error instanceof Fault ? words[error.code] : undefined;
    if (!(error instanceof Fault) || word === undefined) throw error;
    log("warn", "google_sign_in_failed", { request_id: c.get("requestId"), word, why: error.message });
    return { error: word };
  }
}

function pageWith(c: AppContext, told: Told): string {
  const { GOOGLE_RETURN_URL, PUBLIC_URL } = connect(c.env).config;
  const page = new URL(GOOGLE_RETURN_URL ?? new URL("/", PUBLIC_URL));
  for (const [name, value] of Object.entries(told)) page.searchParams.set(name, value);
  return page.href;
}

export function googleRoutes(): OpenAPIHono<App> {
  const app = routes();

  app.openAPIRegistry.registerPath(headRoute);
  app.openapi(beginRoute, async (c) => {
    const google = googleOf(c);
    if (c.req.method === "HEAD") return c.body(null, 204);
    const secrets = newSecrets();
    const url = await google.authorizationUrl(secrets);
    await keepFlow(c, secrets);
    return c.redirect(url, 302);
  });

  app.openapi(
    callbackRoute,
    async (c) => {
      const google = googleOf(c);
      const given = c.req.valid("query");
      const flow = await takeFlow(c, given.state);
      return c.redirect(pageWith(c, await conclude(c, google, given, flow)), 303);
    },
    refuseBadState,
  );

  app.openapi(exchangeRoute, async (c) => {
    googleOf(c);
    const found = await takeSignIn(c, c.req.valid("json").code);
    const user = found && (await findMe(connect(c.env).db, found.user_id));
    if (!user) throw new Fault("GONE", "The code has expired or was used: sign in with Google again");
    return c.json({ user, tokens: await openSession(c, { ...user, google_sub: found.sub }) }, 200);
  });

  return app;
}
