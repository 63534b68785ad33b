/** Sessions as the routes of accounts open, continue and end them. */
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { backoffMs } from "../core/backoff.ts";
import { firstRefreshToken, readRefreshToken, refreshHash } from "../core/refresh.ts";
import { endSessions as endStoredSessions, insertSession, rotateSession, type WhichSessions } from "../db/sessions.ts";
import { type LogFields, log } from "../log.ts";
import type { TokenPair } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { AppContext } from "./context.ts";
import { setRefreshCookie, wantsCookie } from "./session-cookie.ts";

/** What the client says it is, for lists of sessions and devices: one line of harmless characters. */
export function deviceOf(c: AppContext): string {
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

/** The pair as the caller wants it: with `X-Session: cookie` the refresh token goes into the cookie and nowhere else. */
function handOver(c: AppContext, access: string, refresh: string, refreshEndsInMs: number): TokenPair {
  const seconds = Math.floor(refreshEndsInMs / 1000);
  const inCookie = wantsCookie(c);
  if (inCookie) setRefreshCookie(c, refresh, seconds);
  return {
    access_token: access,
    token_type: "Bearer",
    expires_in: limits.accessTokenMs / 1000,
    ...(inCookie ? {} : { refresh_token: refresh }),
    refresh_expires_in: seconds,
  };
}

/** Who is let in. */
export interface Entrant {
  id: string;
  name: string;
  /** Where a password let them in: the account's, as it was then. With another one by now it does not. */
  password_hash?: string | null;
  /** Where Google let them in: the account there. Connected no more by now, it does not. */
  google_sub?: string;
}

/** A session that was opened just now. */
export interface Opened {
  session_id: string;
  tokens: TokenPair;
}

export const accountChanged = () =>
  new Fault("GONE", "The account is not there any more, or is not as it was: start again");

/** Opens a session, in the cookie where the caller wants that. @throws Fault GONE where the account is not as it was */
export async function beginSession(c: AppContext, entrant: Entrant): Promise<Opened> {
  const { config, db, tokens } = connect(c.env);
  const now = Date.now();
  const id = newId(now);
  const refresh = firstRefreshToken(config.CODE_KEY, id, crypto.getRandomValues(new Uint8Array(32)));
  const { password_hash, google_sub } = entrant;
  const surplus = await insertSession(db, {
    id,
    user_id: entrant.id,
    refresh_hash: refreshHash(config.CODE_KEY, refresh),
    device: deviceOf(c),
    country: countryOf(c),
    now,
    ...(password_hash === undefined ? {} : { password_hash }),
    ...(google_sub === undefined ? {} : { google_sub }),
  });
  if (!surplus) throw accountChanged();
  await tellEnded(c, entrant.id, surplus);
  const access = await tokens.issue(entrant, id, now);
  return { session_id: id, tokens: handOver(c, access, refresh, limits.refreshTokenMs) };
}

/** {@link beginSession} for who needs the tokens alone. */
export async function openSession(c: AppContext, entrant: Entrant): Promise<TokenPair> {
  return (await beginSession(c, entrant)).tokens;
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
    await tellEnded(c, rotated.user_id, [session_id]);
    throw refused();
  }
  const access = await tokens.issue({ id: rotated.user_id, name: rotated.user_name }, session_id, now);
  return handOver(c, access, shown.next, rotated.expires_at.getTime() - now);
}

/** Ends sessions of a user: in Postgres first, then {@link tellEnded}. @returns the ids of those that were alive */
export async function endSessions(c: AppContext, userId: string, which: WhichSessions = {}): Promise<string[]> {
  const ended = await endStoredSessions(connect(c.env).db, userId, which, Date.now());
  await tellEnded(c, userId, ended);
  return ended;
}

/**
 * Sessions are over in Postgres: their access tokens are refused and their sockets close. The user's object promises it;
 * Redis is told here, too, so that it is so at once. An object that is away is told again after the answer.
 */
export async function tellEnded(c: AppContext, userId: string, sessionIds: string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  const { USERS } = c.env;
  const tell = () => isTold(USERS.get(USERS.idFromName(userId)).revoke(sessionIds));
  const [isPromised] = await Promise.all([tell(), isTold(connect(c.env).cache.endSessions(sessionIds))]);
  if (isPromised) return;
  const fields = { request_id: c.get("requestId"), user_id: userId, sessions: sessionIds.length };
  c.executionCtx.waitUntil(tellAgain(tell, fields));
}

function isTold(telling: Promise<void>): Promise<boolean> {
  return telling.then(
    () => true,
    () => false,
  );
}

async function tellAgain(tell: () => Promise<boolean>, fields: LogFields): Promise<void> {
  for (let attempt = 1; attempt <= limits.endingRepeats; attempt++) {
    await scheduler.wait(backoffMs(attempt, Math.random()));
    if (await tell()) return;
  }
  log("error", "session_end_untold", fields);
}
