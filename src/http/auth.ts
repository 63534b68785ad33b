import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { touchDevice } from "../db/devices.ts";
import { credentialsOf, credentialsOfUser, findMe, insertUser } from "../db/users.ts";
import {
  type Flow,
  login,
  pendingCode,
  registration,
  resending,
  sessionHeader,
  signedInAnswer,
  signInCode,
  trustingAnswer,
} from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import type { Me } from "../protocol/users.ts";
import { openChallenge, resendChallenge } from "./challenges.ts";
import { answerChallenge } from "./code-answers.ts";
import { type App, type AppContext, json, jsonBody, routes } from "./context.ts";
import { trustDevice, trustedDevice } from "./devices.ts";
import { chosenPassword, judgePassword, passwordMark } from "./passwords.ts";
import { problems } from "./problem.ts";
import { accountChanged, beginSession } from "./sessions.ts";
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
  request: { headers: sessionHeader, body: jsonBody(signInCode) },
  responses: {
    201: { description: "The account, signed in", ...json(trustingAnswer) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "GONE", "CONFLICT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const loginRoute = createRoute({
  method: "post",
  path: "/auth/login",
  tags: ["auth"],
  summary: "Show the password: a code is mailed, but to a trusted device",
  middleware: [throttled],
  request: { headers: sessionHeader, body: jsonBody(login) },
  responses: {
    200: { description: "Signed in, from a trusted device", ...json(signedInAnswer) },
    202: { description: "A code is on its way", ...json(pendingCode) },
    ...problems("INVALID_MESSAGE", "INVALID_CONTENT", "AUTH_FAILED", "GONE", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const verifyLoginRoute = createRoute({
  method: "post",
  path: "/auth/verify-login",
  tags: ["auth"],
  summary: "Sign in with the mailed code",
  middleware: [throttled],
  request: { headers: sessionHeader, body: jsonBody(signInCode) },
  responses: {
    200: { description: "Signed in", ...json(trustingAnswer) },
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
    const { trust_device, ...given } = c.req.valid("json");
    const finish = (flow: FlowOf<"register">) => finishRegistration(c, flow, trust_device);
    const answer = await answerChallenge(c, "register", { given, finish });
    return c.json(answer, 201, { Location: `/api/v1/users/${answer.user.id}` });
  });

  app.openapi(loginRoute, async (c) => {
    const { email, password, device_token } = c.req.valid("json");
    const { db } = connect(c.env);
    const device = await trustedDevice(c, email, device_token);
    const known = await judgePassword(c, { email, password }, device);
    const { id, password_hash, settings } = known;
    if (device && (await touchDevice(db, device.id, Date.now()))) {
      const user = await findMe(db, id);
      if (!user) throw accountChanged();
      return c.json(await entered(c, { user, password_hash, trust_device: false }), 200);
    }
    const mark = passwordMark(c, password_hash);
    return c.json(await openChallenge(c, { kind: "login", email, user_id: id, mark }, settings), 202);
  });

  app.openapi(verifyLoginRoute, async (c) => {
    const { trust_device, ...given } = c.req.valid("json");
    const finish = (flow: FlowOf<"login">) => finishLogin(c, flow, trust_device);
    return c.json(await answerChallenge(c, "login", { given, finish }), 200);
  });

  app.openapi(resendCodeRoute, async (c) => c.json(await resendChallenge(c, c.req.valid("json").challenge), 202));

  return app;
}

type FlowOf<Kind extends Flow["kind"]> = Extract<Flow, { kind: Kind }>;

/** @throws Fault CONFLICT */
async function finishRegistration(c: AppContext, flow: FlowOf<"register">, trust_device: boolean) {
  const { email, name, password_hash } = flow;
  const now = Date.now();
  const made = { id: newId(now), email, name, password_hash, created_at: new Date(now) };
  const user = await insertUser(connect(c.env).db, made);
  if (!user) throw new Fault("CONFLICT", "This address has an account by now: sign in");
  return await entered(c, { user, password_hash, trust_device });
}

/** @throws Fault GONE where the account is not as it was when the password was shown */
async function finishLogin(c: AppContext, { email, user_id, mark }: FlowOf<"login">, trust_device: boolean) {
  const { db } = connect(c.env);
  const [known, user] = await Promise.all([credentialsOfUser(db, user_id), findMe(db, user_id)]);
  const isSame = known && known.email === email && passwordMark(c, known.password_hash) === mark;
  if (!isSame || !user) throw accountChanged();
  return await entered(c, { user, password_hash: known.password_hash, trust_device });
}

interface Entering {
  user: Me;
  /** As it was when they were let in. */
  password_hash: string | null;
  trust_device: boolean;
}

async function entered(c: AppContext, { user, password_hash, trust_device }: Entering) {
  const { session_id, tokens } = await beginSession(c, { ...user, password_hash });
  if (!trust_device) return { user, tokens };
  return { user, tokens, device_token: await trustDevice(c, session_id) };
}
