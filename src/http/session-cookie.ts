/**
 * The refresh token of a browser, where no script can read it. Only a request with `X-Session: cookie` gets or shows it:
 * a page of another origin cannot send that header, since it is not among those that CORS allows.
 */
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { AppContext } from "./context.ts";

const name = "pingme-refresh";
const scope = { prefix: "secure", path: "/api/v1/auth", secure: true, httpOnly: true, sameSite: "Strict" } as const;

export function wantsCookie(c: AppContext): boolean {
  return c.req.header("X-Session") === "cookie";
}

export function refreshCookie(c: AppContext): string | undefined {
  return getCookie(c, name, "secure");
}

export function setRefreshCookie(c: AppContext, token: string, seconds: number): void {
  setCookie(c, name, token, { ...scope, maxAge: seconds });
}

/** Where the session has ended. */
export function clearRefreshCookie(c: AppContext): void {
  if (wantsCookie(c)) deleteCookie(c, name, scope);
}
