/**
 * Refresh tokens: `session.secret.mac`. The secret of the first is chance; each later one is derived from the token
 * before it, so that the same token always has the same successor and nothing is kept in clear. The mac says that we
 * once issued it: a stranger who knows a session's id cannot make a token that would count as an old one of it.
 */
import { base64url, keyedHash, keyedHashText, sameBytes } from "./secrets.ts";

const form = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{43})\.([\w-]{22})$/;
const macBytes = 16;

function macOf(key: string, sessionId: string, secret: string): string {
  return base64url(keyedHash(key, "refresh-mac", sessionId, secret).subarray(0, macBytes));
}

function tokenOf(key: string, sessionId: string, secret: string): string {
  return `${sessionId}.${secret}.${macOf(key, sessionId, secret)}`;
}

/** @param chance 32 random bytes */
export function firstRefreshToken(key: string, sessionId: string, chance: Uint8Array): string {
  return tokenOf(key, sessionId, base64url(chance));
}

/** What an answer to a shown refresh token needs. The hashes are what is stored. */
export interface ShownRefreshToken {
  session_id: string;
  hash: string;
  next: string;
  next_hash: string;
}

export function refreshHash(key: string, token: string): string {
  return keyedHashText(key, "refresh", token);
}

/** The token, if it is one of ours: whether it is still in force only its session knows. */
export function readRefreshToken(key: string, token: string): ShownRefreshToken | undefined {
  const [, sessionId, secret, mac] = form.exec(token) ?? [];
  if (!sessionId || !secret || !mac || !sameBytes(mac, macOf(key, sessionId, secret))) return undefined;
  const next = tokenOf(key, sessionId, keyedHashText(key, "refresh-next", token));
  return { session_id: sessionId, hash: refreshHash(key, token), next, next_hash: refreshHash(key, next) };
}
