import { createMiddleware } from "hono/factory";
import { connect } from "../connect.ts";
import { Fault } from "../protocol/errors.ts";
import type { App, AppContext } from "./context.ts";

const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** For who still shows a sound access token. */
export const signedOut = () => new Fault("AUTH_FAILED", "The session has ended, or its account is not there any more");

/** The access token of a request's header. @throws Fault AUTH_REQUIRED, AUTH_FAILED */
export function bearerToken(c: AppContext): string {
  const header = c.req.header("Authorization");
  if (!header) throw new Fault("AUTH_REQUIRED", "An access token is needed: Authorization: Bearer <token>");
  const token = bearer.exec(header)?.[1];
  if (!token) throw new Fault("AUTH_FAILED", "The Authorization header is not of the form Bearer <token>");
  return token;
}

/** Lets pass who shows a sound access token of a session that has not ended. @throws Fault AUTH_REQUIRED, AUTH_FAILED */
export const signedIn = createMiddleware<App>(async (c, next) => {
  const { tokens, cache } = connect(c.env);
  const actor = await tokens.verify(bearerToken(c));
  if (await cache.hasSessionEnded(actor.session_id)) throw signedOut();
  c.set("actor", actor);
  await next();
});
