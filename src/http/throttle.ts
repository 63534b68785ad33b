import { createMiddleware } from "hono/factory";
import { connect } from "../connect.ts";
import { callerBucket } from "../core/addresses.ts";
import { log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { App, AppContext } from "./context.ts";

export function tooOften(waitMs: number, detail: string): Fault {
  return new Fault("RATE_LIMIT_EXCEEDED", detail, { retry_after_ms: waitMs });
}

/**
 * Counts a request to an open route against its caller's address. Fails open: what needs the cache refuses by itself.
 * @throws Fault RATE_LIMIT_EXCEEDED
 */
export async function countCaller(c: AppContext): Promise<void> {
  const { cache, config } = connect(c.env);
  // No other header is believed: any client can send one.
  const bucket = `address:${callerBucket(c.req.header("CF-Connecting-IP"))}`;
  let waitMs = 0;
  try {
    waitMs = await cache.count(bucket, config.AUTH_RATE_LIMIT_PER_ADDRESS, limits.addressWindowMs);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log("warn", "throttle_open", { request_id: c.get("requestId") });
  }
  if (waitMs > 0) throw tooOften(waitMs, "Too many requests from this address");
}

/** {@link countCaller} before a route. */
export const throttled = createMiddleware<App>(async (c, next) => {
  await countCaller(c);
  await next();
});
