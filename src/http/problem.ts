import { z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { ErrorHandler, NotFoundHandler } from "hono/types";
import { describeError, log } from "../log.ts";
import { type ErrorCode, errorCodes, errors, Fault } from "../protocol/errors.ts";
import type { App, AppContext } from "./context.ts";

/** RFC 9457, with PingMe's stable `code`. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(errorCodes),
    detail: z.string(),
    request_id: z.string(),
    retry_after_ms: z.int().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi("Problem");

/** For the `responses` of a route: the problems it answers beside those of every route. */
export function problems(...codes: ErrorCode[]) {
  const byStatus = Object.groupBy(codes, (code) => errors[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group]) => [
      status,
      {
        description: (group ?? []).map((code) => `${code}: ${errors[code].title}`).join(". "),
        content: { "application/problem+json": { schema: problem } },
      },
    ]),
  );
}

export function answerFault(c: AppContext, fault: Fault): Response {
  const { status, title } = errors[fault.code];
  const { retry_after_ms, errors: fields } = fault.details ?? {};
  const body: z.infer<typeof problem> = {
    type: "about:blank",
    title,
    status,
    code: fault.code,
    detail: fault.message,
    request_id: c.get("requestId"),
    ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
    ...(fields === undefined ? {} : { errors: fields }),
  };
  if (retry_after_ms !== undefined) c.header("Retry-After", String(Math.max(1, Math.ceil(retry_after_ms / 1000))));
  else if (status === 429 || status === 503) c.header("Retry-After", "1");
  if (status === 401) c.header("WWW-Authenticate", "Bearer");
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/problem+json" });
}

const codeOfStatus: Partial<Record<number, ErrorCode>> = {
  400: "INVALID_MESSAGE",
  401: "AUTH_REQUIRED",
  413: "TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
};

function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  if (error instanceof HTTPException) {
    const code = codeOfStatus[error.status];
    return code && new Fault(code, error.message || errors[code].title);
  }
  return undefined;
}

/** The door of REST: the one catch of everything, and the one that logs. */
export const onError: ErrorHandler<App> = (error, c) => {
  const fault = faultOf(error);
  if (fault) return answerFault(c, fault);
  log("error", "request_failed", { request_id: c.get("requestId"), path: c.req.path, ...describeError(error) });
  return answerFault(c, new Fault("INTERNAL_ERROR", "The request failed; its id is in the log."));
};

export const notFound: NotFoundHandler<App> = (c) => answerFault(c, new Fault("NOT_FOUND", `No route ${c.req.path}`));
