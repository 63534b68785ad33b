/** Google as an OpenID provider: authorization code with PKCE, and the checks of its id token (OpenID Connect Core 1.0, 3.1.3.7). */
import { base64url, errors, type JWTPayload, jwtVerify, type LocalJWKSet } from "jose";
import { z } from "zod";
import { email } from "../protocol/auth.ts";
import type { Config } from "../protocol/config.ts";
import { Fault } from "../protocol/errors.ts";
import { googleCallbackPath } from "../protocol/google.ts";
import { askGoogle, connectDocuments, googleAway } from "./google-documents.ts";

/** What ties a callback to its beginning: chance of 256 bits each. */
export interface GoogleSecrets {
  state: string;
  nonce: string;
  verifier: string;
}

export interface GoogleAccount {
  /** Google's own id of the account: the one that never changes. */
  sub: string;
  email: string;
  isVerified: boolean;
  /** As Google has it: any text. */
  name: string | undefined;
}

export interface Google {
  /** Where the browser is sent. @throws Fault UNAVAILABLE */
  authorizationUrl(secrets: GoogleSecrets): Promise<string>;
  /** Whose the code is. @throws Fault UNAVAILABLE; AUTH_FAILED for a code Google refuses and an id token that is not sound */
  accountOf(code: string, secrets: Pick<GoogleSecrets, "nonce" | "verifier">): Promise<GoogleAccount>;
}

const tokenAnswer = z.object({ id_token: z.string() });

/** Only a word of OAuth's form is repeated. */
const tokenRefusal = z.object({ error: z.string().regex(/^[a-z_]{1,40}$/) });

const claims = z.object({
  sub: z.string().min(1).max(255),
  nonce: z.string(),
  azp: z.string().optional(),
  email,
  email_verified: z.unknown().optional(),
  name: z.string().optional().catch(undefined),
});

/** What an id token may name as its issuer: Google's own may leave out the scheme. */
export function issuersOf(issuer: string): string[] {
  return issuer === "https://accounts.google.com" ? [issuer, "accounts.google.com"] : [issuer];
}

function refused(why: string): Fault {
  return new Fault("AUTH_FAILED", `The sign-in with Google failed: ${why}`);
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url.encode(new Uint8Array(digest));
}

interface Client {
  id: string;
  secret: string;
}

function readClaims(payload: JWTPayload, client: Client, nonce: string): GoogleAccount {
  const read = claims.safeParse(payload);
  if (!read.success) throw refused("the id token lacks a claim");
  const { sub, email, email_verified, name, azp } = read.data;
  if (read.data.nonce !== nonce) throw refused("the id token has another nonce");
  const isShared = Array.isArray(payload.aud) && payload.aud.length > 1;
  if (azp === undefined ? isShared : azp !== client.id) throw refused("the id token is for another client");
  return { sub, email, isVerified: email_verified === true, name };
}

/** @returns undefined where Google is not set up */
export function connectGoogle(
  config: Pick<Config, "GOOGLE_CLIENT_ID" | "GOOGLE_CLIENT_SECRET" | "GOOGLE_ISSUER" | "PUBLIC_URL">,
): Google | undefined {
  const { GOOGLE_CLIENT_ID: id, GOOGLE_CLIENT_SECRET: secret, GOOGLE_ISSUER: issuer } = config;
  if (id === undefined || secret === undefined) return undefined;
  return googleOf({ id, secret }, issuer, new URL(googleCallbackPath, config.PUBLIC_URL).href);
}

function googleOf(client: Client, issuer: string, redirectUri: string): Google {
  const documents = connectDocuments(issuer);

  async function idTokenOf(code: string, verifier: string): Promise<string> {
    const { token_endpoint } = await documents.discovery();
    const form = new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      client_id: client.id,
      client_secret: client.secret,
      code_verifier: verifier,
    });
    const { status, body } = await askGoogle("token", token_endpoint, { method: "POST", body: form });
    const answer = tokenAnswer.safeParse(body);
    if (status === 200 && answer.success) return answer.data.id_token;
    if (status !== 400 && status !== 401) throw googleAway("token", status);
    throw refused(tokenRefusal.safeParse(body).data?.error ?? String(status));
  }

  /** A token comes from Google's own endpoint: a stranger cannot make us ask for keys. */
  async function verified(idToken: string): Promise<JWTPayload> {
    const verify = async (keys: LocalJWKSet) =>
      await jwtVerify(idToken, keys, {
        algorithms: ["RS256"],
        issuer: issuersOf(issuer),
        audience: client.id,
        requiredClaims: ["sub", "iat", "exp"],
      });
    try {
      return (await verify(await documents.keys(false))).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await verify(await documents.keys(true))).payload;
    }
  }

  return {
    async authorizationUrl({ state, nonce, verifier }) {
      const url = new URL((await documents.discovery()).authorization_endpoint);
      const parameters = {
        response_type: "code",
        client_id: client.id,
        redirect_uri: redirectUri,
        scope: "openid email profile",
        state,
        nonce,
        code_challenge: await challengeOf(verifier),
        code_challenge_method: "S256",
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },

    async accountOf(code, { nonce, verifier }) {
      const idToken = await idTokenOf(code, verifier);
      try {
        return readClaims(await verified(idToken), client, nonce);
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        throw refused(error instanceof errors.JWTClaimValidationFailed ? `${error.code} ${error.claim}` : error.code);
      }
    },
  };
}
