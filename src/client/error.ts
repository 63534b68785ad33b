import type { ServerFrame } from "../protocol/frames.ts";
import type { PingMeErrorFields } from "./api.ts";

/** What every call throws. `message` is meant for a log; what a person is told follows from `code` and `errors`. */
export class PingMeError extends Error implements PingMeErrorFields {
  override readonly name = "PingMeError";
  readonly code: PingMeErrorFields["code"];
  readonly status: number;
  readonly errors: PingMeErrorFields["errors"];
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    { code, status = 0, errors = [], retryAfterMs }: Pick<PingMeErrorFields, "code"> & Partial<PingMeErrorFields>,
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.errors = errors;
    this.retryAfterMs = retryAfterMs;
  }
}

/** @param statuses 0: no answer at all */
export function isRefusal(error: unknown, ...statuses: number[]): error is PingMeError {
  return error instanceof PingMeError && statuses.includes(error.status);
}

/** What may be tried again as it was. */
export function isPassing({ code }: { code: PingMeErrorFields["code"] }): boolean {
  return ["RATE_LIMIT_EXCEEDED", "UNAVAILABLE", "INTERNAL_ERROR", "OFFLINE"].includes(code);
}

/** The conversation is not there for this user. */
export function isHidden(code: PingMeErrorFields["code"]): boolean {
  return code === "CONVERSATION_NOT_FOUND" || code === "PERMISSION_DENIED";
}

type Refusing = Pick<PingMeErrorFields, "code"> & Pick<Extract<ServerFrame, { type: "error" }>, "message" | "details">;

/** By a frame; without one, there was no answer. */
export function refusalOf(
  { code, message, details }: Refusing = { code: "OFFLINE", message: "No answer" },
): PingMeError {
  return new PingMeError(message, { code, errors: details?.errors ?? [], retryAfterMs: details?.retry_after_ms });
}
