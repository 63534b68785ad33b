import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors as honoCors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import type { NotFoundHandler } from "hono/types";
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { App } from "./context.ts";
import { answerFault } from "./problem.ts";

/** An id of the caller's is kept only if it is harmless in a log. */
const requestIdForm = /^[\w.:-]{1,64}$/;

/** Gives each request its id and its line in the log. The path is logged, the query never. */
export const begin = createMiddleware<App>(async (c, next) => {
  const given = c.req.header("X-Request-Id");
  const requestId = given && requestIdForm.test(given) ? given : newId();
  c.set("requestId", requestId);
  const startedMs = Date.now();
  await next();
  if (c.res.status !== 101) c.header("X-Request-Id", requestId);
  log("info", "request", {
    request_id: requestId,
    method: c.req.method,
    path: c.req.path,
    status: c.res.status,
    ms: Date.now() - startedMs,
    user_id: c.get("actor")?.user_id,
  });
});

const crossOrigin = honoCors({
  origin: (origin, c) => {
    const allowed = connect(c.env).config.CORS_ORIGINS;
    return allowed.includes("*") || allowed.includes(origin) ? origin : null;
  },
  allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  allowHeaders: ["Authorization", "Content-Type", "X-Request-Id"],
  exposeHeaders: ["X-Request-Id", "Location", "Retry-After"],
  maxAge: 86_400,
});

export const cors = createMiddleware<App>((c, next) =>
  c.req.header("Origin") === undefined || c.req.header("Upgrade") !== undefined ? next() : crossOrigin(c, next),
);

/** Answers that are for one reader, once (RFC 6749, 5.1). */
export const unstored = createMiddleware<App>(async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
});

const mediaBytes = /^\/api\/v1\/media\/[^/]+\/bytes$/;

const limitBody = bodyLimit({
  maxSize: limits.bodyBytes,
  onError: () => {
    throw new Fault("TOO_LARGE", `The body is larger than ${limits.bodyBytes} bytes`);
  },
});

/** Bodies are JSON and bounded. */
export const body = createMiddleware<App>((c, next) => {
  const type = c.req.header("Content-Type");
  if (c.req.raw.body === null || c.req.method === "GET" || c.req.method === "HEAD") return next();
  if (mediaBytes.test(c.req.path)) return next(); // bounded by its ticket, and never held whole
  const isEmpty = c.req.header("Content-Length") === "0";
  if (!isEmpty && !/^application\/json\s*(;|$)/i.test(type ?? "")) {
    throw new Fault("UNSUPPORTED_MEDIA_TYPE", "The body must be application/json");
  }
  return limitBody(c, next);
});

/** A path that is there under another method: 405 with `Allow`; else what stands behind. */
export function methods(app: Hono<App>, otherwise: NotFoundHandler<App>): NotFoundHandler<App> {
  let known: { method: string; form: RegExp }[] | undefined;
  return (c) => {
    known ??= app.routes
      .filter((route) => route.method !== "ALL")
      .map((route) => ({ method: route.method, form: formOf(route.path) }));
    const allowed = new Set(known.filter((route) => route.form.test(c.req.path)).map((route) => route.method));
    if (allowed.size === 0) return otherwise(c);
    c.header("Allow", [...allowed].join(", "));
    return answerFault(c, new Fault("METHOD_NOT_ALLOWED", `${c.req.method} is not allowed here`));
  };
}

function formOf(path: string): RegExp {
  const literal = path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replace(/:[^/]+/g, "[^/]+").replace(/\\\*$/, ".*")}$`);
}
