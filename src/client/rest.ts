/** REST calls: a route and its input become a request; what is answered is JSON, or a {@link PingMeError}. */
import { throwIfAborted } from "./aborting.ts";
import type { Client } from "./api.ts";
import { asRefusal, isRefusal, PingMeError } from "./error.ts";

export interface RestOptions {
  /** The server's origin. */
  url: string;
  fetch: typeof fetch;
  /** @param refused a token the server has just turned down: another one is wanted */
  accessToken: (refused?: string) => Promise<string | undefined>;
  /** Whether the refresh token is in a cookie of the server's. */
  isCookie: boolean;
}

export type Call = Client["call"];

interface Given {
  path?: Record<string, string>;
  query?: object;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** Such are called to get a token, not with one. */
const open = /^\w+ \/auth\/(?!logout|sessions|devices)/;

/** A line that is dead and does not break would keep all who wait for it. */
const patienceMs = 30_000;

export function createCall({ url, fetch, accessToken, isCookie }: RestOptions): Call {
  function ask(route: string, given: Given, token?: string) {
    const { body } = given;
    const [method = "", path = ""] = route.split(" ");
    const request: RequestInit = {
      method,
      headers: {
        Accept: "application/json",
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(isCookie && { "X-Session": "cookie" }),
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      credentials: isCookie ? "same-origin" : "omit",
      // Of a page that goes away meanwhile, the answer's cookie is still taken: the one it had is worth nothing by then.
      keepalive: route === "POST /auth/refresh",
    };
    return patiently(given.signal, async (signal) => {
      const response = await fetch(`${url}/api/v1${filled(path, given)}`, { ...request, signal });
      if (!response.ok) throw await problemOf(response);
      return response.status === 204 ? undefined : await response.json();
    });
  }

  return async (route, input) => {
    const given: Given = input ?? {};
    if (open.test(route)) return await ask(route, given);
    const token = await accessToken();
    try {
      return await ask(route, given, token);
    } catch (error) {
      if (!token || !isRefusal(error, 401)) throw error;
      return await ask(route, given, await accessToken(token));
    }
  };
}

/** `/users/{id}` with its id, and the query behind it. */
function filled(path: string, { path: names = {}, query }: Given): string {
  const address = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(names[name] ?? ""));
  if (!query) return address;
  const asked = Object.entries(query).filter(([, value]) => value !== undefined);
  return `${address}?${asked.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

/** What breaks on the way is `OFFLINE`; who gave up hears their signal's reason. */
async function patiently<T>(signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  throwIfAborted(signal);
  const either = new AbortController();
  const abort = () => either.abort();
  const timer = setTimeout(abort, patienceMs);
  signal?.addEventListener("abort", abort);
  try {
    return await run(either.signal);
  } catch (error) {
    throwIfAborted(signal);
    throw asRefusal(error, "OFFLINE");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Also of what stands between: a proxy's answer has no code of ours. */
async function problemOf(response: Response): Promise<PingMeError> {
  const { status } = response;
  const { code = "UNAVAILABLE", detail, errors = [], retry_after_ms } = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfterMs: number | undefined = retry_after_ms ?? (seconds * 1000 || undefined);
  return new PingMeError(detail ?? `HTTP ${status}`, { code, status, errors, retryAfterMs });
}
