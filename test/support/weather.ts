/** What a backend does to requests about something, on the real wire: the Worker's own `fetch` is cut before or after it. */
import { env } from "cloudflare:workers";
import { configOf, type Env } from "../../src/env.ts";

/** `away`: never sent. `lost`: done, but the answer never came. */
export type Fate = "fine" | "away" | "lost";

/** A request that reached the backend, to be sent again. */
export interface Sent {
  body: string;
  again(): Promise<number>;
}

type Decide = (body: string) => Fate | Promise<Fate>;
type Run<T> = (sent: Sent[]) => Promise<T>;

export function whilePostgres<T>(about: string, fate: Decide, run: Run<T>): Promise<T> {
  return whileBackend(configOf(env as unknown as Env).DATABASE_HTTP_URL, { about, fate }, run);
}

export function whileRedis<T>(about: string, fate: Decide, run: Run<T>): Promise<T> {
  return whileBackend(configOf(env as unknown as Env).UPSTASH_REDIS_REST_URL, { about, fate }, run);
}

export function whileFcm<T>(about: string, fate: Decide, run: Run<T>): Promise<T> {
  return whileBackend(configOf(env as unknown as Env).FCM_BASE_URL, { about, fate }, run);
}

/** @param fate is given the method and the address, too: `PUT http://...` */
export function whileStore<T>(about: string, fate: Decide, run: Run<T>): Promise<T> {
  return whileBackend(configOf(env as unknown as Env).S3_ENDPOINT, { about, fate }, run);
}

/**
 * Decides for each request to a backend that holds `about` (an id) while `run` goes on.
 * @param fate also asynchronous: what it does before it returns is done before the request leaves
 * @returns what `run` gives, and all requests that were sent
 */
async function whileBackend<T>(
  address: string | undefined,
  { about, fate }: { about: string; fate: Decide },
  run: Run<T>,
): Promise<T> {
  const real = globalThis.fetch;
  const sent: Sent[] = [];
  globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const body = String(init?.body ?? "");
    const whole = `${init?.method ?? "GET"} ${String(input)} ${body}`;
    if (!String(input).startsWith(String(address)) || !whole.includes(about)) return await real(input, init);
    const now = await fate(whole);
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
