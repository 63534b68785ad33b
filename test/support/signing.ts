/** The first steps of signing in, and what is the same in all answers. */
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { z } from "zod";
import { configOf, type Env } from "../../src/env.ts";
import { type Account, envWith, get, lastCodeTo, newEmail, password, post } from "./accounts.ts";

export const bindings = env as unknown as Env;
export const redisAway = envWith({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" });
export const postgresAway = envWith({ DATABASE_HTTP_URL: "http://127.0.0.1:1/sql" });

/** The clock goes on; a test that calls it ends with `vi.useRealTimers()`. */
export function later(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

/** A code is on its way, and has arrived. */
export interface Started {
  email: string;
  challenge: string;
  code: string;
}

async function started(path: string, email: string, more: object): Promise<Started> {
  const { body } = await post(path, { email, ...more });
  return { email, challenge: body.challenge, code: await lastCodeTo(email) };
}

export const startRegistration = (email = newEmail(), name = "Ann") =>
  started("/auth/register", email, { password, name });
export const startLogin = ({ email }: Pick<Account, "email">) => started("/auth/login", email, { password });
export const startReset = ({ email }: Pick<Account, "email">) => started("/auth/reset-password", email, {});

export async function mayRead(token: string): Promise<number> {
  return (await get("/users/me", { token })).status;
}

export const pending = {
  challenge: expect.stringMatching(/^[\w-]{43}$/),
  expires_at: expect.stringMatching(/T.*\.\d{3}Z$/),
};

export const pair = {
  access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
  token_type: "Bearer",
  expires_in: 1800,
  refresh_token: expect.any(String),
  refresh_expires_in: 2_592_000,
};

/** Problems without what is new in each. */
export const plain = ({ request_id: _id, ...problem }: Record<string, unknown>) => problem;

export interface Counted<T> {
  given: T;
  /** The commands and keys' kinds, in their order. */
  redis: string[];
  /** Round trips. */
  postgres: number;
  hashes: number;
}

/** What objects and letters of before have still to say: how far the archive is, who was signed out, that mail works; and what conversations ask of Postgres, which signing in never does. */
const isByTheWay =
  /"lag"|"ended:|mail:failures|\\"(?:blocks|conversations|invites|media|media_uses|members|messages|push_devices)\\"/;

/** What `run` asks of the backends before it is answered, and how often it hashes: a hash takes salt, or is compared. */
export async function counting<T>(run: () => Promise<T>): Promise<Counted<T>> {
  const { UPSTASH_REDIS_REST_URL: redisUrl, DATABASE_HTTP_URL: postgresUrl } = configOf(bindings);
  const fetched = vi.spyOn(globalThis, "fetch");
  const drawn = vi.spyOn(crypto, "getRandomValues");
  const compared = vi.spyOn(crypto.subtle, "timingSafeEqual");
  try {
    const given = await run();
    const calls = fetched.mock.calls
      .map(([input, init]) => ({ url: String(input), body: String(init?.body ?? "") }))
      .filter(({ body }) => !isByTheWay.test(body));
    const salts = drawn.mock.calls.filter(([array]) => array?.byteLength === 16);
    return {
      given,
      redis: calls.filter(({ url }) => redisUrl && url.startsWith(redisUrl)).map(({ body }) => kindOf(body)),
      postgres: calls.filter(({ url }) => url === postgresUrl).length,
      hashes: salts.length + compared.mock.calls.length,
    };
  } finally {
    for (const spy of [fetched, drawn, compared]) spy.mockRestore();
  }
}

/** A command without what differs from one to the next. */
function kindOf(body: string): string {
  const words = z.array(z.coerce.string()).parse(JSON.parse(body));
  return words.map((word) => /^[a-z]+(?:[:-][a-z]+)*(?=:|$)/i.exec(word)?.[0] ?? "").join(" ");
}
