/** Sessions as the routes of accounts open, continue and end them. */
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { firstRefreshToken, readRefreshToken, refreshHash } from "../core/refresh.ts";
import { endSession as endStoredSession, insertSession, rotateSession } from "../db/sessions.ts";
import { log } from "../log.ts";
import type { TokenPair } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { AppContext } from "./context.ts";

/** What the client says it is, for the list of sessions: one line of harmless characters. */
function deviceOf(c: AppContext): string {
  const agent = c.req.header("User-Agent") ?? "";
  return agent
    .replace(/[^\x20-\x7e]/g, "")
    .trim()
    .slice(0, limits.deviceLength);
}

function countryOf(c: AppContext): string | null {
  const country = c.req.raw.cf?.country;
  return typeof country === "string" && /^[A-Z][A-Z0-9]$/.test(country) ? country : null;
}

function pair(access: string, refresh: string, refreshEndsInMs: number): TokenPair {
  return {
    access_token: access,
    token_type: "Bearer",
    expires_in: limits.accessTokenMs / 1000,
    refresh_token: refresh,
    refresh_expires_in: Math.floor(refreshEndsInMs / 1000),
  };
}

export async function openSession(c: AppContext, user: { id: string; name: string }): Promise<TokenPair> {
  const { config, db, tokens } = connect(c.env);
  const now = Date.now();
  const id = newId(now);
  const refresh = firstRefreshToken(config.CODE_KEY, id, crypto.getRandomValues(new Uint8Array(32)));
  await insertSession(db, {
    id,
    user_id: user.id,
    refresh_hash: refreshHash(config.CODE_KEY, refresh),
    device: deviceOf(c),
    country: countryOf(c),
    now,
  });
  return pair(await tokens.issue(user, id, now), refresh, limits.refreshTokenMs);
}

const refused = () => new Fault("AUTH_FAILED", "The refresh token was not accepted: sign in again");

/** The next pair for a refresh token; an old one of the session ends it. @throws Fault AUTH_FAILED */
export async function continueSession(c: AppContext, refreshToken: string): Promise<TokenPair> {
  const { config, db, tokens } = connect(c.env);
  const shown = readRefreshToken(config.CODE_KEY, refreshToken);
  if (!shown) throw refused();
  const { session_id, hash, next_hash } = shown;
  const now = Date.now();
  const rotated = await rotateSession(db, { session_id, hash, next_hash, now });
  if (!rotated) throw refused();
  if (rotated.ended) {
    log("warn", "refresh_token_reused", { request_id: c.get("requestId"), session_id, user_id: rotated.user_id });
    await tellEnded(c, rotated.user_id, session_id);
    throw refused();
  }
  const access = await tokens.issue({ id: rotated.user_id, name: rotated.user_name }, session_id, now);
  return pair(access, shown.next, rotated.expires_at.getTime() - now);
}

export async function endSession(c: AppContext, userId: string, sessionId: string): Promise<void> {
  await endStoredSession(connect(c.env).db, sessionId, Date.now());
  await tellEnded(c, userId, sessionId);
}

/** The session is over in Postgres: its access tokens are refused and its sockets close. Each is told though the other fails. */
async function tellEnded(c: AppContext, userId: string, sessionId: string): Promise<void> {
  const { cache } = connect(c.env);
  const users = c.env.USERS;
  const told = await Promise.allSettled([
    cache.endSession(sessionId),
    users.get(users.idFromName(userId)).revoke(sessionId),
  ]);
  for (const [index, result] of told.entries()) {
    if (result.status === "fulfilled") continue;
    const untold = index === 0 ? "cache" : "object";
    log("error", "session_end_untold", { request_id: c.get("requestId"), session_id: sessionId, untold });
  }
}
