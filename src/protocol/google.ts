/** Sign-in with Google: what comes back from it, what the page is told, what is kept meanwhile. */
import { z } from "zod";
import { id } from "./ids.ts";
import { limits } from "./limits.ts";

/** Where Google sends the browser back to, under PUBLIC_URL. */
export const googleCallbackPath = "/api/v1/auth/google/callback";

const parameter = z.string().max(limits.googleParameterLength).optional();

/** What Google adds to the callback's address. */
export const googleCallback = z.object({ state: parameter, code: parameter, error: parameter });
export type GoogleCallback = z.infer<typeof googleCallback>;

/** OAuth's words (RFC 6749, 4.1.2.1) that the page hears as Google says them; any other becomes `server_error`. */
export const oauthError = z.enum(["access_denied", "temporarily_unavailable", "server_error"]);

/** What the page is told in `?error=`. */
export const googleError = z.enum([...oauthError.options, "email_unverified", "account_conflict"]);
export type GoogleError = z.infer<typeof googleError>;

export const googleExchange = z.object({
  code: z.string().min(1, "must not be empty").max(128, "is not a code"),
});

/** Kept while the browser is at Google. Times in ms since 1970. */
export const googleFlow = z.object({
  nonce: z.string(),
  verifier: z.string(),
  /** Keyed hash of the cookie of the browser that left. */
  browser: z.string(),
  expires_at: z.int(),
});
export type GoogleFlow = z.infer<typeof googleFlow>;

/** Kept until the page exchanges its code for tokens. */
export const googleSignIn = z.object({ user_id: id, sub: z.string(), expires_at: z.int() });
export type GoogleSignIn = z.infer<typeof googleSignIn>;
