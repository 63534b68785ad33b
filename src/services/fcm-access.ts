/** The access token FCM wants: OAuth's JWT-bearer grant (RFC 7523) with a service account's key. Each isolate keeps one. */
import { type CryptoKey, importPKCS8, SignJWT } from "jose";
import { z } from "zod";
import { log } from "../log.ts";
import { limits } from "../protocol/limits.ts";
import type { ServiceAccount } from "../protocol/push.ts";
import { readJson } from "../protocol/text.ts";

const algorithm = "RS256";
const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const scope = "https://www.googleapis.com/auth/firebase.messaging";
const assertionSeconds = 3_600;

const granted = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** Not now: again in so many ms, or later. */
export interface Later {
  as: "later";
  afterMs: number;
}

export interface Reply {
  status: number;
  /** Undefined where it is no JSON. */
  body: unknown;
  retryAfterMs: number | undefined;
}

/** One question, sent nowhere else, since it carries a secret; undefined: there was no answer. */
export async function ask(url: string, init: RequestInit): Promise<Reply | undefined> {
  const late = new AbortController();
  // It ends with the answer: an object with a timer cannot sleep.
  const timer = setTimeout(() => late.abort(), limits.pushTimeoutMs);
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal: late.signal });
    const body = await response.text();
    const retryAfterMs = waitOf(response.headers.get("Retry-After"));
    return { status: response.status, body: readJson(body), retryAfterMs };
  } catch (error) {
    log("warn", "push_unanswered", { why: error instanceof Error ? error.name : "unknown" });
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. */
function waitOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** @param reply undefined where there was none */
export function laterOf(reply: Reply | undefined): Later {
  const usualMs = reply?.status === 429 ? limits.pushQuotaRetryMs : limits.pushRetryMs;
  return { as: "later", afterMs: reply?.retryAfterMs ?? usualMs };
}

export interface Access {
  /** @param refused the one FCM did not take: it is not given again */
  token(refused?: string): Promise<string | Later>;
}

export function connectAccess(account: ServiceAccount): Access {
  let key: CryptoKey | undefined;
  let held: { token: string; until: number } | undefined;
  /** ms, until when somebody's question for the next token may be out. */
  let renewingUntil = 0;
  let failed: { later: Later; at: number } | undefined;

  async function assertion(): Promise<string> {
    key ??= await importPKCS8(account.private_key, algorithm);
    const seconds = Math.floor(Date.now() / 1_000);
    return await new SignJWT({ scope })
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setIssuer(account.client_email)
      .setAudience(account.token_uri)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + assertionSeconds)
      .sign(key);
  }

  async function renew(): Promise<string | Later> {
    const form = new URLSearchParams({ grant_type: grantType, assertion: await assertion() });
    const reply = await ask(account.token_uri, { method: "POST", body: form });
    const answer = granted.safeParse(reply?.body);
    if (reply?.status === 200 && answer.success) {
      const { access_token: token, expires_in } = answer.data;
      held = { token, until: Date.now() + expires_in * 1_000 };
      return token;
    }
    // A key that Google refuses is somebody's to mend: until then nothing can be pushed.
    log(reply && reply.status < 500 ? "error" : "warn", "push_access_failed", { status: reply?.status });
    failed = { later: laterOf(reply), at: Date.now() };
    return failed.later;
  }

  /** One question at a time: the promise of another request's cannot be shared, but what came of it can. */
  async function renewAlone(): Promise<string | Later | undefined> {
    if (renewingUntil > Date.now()) return undefined;
    renewingUntil = Date.now() + limits.pushTimeoutMs;
    try {
      return await renew();
    } finally {
      renewingUntil = 0;
    }
  }

  return {
    async token(refused) {
      const since = Date.now();
      if (held?.token === refused) held = undefined;
      for (;;) {
        const leftMs = held ? held.until - Date.now() : 0;
        if (held && leftMs > limits.pushAccessSlackMs) return held.token;
        const current = leftMs > 0 ? held?.token : undefined;
        const renewed = await renewAlone();
        // Near its end it is good still, for who finds another at renewing it, or Google away.
        if (typeof renewed === "string") return renewed;
        if (current !== undefined) return current;
        if (renewed) return renewed;
        if (failed && failed.at > since) return failed.later;
        await scheduler.wait(limits.pushAccessWaitMs);
      }
    },
  };
}
