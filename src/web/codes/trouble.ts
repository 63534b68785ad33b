/** What became of a mailed code that was not taken. */
import { PingMeError } from "../../client/error.ts";

/** As the server counts them, over all codes of a challenge. */
const tries = 5;

export type CodeTrouble =
  | { is: "wrong"; left: number }
  /** It cannot become right any more: `used` up, or `ended` by time or by what has changed since. */
  | { is: "used" | "ended" }
  /** Nothing of the code's: the line, the server. */
  | { is: "other"; error: unknown };

/** @param wrong how many were wrong, this one not counted */
export function codeTrouble(error: unknown, wrong: number): CodeTrouble {
  if (!(error instanceof PingMeError)) return { is: "other", error };
  if (error.code === "GONE") return { is: "ended" };
  if (!error.errors.some(({ path }) => path === "code")) return { is: "other", error };
  const left = tries - wrong - 1;
  return left > 0 ? { is: "wrong", left } : { is: "used" };
}
