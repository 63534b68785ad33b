import { createMiddleware } from "hono/factory";
import { connect } from "../connect.ts";
import { callerBucket } from "../core/addresses.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { App, AppContext } from "./context.ts";
import { countAnyway } from "./counting.ts";

export function tooOften(waitMs: number, detail: string): Fault {
  return new Fault("RATE_LIMIT_EXCEEDED", detail, { retry_after_ms: waitMs });
}

/** Counts a request to an open route against its caller's address. @throws Fault RATE_LIMIT_EXCEEDED */
export async function countCaller(c: AppContext): Promise<void> {
  // No other header is believed: any client can send one.
  const bucket = `address:${callerBucket(c.req.header("CF-Connecting-IP"))}`;
  const limit = connect(c.env).config.AUTH_RATE_LIMIT_PER_ADDRESS;
  const waitMs = await countAnyway(c, bucket, { limit, windowMs: limits.addressWindowMs });
  if (waitMs > 0) throw tooOften(waitMs, "Too many requests from this address");
}

/** {@link countCaller} before a route. */
export const throttled = createMiddleware<App>(async (c, next) => {
  await countCaller(c);
  await next();
});
