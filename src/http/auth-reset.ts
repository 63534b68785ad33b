import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { resetPassword } from "../db/passwords.ts";
import { credentialsOf, credentialsOfUser } from "../db/users.ts";
import { type Flow, pendingCode, resetAnswer, resetQuestion, sessionHeader, signedInAnswer } from "../protocol/auth.ts";
import { limits } from "../protocol/limits.ts";
import { hashPassword } from "../services/passwords.ts";
import { openChallenge } from "./challenges.ts";
import { answerChallenge } from "./code-answers.ts";
import { type App, type AppContext, json, jsonBody, routes } from "./context.ts";
import { sendNotice } from "./letters.ts";
import { mailboxOf } from "./mailboxes.ts";
import { forgetWrongPasswords, judgeChosen, passwordMark } from "./passwords.ts";
import { problems } from "./problem.ts";
import { accountChanged, openSession, tellEnded } from "./sessions.ts";
import { throttled } from "./throttle.ts";

const resetRoute = createRoute({
  method: "post",
  path: "/auth/reset-password",
  tags: ["auth"],
  summary: "Forgot the password: a code is mailed",
  middleware: [throttled],
  request: { body: jsonBody(resetQuestion) },
  responses: {
    202: { description: "The answer is the same for an address that has no account", ...json(pendingCode) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const verifyResetRoute = createRoute({
  method: "post",
  path: "/auth/verify-reset-password",
  tags: ["auth"],
  summary: "Choose another password with the mailed code",
  middleware: [throttled],
  request: { headers: sessionHeader, body: jsonBody(resetAnswer) },
  responses: {
    200: { description: "Signed in; all other sessions are over, and no device is trusted", ...json(signedInAnswer) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "GONE", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

export function resetRoutes(): OpenAPIHono<App> {
  const app = routes();

  app.openapi(resetRoute, async (c) => {
    const { email } = c.req.valid("json");
    const { cache, db } = connect(c.env);
    const bucket = `reset:${mailboxOf(c, email)}`;
    const waitMs = await cache.count(bucket, limits.resetsPerAccount, limits.resetWindowMs);
    const owner = await credentialsOf(db, email);
    const user_id = waitMs === 0 && owner ? owner.id : null;
    const mark = passwordMark(c, owner?.password_hash ?? null);
    return c.json(await openChallenge(c, { kind: "reset", email, user_id, mark }, owner?.settings), 202);
  });

  app.openapi(verifyResetRoute, async (c) => {
    const { password, ...given } = c.req.valid("json");
    judgeChosen(password);
    const finish = (flow: ResetFlow) => reset(c, flow, password);
    return c.json(await answerChallenge(c, "reset", { given, finish }), 200);
  });

  return app;
}

type ResetFlow = Extract<Flow, { kind: "reset" }>;

/** @throws Fault GONE where the account is not as it was when the code was asked for */
async function reset(c: AppContext, { email, user_id, mark }: ResetFlow, password: string) {
  const { db } = connect(c.env);
  const known = user_id === null ? undefined : await credentialsOfUser(db, user_id);
  if (known?.email !== email || passwordMark(c, known.password_hash) !== mark) throw accountChanged();
  await forgetWrongPasswords(c, known);
  const password_hash = await hashPassword(password);
  const done = await resetPassword(db, { known, password_hash, now: Date.now() });
  if (!done) throw accountChanged();
  const { user, ended } = done;
  await tellEnded(c, user.id, ended);
  sendNotice(c, "password_changed", user);
  return { user, tokens: await openSession(c, { ...user, password_hash }) };
}
