/** Clients of the SDK's own parts, for tests of them against a running server. */
import type { KeyStore } from "../../src/client/api.ts";
import { createCall } from "../../src/client/rest.ts";
import { createSession } from "../../src/client/session.ts";
import { mailCount, mailedCode, type Person } from "./client.ts";
import type { Server } from "./server.ts";

/** A tab, or an app: a session and the calls that go with it. */
export function tab({ url }: { url: string }, session?: "cookie" | KeyStore, through: typeof fetch = fetch) {
  const call = createCall({
    ...{ url, fetch: through, isCookie: session === "cookie" },
    accessToken: (refused) => own.accessToken(refused),
  });
  const own = createSession({ url, call, session });
  return { call, session: own };
}

/** Signs in with the mailed code. */
export async function signInTo(
  { session }: ReturnType<typeof tab>,
  at: Server,
  { email, password }: Person,
  more: { trust_device?: boolean } = {},
) {
  const seen = await mailCount(at, email);
  const asked = await session.login({ email, password });
  if (!asked) throw new Error("No code is asked for");
  const code = await mailedCode(at, email, seen);
  return await session.verifyLogin({ challenge: asked.challenge, code, ...more });
}

/** A fetch with the cookies of a browser, as far as they matter here. */
export function browser(): typeof fetch {
  let cookie = "";
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    if (cookie && init?.credentials === "same-origin") headers.set("Cookie", cookie);
    const answer = await fetch(input, { ...init, headers });
    for (const set of answer.headers.getSetCookie()) cookie = /Max-Age=0/.test(set) ? "" : (set.split(";")[0] ?? "");
    return answer;
  };
}
