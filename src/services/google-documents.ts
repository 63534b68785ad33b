/** What Google publishes (OpenID Connect Discovery 1.0): its addresses and its keys. Each isolate keeps them for an hour. */
import { createLocalJWKSet, type LocalJWKSet } from "jose";
import { z } from "zod";
import { log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";

const address = z.url({ protocol: /^https?$/ });

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
});
export type Discovery = z.infer<typeof discovery>;

const rsaKey = z.object({ kty: z.literal("RSA"), kid: z.string(), n: z.string(), e: z.string() });

/** Keys of another kind are none of ours: id tokens are taken with RS256 only. */
const keySet = z
  .object({ keys: z.array(z.unknown()) })
  .transform(({ keys }) => ({ keys: keys.flatMap((key) => rsaKey.safeParse(key).data ?? []) }));

/** @param why a fixed word or a number, for the log: never what came back */
export function googleAway(step: string, why: string | number): Fault {
  log("warn", "google_failed", { step, why });
  return new Fault("UNAVAILABLE", "Google is away", { retry_after_ms: limits.unavailableRetryMs });
}

/** One question and its JSON; followed nowhere, since it may carry the client's secret. @throws Fault UNAVAILABLE */
export async function askGoogle(
  step: string,
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown }> {
  try {
    const signal = AbortSignal.timeout(limits.googleTimeoutMs);
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    throw googleAway(step, error instanceof Error ? error.name : "unknown");
  }
}

async function published<T>(step: string, url: string, schema: z.ZodType<T>): Promise<T> {
  const { status, body } = await askGoogle(step, url);
  const read = schema.safeParse(body);
  if (status !== 200 || !read.success) throw googleAway(step, status);
  return read.data;
}

/** What `ask` gives, kept; a failure is not. Two requests at once both ask: neither may wait for the other's. */
function kept<T>(ask: () => Promise<T>): (isFresh?: boolean) => Promise<T> {
  let held: { value: T; until: number } | undefined;
  return async (isFresh = false) => {
    if (!isFresh && held && held.until > Date.now()) return held.value;
    const value = await ask();
    held = { value, until: Date.now() + limits.googleKnownMs };
    return value;
  };
}

export interface Documents {
  /** @throws Fault UNAVAILABLE, also where another issuer is named */
  discovery(): Promise<Discovery>;
  /** @param isFresh asks again, for a key that is not among those kept. @throws Fault UNAVAILABLE */
  keys(isFresh: boolean): Promise<LocalJWKSet>;
}

export function connectDocuments(issuer: string): Documents {
  const discovered = kept(async () => {
    const found = await published(
      "discovery",
      `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
      discovery,
    );
    if (found.issuer !== issuer) throw googleAway("discovery", "issuer");
    return found;
  });
  const keys = kept(async () => createLocalJWKSet(await published("keys", (await discovered()).jwks_uri, keySet)));
  return { discovery: () => discovered(), keys };
}
