import { and, eq, gt, isNull, ne, sql } from "drizzle-orm";
import { limits } from "../protocol/limits.ts";
import { type Database, reach } from "./connect.ts";
import { sessions, users } from "./schema.ts";

export interface NewSession {
  id: string;
  user_id: string;
  refresh_hash: string;
  device: string;
  country: string | null;
  now: number;
}

const refreshEnd = (now: number) => new Date(now + limits.refreshTokenMs);

export async function insertSession(db: Database, { now, ...session }: NewSession): Promise<void> {
  const at = new Date(now);
  const row = { ...session, rotated_at: at, created_at: at, last_used_at: at, expires_at: refreshEnd(now) };
  await reach(db.insert(sessions).values(row));
}

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
  const at = sql`${new Date(now).toISOString()}::timestamptz`;
  const graceFrom = sql`${new Date(now - limits.refreshGraceMs).toISOString()}::timestamptz`;
  const end = sql`${refreshEnd(now).toISOString()}::timestamptz`;
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
    .where(
      and(
        eq(sessions.id, session_id),
        eq(users.id, sessions.user_id),
        isNull(users.deleted_at),
        isNull(sessions.ended_at),
        gt(sessions.expires_at, new Date(now)),
      ),
    )
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
        isNull(sessions.ended_at),
        gt(sessions.expires_at, new Date(now)),
        except === undefined ? undefined : ne(sessions.id, except),
        only === undefined ? undefined : eq(sessions.id, only),
      ),
    )
    .returning({ id: sessions.id });
  return (await reach(ended)).map(({ id }) => id);
}
