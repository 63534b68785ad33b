/** What ties a callback of Google to the browser that left for it, and the code its page exchanges: each is kept once and taken once. */
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { z } from "zod";
import { connect } from "../connect.ts";
import { base64url, keyedHashText, sameBytes } from "../core/secrets.ts";
import { Fault } from "../protocol/errors.ts";
import { type GoogleFlow, type GoogleSignIn, googleFlow, googleSignIn } from "../protocol/google.ts";
import { limits } from "../protocol/limits.ts";
import type { GoogleSecrets } from "../services/google.ts";
import type { AppContext } from "./context.ts";

type Purpose = "google-state" | "google-code";

/** 256 bits. */
const chance = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** Who reads the cache can show nothing of what they find there. */
function placeOf(c: AppContext, purpose: Purpose, secret: string): string {
  return `${purpose}:${keyedHashText(connect(c.env).config.CODE_KEY, purpose, secret)}`;
}

interface Kept<T> {
  value: T;
  /** Takes it away. @returns whether nobody else did meanwhile */
  take(): Promise<boolean>;
}

async function look<T extends { expires_at: number }>(
  c: AppContext,
  place: string,
  schema: z.ZodType<T>,
): Promise<Kept<T> | undefined> {
  const { cache } = connect(c.env);
  const text = await cache.read(place);
  // One that an older version kept in another form has ended.
  const read = text === undefined ? undefined : schema.safeParse(JSON.parse(text));
  if (text === undefined || !read?.success || read.data.expires_at <= Date.now()) return undefined;
  return { value: read.data, take: () => cache.swap(place, text, undefined) };
}

/** Each flow has a cookie of its own: tabs that leave for Google together come back in any order. */
const cookiePrefix = "pingme-google-";
const cookieOf = (state: string) => `${cookiePrefix}${state.slice(0, 8)}`;
const cookieRules = { prefix: "host", httpOnly: true, sameSite: "Lax" } as const;

function browserMark(c: AppContext, cookie: string): string {
  return keyedHashText(connect(c.env).config.CODE_KEY, "google-state", "browser", cookie);
}

/** A browser sends its oldest cookies first (RFC 6265, 5.4). */
function forgetOldest(c: AppContext): void {
  const names = Object.keys(getCookie(c)).filter((name) => name.startsWith(`__Host-${cookiePrefix}`));
  for (const name of names.slice(0, Math.max(0, names.length - limits.googleFlows + 1))) {
    deleteCookie(c, name.slice("__Host-".length), cookieRules);
  }
}

export const newSecrets = (): GoogleSecrets => ({ state: chance(), nonce: chance(), verifier: chance() });

/** @throws Fault UNAVAILABLE */
export async function keepFlow(c: AppContext, { state, nonce, verifier }: GoogleSecrets): Promise<void> {
  const cookie = chance();
  const expires_at = Date.now() + limits.googleFlowMs;
  const flow: GoogleFlow = { nonce, verifier, browser: browserMark(c, cookie), expires_at };
  await connect(c.env).cache.put(placeOf(c, "google-state", state), JSON.stringify(flow), limits.googleFlowMs);
  forgetOldest(c);
  setCookie(c, cookieOf(state), cookie, { ...cookieRules, maxAge: limits.googleFlowMs / 1000 });
}

export const badState = () =>
  new Fault("INVALID_MESSAGE", "This sign-in was not begun in this browser, or is over: begin again");

/**
 * The flow that this browser began with this state, once. Another browser's is left as it is.
 * @throws Fault INVALID_MESSAGE, UNAVAILABLE
 */
export async function takeFlow(c: AppContext, state: string | undefined): Promise<GoogleFlow> {
  const cookie = state && getCookie(c, cookieOf(state), "host");
  if (!state || !cookie) throw badState();
  const kept = await look(c, placeOf(c, "google-state", state), googleFlow);
  if (!kept || !sameBytes(kept.value.browser, browserMark(c, cookie))) throw badState();
  if (!(await kept.take())) throw badState();
  deleteCookie(c, cookieOf(state), cookieRules);
  return kept.value;
}

/** Whom the callback has found, and the Google account that found them. */
type Found = Omit<GoogleSignIn, "expires_at">;

/** A code for tokens. @throws Fault UNAVAILABLE */
export async function keepSignIn(c: AppContext, found: Found): Promise<string> {
  const code = chance();
  const signIn: GoogleSignIn = { ...found, expires_at: Date.now() + limits.googleCodeMs };
  await connect(c.env).cache.put(placeOf(c, "google-code", code), JSON.stringify(signIn), limits.googleCodeMs);
  return code;
}

/** Whom a code signs in, once; undefined for one that is unknown, used or over. @throws Fault UNAVAILABLE */
export async function takeSignIn(c: AppContext, code: string): Promise<Found | undefined> {
  const kept = await look(c, placeOf(c, "google-code", code), googleSignIn);
  return kept && (await kept.take()) ? kept.value : undefined;
}
