import { and, desc, eq, exists, gt, inArray, isNull, lt, ne, or, type SQL, sql } from "drizzle-orm";
import { limits } from "../protocol/limits.ts";
import { type Database, instant, reach } from "./connect.ts";
import { sessions, users } from "./schema.ts";

export interface NewSession {
  id: string;
  user_id: string;
  refresh_hash: string;
  device: string;
  country: string | null;
  now: number;
  /** The account's, as it was when its owner was let in: with another one by now no session is opened. */
  password_hash?: string | null;
  /** The Google account that let them in: it must be connected still. */
  google_sub?: string;
}

function isAsKnown({ user_id, password_hash, google_sub }: NewSession): SQL | undefined {
  return and(
    eq(users.id, user_id),
    isNull(users.deleted_at),
    password_hash === undefined ? undefined : sql`${users.password_hash} is not distinct from ${password_hash}`,
    google_sub === undefined ? undefined : eq(users.google_sub, google_sub),
  );
}

/**
 * Opens a session beside those that are alive, of which it ends the ones used longest ago where they are too many; those
 * that are over for longer than any token of theirs are forgotten. The lock makes this and what ends all sessions of the
 * account (a reset, a deletion) one after the other.
 * @returns the ids of those it ended; undefined where the account is not there any more, or not as it was
 */
export async function insertSession(db: Database, session: NewSession): Promise<string[] | undefined> {
  const { id, user_id, refresh_hash, device, country, now } = session;
  const at = new Date(now);
  const owner = db.select({ id: users.id }).from(users).where(isAsKnown(session));
  const surplus = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.user_id, user_id), isAlive(now)))
    .orderBy(desc(sessions.last_used_at), desc(sessions.id))
    .offset(limits.sessionsPerUser - 1);
  const [, ended, , opened] = await reach(
    db.batch([
      owner.for("no key update"),
      db
        .update(sessions)
        .set({ ended_at: at })
        .where(and(inArray(sessions.id, surplus), exists(owner)))
        .returning({ id: sessions.id }),
      db.delete(sessions).where(inArray(sessions.id, over(db, user_id, now))),
      db.execute<{ id: string }>(sql`
        insert into sessions
          (id, user_id, refresh_hash, device, country, rotated_at, created_at, last_used_at, expires_at)
        select ${id}::uuid, id, ${refresh_hash}, ${device}, ${country}, ${instant(now)}, ${instant(now)}, ${instant(now)},
          ${instant(now + limits.refreshTokenMs)}
        from ${owner} as owner returning id`),
    ]),
  );
  return opened.rows.length === 0 ? undefined : ended.map((row) => row.id);
}

/** Some of those no token of which can be alive. */
function over(db: Database, userId: string, now: number) {
  const before = new Date(now - limits.endedSessionMs);
  return db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.user_id, userId), or(lt(sessions.ended_at, before), lt(sessions.expires_at, before))))
    .limit(limits.sessionsForgotten);
}

/** A session, and whose it is. */
export interface OwnSession {
  user_id: string;
  session_id: string;
}

/** What a statement demands whose asker may have been signed out since. */
export function sessionIsAlive(
  db: Database,
  { user_id, session_id }: OwnSession,
  { now, openedAfter }: { now: number; openedAfter?: number | undefined },
): SQL {
  const isLate = openedAfter === undefined ? undefined : gt(sessions.created_at, new Date(openedAfter));
  const found = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, session_id), eq(sessions.user_id, user_id), isAlive(now), isLate));
  return exists(found);
}

export interface StoredSession {
  id: string;
  device: string;
  country: string | null;
  created_at: Date;
  last_used_at: Date;
}

/** Those of a user that are alive, the newest first. @param before the last one of the page before */
export async function sessionsOf(
  db: Database,
  userId: string,
  { before, limit, now }: { before: string | undefined; limit: number; now: number },
): Promise<StoredSession[]> {
  const { id, device, country, created_at, last_used_at } = sessions;
  const found = db
    .select({ id, device, country, created_at, last_used_at })
    .from(sessions)
    .where(and(eq(sessions.user_id, userId), isAlive(now), before === undefined ? undefined : lt(id, before)))
    .orderBy(desc(id))
    .limit(limit);
  return await reach(found);
}

export const isAlive = (now: number) => and(isNull(sessions.ended_at), gt(sessions.expires_at, new Date(now)));

export interface Rotation {
  session_id: string;
  /** Of the token that was shown, and of its successor. */
  hash: string;
  next_hash: string;
  now: number;
}

export interface Rotated {
  user_id: string;
  user_name: string;
  /** The token was an old one: the session is over. */
  ended: boolean;
  expires_at: Date;
}

/**
 * What showing a refresh token of a session does, in one statement, so that two at once are one after the other: the
 * token in force gives way to its successor; the one just replaced changes nothing; any other ends the session.
 * @returns undefined where the session has ended or its user is gone
 */
export async function rotateSession(
  db: Database,
  { session_id, hash, next_hash, now }: Rotation,
): Promise<Rotated | undefined> {
  const at = instant(now);
  const graceFrom = instant(now - limits.refreshGraceMs);
  const end = instant(now + limits.refreshTokenMs);
  const isInForce = sql`${sessions.refresh_hash} = ${hash}`;
  const isJustReplaced = sql`(${sessions.previous_hash} = ${hash} and ${sessions.rotated_at} >= ${graceFrom})`;
  const rotated = db
    .update(sessions)
    .set({
      refresh_hash: sql`case when ${isInForce} then ${next_hash} else ${sessions.refresh_hash} end`,
      previous_hash: sql`case when ${isInForce} then ${hash} else ${sessions.previous_hash} end`,
      rotated_at: sql`case when ${isInForce} then ${at} else ${sessions.rotated_at} end`,
      expires_at: sql`case when ${isInForce} then ${end} else ${sessions.expires_at} end`,
      ended_at: sql`case when ${isInForce} or ${isJustReplaced} then null else ${at} end`,
      last_used_at: at,
    })
    .from(users)
    .where(and(eq(sessions.id, session_id), eq(users.id, sessions.user_id), isNull(users.deleted_at), isAlive(now)))
    .returning({
      user_id: sessions.user_id,
      user_name: users.name,
      ended_at: sessions.ended_at,
      expires_at: sessions.expires_at,
    });
  const row = (await reach(rotated))[0];
  return (
    row && { user_id: row.user_id, user_name: row.user_name, ended: row.ended_at !== null, expires_at: row.expires_at }
  );
}

/** Which of a user's sessions: all of them, or all but one, or only one. */
export interface WhichSessions {
  except?: string | undefined;
  only?: string | undefined;
}

/** Ends those that are alive. @returns their ids */
export async function endSessions(
  db: Database,
  userId: string,
  { except, only }: WhichSessions,
  now: number,
): Promise<string[]> {
  const ended = db
    .update(sessions)
    .set({ ended_at: new Date(now) })
    .where(
      and(
        eq(sessions.user_id, userId),
        isAlive(now),
        except === undefined ? undefined : ne(sessions.id, except),
        only === undefined ? undefined : eq(sessions.id, only),
      ),
    )
    .returning({ id: sessions.id });
  return (await reach(ended)).map(({ id }) => id);
}
