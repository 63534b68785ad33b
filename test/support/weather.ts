/** What Postgres does to requests about something, on the real wire: the Worker's own `fetch` is cut before or after it. */
import { env } from "cloudflare:workers";
import { configOf, type Env } from "../../src/env.ts";

/** `away`: never sent. `lost`: done, but the answer never came. */
export type Fate = "fine" | "away" | "lost";

/** A statement that reached Postgres, to be sent again. */
export interface Sent {
  body: string;
  again(): Promise<number>;
}

/**
 * Decides for each request to Postgres that holds `about` (an id) while `run` goes on.
 * @param fate also asynchronous: what it does before it returns is done before the request leaves
 * @returns what `run` gives, and all requests that were sent
 */
export async function whilePostgres<T>(
  about: string,
  fate: (body: string) => Fate | Promise<Fate>,
  run: (sent: Sent[]) => Promise<T>,
): Promise<T> {
  const { DATABASE_HTTP_URL: address } = configOf(env as unknown as Env);
  const real = globalThis.fetch;
  const sent: Sent[] = [];
  globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const body = String(init?.body ?? "");
    if (String(input) !== address || !body.includes(about)) return await real(input, init);
    const now = await fate(body);
    if (now === "away") throw new TypeError("Network connection lost.");
    const { signal: _signal, ...rest } = init ?? {};
    sent.push({ body, again: async () => (await real(input, rest)).status });
    const response = await real(input, init);
    if (now === "fine") return response;
    await response.arrayBuffer();
    throw new TypeError("Network connection lost.");
  };
  try {
    return await run(sent);
  } finally {
    globalThis.fetch = real;
  }
}
