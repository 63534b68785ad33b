import type { PingMeErrorFields } from "./api.ts";

/** What every call throws. `message` is meant for a log; what a person is told follows from `code` and `errors`. */
export class PingMeError extends Error implements PingMeErrorFields {
  readonly code: PingMeErrorFields["code"];
  readonly status: number;
  readonly errors: PingMeErrorFields["errors"];
  readonly retryAfterMs?: number;

  constructor(message: string, { code, status, errors, retryAfterMs }: PingMeErrorFields) {
    super(message);
    this.name = "PingMeError";
    this.code = code;
    this.status = status;
    this.errors = errors;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

/** @param status 0: no answer at all */
export function isRefusal(error: unknown, status: number): boolean {
  return error instanceof PingMeError && error.status === status;
}
