import type { ServerFrame } from "../protocol/frames.ts";
import type { PingMeErrorFields } from "./api.ts";

/** What every call throws. `message` is meant for a log; what a person is told follows from `code` and `errors`. */
export class PingMeError extends Error implements PingMeErrorFields {
  override readonly name = "PingMeError";
  declare readonly code: PingMeErrorFields["code"];
  declare readonly status: number;
  declare readonly errors: PingMeErrorFields["errors"];
  declare readonly retryAfterMs: number | undefined;

  constructor(message: string, fields: Pick<PingMeErrorFields, "code"> & Partial<PingMeErrorFields>) {
    super(message);
    Object.assign(this, { status: 0, errors: [] }, fields);
  }
}

/** @param statuses 0: no answer at all */
export function isRefusal(error: unknown, ...statuses: number[]): error is PingMeError {
  return error instanceof PingMeError && statuses.includes(error.status);
}

/** @param code of what is no refusal */
export function asRefusal(error: unknown, code: PingMeErrorFields["code"]): PingMeError {
  return error instanceof PingMeError ? error : new PingMeError(`${error}`, { code });
}

/** What may be tried again as it was. */
export function isPassing({ code }: { code: PingMeErrorFields["code"] }): boolean {
  return /^(RATE_LIMIT|UNAVAILABLE|INTERNAL|OFFLINE)/.test(code);
}

/** The conversation is not there for this user. */
export function isHidden(code: PingMeErrorFields["code"]): boolean {
  return code === "CONVERSATION_NOT_FOUND" || code === "PERMISSION_DENIED";
}

type Refusing = Pick<PingMeErrorFields, "code"> & Pick<Extract<ServerFrame, { type: "error" }>, "message" | "details">;

/** By a frame; without one, there was no answer. */
export function refusalOf({ code, message, details }: Refusing = { code: "OFFLINE", message: "Offline" }): PingMeError {
  return new PingMeError(message, { code, errors: details?.errors ?? [], retryAfterMs: details?.retry_after_ms });
}
