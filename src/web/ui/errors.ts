import { PingMeError } from "../../client/error.ts";
import type { Say, TextKey } from "../texts/text.ts";

const byCode: Partial<Record<PingMeError["code"], TextKey>> = {
  OFFLINE: "common.errorOffline",
  UNAVAILABLE: "common.errorUnavailable",
  RATE_LIMIT_EXCEEDED: "common.errorTooOften",
  PERMISSION_DENIED: "common.errorNotAllowed",
  CONVERSATION_NOT_FOUND: "common.errorNotFound",
  MESSAGE_NOT_FOUND: "common.errorNotFound",
  USER_NOT_FOUND: "common.errorNotFound",
  NOT_FOUND: "common.errorNotFound",
  CONFLICT: "common.errorConflict",
  GONE: "common.errorGone",
  TOO_LARGE: "common.errorTooLarge",
};

/** In words one can act on, never a code. @param own better words for some codes, here */
export function errorText(say: Say, error: unknown, own: Partial<Record<PingMeError["code"], TextKey>> = {}): string {
  if (error === undefined) return "";
  if (!(error instanceof PingMeError)) return say("common.errorUnknown");
  return say(own[error.code] ?? byCode[error.code] ?? "common.errorUnknown");
}

/** What the server says of a field, where that is why: for a log; whether there is something says enough. */
export function wrongField(error: unknown, path: string): string | undefined {
  return error instanceof PingMeError ? error.errors.find((field) => field.path === path)?.message : undefined;
}
