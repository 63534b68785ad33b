import type { PingMeErrorFields } from "./api.ts";

/** What every call throws. `message` is meant for a log; what a person is told follows from `code` and `errors`. */
export class PingMeError extends Error implements PingMeErrorFields {
  override readonly name = "PingMeError";
  readonly code: PingMeErrorFields["code"];
  readonly status: number;
  readonly errors: PingMeErrorFields["errors"];
  declare readonly retryAfterMs?: number;

  constructor(
    message: string,
    { code, status = 0, errors = [], retryAfterMs }: Pick<PingMeErrorFields, "code"> & Partial<PingMeErrorFields>,
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.errors = errors;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

/** @param statuses 0: no answer at all */
export function isRefusal(error: unknown, ...statuses: number[]): error is PingMeError {
  return error instanceof PingMeError && statuses.includes(error.status);
}
