/** What opens one's account: its password and its address. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { changeEmail } from "../db/accounts.ts";
import { changePassword } from "../db/passwords.ts";
import { credentialsOf, type OwnCredentials } from "../db/users.ts";
import { emailChange, passwordChange } from "../protocol/accounts.ts";
import { codeAnswer, type Flow, type PendingCode, pendingCode } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { type Me, me } from "../protocol/users.ts";
import { openChallenge } from "./challenges.ts";
import { answerChallenge } from "./code-answers.ts";
import { type App, type AppContext, json, jsonBody, judgedFirst, routes, wrongField } from "./context.ts";
import { signedIn } from "./guard.ts";
import { sendNotice } from "./letters.ts";
import { chosenPassword, confirmPassword, myCredentials, passwordMark } from "./passwords.ts";
import { problems } from "./problem.ts";
import { tellEnded } from "./sessions.ts";
import { tooOften } from "./throttle.ts";

const common = { tags: ["users"], middleware: [signedIn], security: [{ bearer: [] }] };
const refusals = problems(
  ...(["INVALID_MESSAGE", "AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT"] as const),
  ...(["RATE_LIMIT_EXCEEDED", "UNAVAILABLE"] as const),
);

const passwordRoute = createRoute({
  ...common,
  method: "put",
  path: "/users/me/password",
  summary: "Change one's password, or set the first one",
  description:
    "Ends all other sessions, and no device is trusted any more. The first one is set within 15 minutes of signing in.",
  request: { body: jsonBody(passwordChange) },
  responses: { 204: { description: "Changed" }, ...problems("PERMISSION_DENIED"), ...refusals },
});

const emailRoute = createRoute({
  ...common,
  method: "post",
  path: "/users/me/email",
  summary: "Ask for another address: a code is mailed to it",
  request: { body: jsonBody(emailChange) },
  responses: {
    202: { description: "The answer is the same for an address that has an account", ...json(pendingCode) },
    ...refusals,
  },
});

const verifyEmailRoute = createRoute({
  ...common,
  method: "post",
  path: "/users/me/email/verify",
  summary: "Take the other address with the mailed code",
  request: { body: jsonBody(codeAnswer) },
  responses: {
    200: { description: "As one sees oneself now", ...json(me) },
    ...problems("CONFLICT", "GONE"),
    ...refusals,
  },
});

export function accountRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(
    passwordRoute,
    async (c) => {
      const { old_password, password } = c.req.valid("json");
      const account = await mayChange(c);
      await prove(c, account, old_password);
      await setPassword(c, account, await chosenPassword(password));
      return c.body(null, 204);
    },
    judgedFirst(async (c) => void (await mayChange(c))),
  );
  app.openapi(emailRoute, async (c) => {
    const { email, password } = c.req.valid("json");
    return c.json(await askForMove(c, email, password), 202);
  });
  app.openapi(verifyEmailRoute, async (c) => {
    const { user_id } = c.get("actor");
    const finish = ({ email, mark }: { email: string; mark: string }) => move(c, email, mark);
    return c.json(await answerChallenge(c, "email", { given: c.req.valid("json"), userId: user_id, finish }), 200);
  });
  return app;
}

/** Without a password there is no proof but that one has just signed in. @throws Fault AUTH_FAILED, PERMISSION_DENIED */
async function mayChange(c: AppContext): Promise<OwnCredentials> {
  const account = await myCredentials(c);
  const isFresh = account.session_opened_at.getTime() > Date.now() - limits.freshSessionMs;
  if (account.password_hash === null && !isFresh) {
    throw new Fault("PERMISSION_DENIED", "Sign in again first, or reset the password");
  }
  return account;
}

/** An account with a password is changed by who knows it. @throws Fault INVALID_CONTENT, RATE_LIMIT_EXCEEDED */
async function prove(c: AppContext, account: OwnCredentials, oldPassword: string | undefined): Promise<void> {
  if (account.password_hash === null) return;
  if (oldPassword === undefined) throw wrongField("old_password", "is needed");
  await confirmPassword(c, account, { field: "old_password", password: oldPassword });
}

/** @throws Fault INVALID_CONTENT where the password has changed since it was shown, AUTH_FAILED */
async function setPassword(c: AppContext, account: OwnCredentials, password_hash: string): Promise<void> {
  const { session_id } = c.get("actor");
  const { id: user_id, password_hash: before } = account;
  const wanted = { user_id, before, password_hash, session_id, now: Date.now() };
  const ended = await changePassword(connect(c.env).db, wanted);
  if (!ended) {
    await myCredentials(c);
    throw wrongField("old_password", "is wrong");
  }
  await tellEnded(c, user_id, ended);
  sendNotice(c, "password_changed", account);
}

/** @throws Fault INVALID_CONTENT, RATE_LIMIT_EXCEEDED */
async function askForMove(c: AppContext, email: string, password: string): Promise<PendingCode> {
  const { cache, db } = connect(c.env);
  const account = await myCredentials(c);
  const { id: user_id, password_hash, settings } = account;
  if (password_hash === null) throw wrongField("password", "is needed: set one first");
  await confirmPassword(c, account, { field: "password", password });
  const waitMs = await cache.count(`moves:${user_id}`, limits.movesPerUser, limits.mailWindowMs);
  if (waitMs > 0) throw tooOften(waitMs, "Another address was asked for too often");
  const owner = await credentialsOf(db, email);
  const flow: Flow = owner
    ? { kind: "taken", email, user_id }
    : { kind: "email", email, user_id, mark: passwordMark(c, password_hash) };
  return await openChallenge(c, flow, owner?.settings ?? settings);
}

/** @throws Fault GONE where the password has changed since the code was asked for, CONFLICT */
async function move(c: AppContext, email: string, mark: string): Promise<Me> {
  const account = await myCredentials(c);
  const { user_id, session_id } = c.get("actor");
  const { password_hash } = account;
  if (password_hash === null || passwordMark(c, password_hash) !== mark) throw outdated();
  const wanted = { user_id, session_id, from: account.email, to: email, password_hash, now: Date.now() };
  const moved = await changeEmail(connect(c.env).db, wanted);
  if (moved === "taken") throw new Fault("CONFLICT", "This address has an account by now");
  if (!moved) {
    await myCredentials(c);
    throw outdated();
  }
  sendNotice(c, "email_changed", account);
  return moved;
}

const outdated = () => new Fault("GONE", "The account has changed since the code was asked for: start again");
