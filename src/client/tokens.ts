/** What is to know about tokens, whoever keeps them. */
import type { TokenPair } from "../protocol/auth.ts";
import { isRefusal, PingMeError } from "./error.ts";

export interface Held {
  token: string;
  userId: string;
  /** Renewed from then on, ms since 1970. */
  staleAt: number;
}

const marginMs = 60_000;

/** An access token, by this device's clock. */
export function heldFrom({ access_token, expires_in }: TokenPair): Held {
  const lifeMs = expires_in * 1000;
  const staleAt = Date.now() + lifeMs - Math.min(marginMs, lifeMs / 5);
  return { token: access_token, userId: subjectOf(access_token), staleAt };
}

/** Whose it is, as the token itself says (RFC 7519). When it ends it says by the server's clock, which is another one. */
function subjectOf(token: string): string {
  const claims = token.split(".")[1] ?? "";
  return JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))).sub;
}

export function signInFirst(): PingMeError {
  return new PingMeError("Signed out", { code: "AUTH_REQUIRED", status: 401 });
}

/** The answer to a refresh that was lost is given again for a few seconds; later the old token would end the session. */
export async function twice<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isRefusal(error, 0)) return await run();
    throw error;
  }
}
