/** The end of an account: asked for with the password or a mailed code, done by the user's object. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import type { Credentials } from "../db/users.ts";
import { describeError, log } from "../log.ts";
import { type Deletion, deletion, deletionBegun } from "../protocol/accounts.ts";
import { pendingCode, sessionHeader } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { openChallenge } from "./challenges.ts";
import { answerChallenge } from "./code-answers.ts";
import { type App, type AppContext, json, jsonBody, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { sendNotice } from "./letters.ts";
import { confirmPassword, myCredentials } from "./passwords.ts";
import { problems } from "./problem.ts";
import { clearRefreshCookie } from "./session-cookie.ts";
import { tooOften } from "./throttle.ts";

const common = { tags: ["users"], middleware: [signedIn], security: [{ bearer: [] }] };

const codeRoute = createRoute({
  ...common,
  method: "post",
  path: "/users/me/deletion-code",
  summary: "Ask for a code to delete one's account",
  responses: {
    202: { description: "A code is on its way to the account's address", ...json(pendingCode) },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const deleteRoute = createRoute({
  ...common,
  method: "delete",
  path: "/users/me",
  summary: "Delete one's account",
  description:
    "With the password, or a code. Messages stay, as from somebody without a name; with `erase` each is deleted. Groups of " +
    "one's own pass to the ADMIN who joined first, else the MEMBER who did. For everybody the account is gone when this is answered; its " +
    "traces go conversation by conversation.",
  request: { headers: sessionHeader, body: jsonBody(deletion) },
  responses: {
    202: { description: "Begun; it cannot be undone", ...json(deletionBegun) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "AUTH_FAILED", "GONE", "INVALID_CONTENT"),
    ...problems("RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function deletionRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(codeRoute, async (c) => {
    const { id: user_id, email, settings } = await myCredentials(c);
    const waitMs = await connect(c.env).cache.count(
      `deletions:${user_id}`,
      limits.deletionCodesPerUser,
      limits.mailWindowMs,
    );
    if (waitMs > 0) throw tooOften(waitMs, "A code was asked for too often");
    return c.json(await openChallenge(c, { kind: "delete", email, user_id }, settings), 202);
  });
  app.openapi(deleteRoute, async (c) => {
    await prove(c, c.req.valid("json"));
    clearRefreshCookie(c);
    return c.json({ done: false as const }, 202);
  });
  return app;
}

/** Deletes the account of who has shown its password, or a code. @throws Fault INVALID_CONTENT, GONE, RATE_LIMIT_EXCEEDED */
async function prove(c: AppContext, { erase, ...proof }: Deletion): Promise<void> {
  if ("password" in proof) {
    const account = await myCredentials(c);
    await confirmPassword(c, account, { field: "password", password: proof.password });
    return await remove(c, account, erase);
  }
  const finish = async ({ email }: { email: string }) => {
    const account = await myCredentials(c);
    if (account.email !== email) throw addressChanged();
    await remove(c, account, erase);
  };
  await answerChallenge(c, "delete", { given: proof, userId: c.get("actor").user_id, finish });
}

const addressChanged = () => new Fault("GONE", "The address has changed since the code was asked for: start again");

async function remove(c: AppContext, account: Credentials, erase: boolean): Promise<void> {
  const begun = await forget(c, account.id, erase);
  if (begun) sendNotice(c, "account_deleted", account);
}

/** @returns whether it had not begun before @throws Fault UNAVAILABLE where it could not be promised */
async function forget(c: AppContext, userId: string, erase: boolean): Promise<boolean> {
  const { begun, ended } = await promised(c, userId, erase);
  await refuseHere(c, [...new Set([...ended, c.get("actor").session_id])]);
  return begun;
}

async function promised(c: AppContext, userId: string, erase: boolean) {
  const { USERS } = c.env;
  try {
    return await USERS.get(USERS.idFromName(userId)).forget(erase);
  } catch (error) {
    log("error", "forget_failed", { request_id: c.get("requestId"), user_id: userId, ...describeError(error) });
    throw new Fault("UNAVAILABLE", "Try again in a moment", { retry_after_ms: limits.unavailableRetryMs });
  }
}

/** At once, too: what this isolate knows of sessions is seconds old. */
async function refuseHere(c: AppContext, sessionIds: string[]): Promise<void> {
  try {
    await connect(c.env).cache.endSessions(sessionIds);
  } catch (error) {
    // The account's object has promised to tell Redis; this isolate knows already.
    if (!(error instanceof Fault)) throw error;
  }
}
