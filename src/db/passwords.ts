/** A password gives way to another, and with it what the old one let in: one transaction, the account's row locked first. */
import { and, eq, exists, isNull, ne, type SQL, sql } from "drizzle-orm";
import { limits } from "../protocol/limits.ts";
import type { Me } from "../protocol/users.ts";
import { type Database, reach } from "./connect.ts";
import { sessions, trustedDevices, users } from "./schema.ts";
import { type OwnSession, sessionIsAlive } from "./sessions.ts";
import { type Credentials, meOf, myColumns } from "./users.ts";

interface Replacement {
  user_id: string;
  password_hash: string;
  /** What else must be so of the account. */
  condition: SQL | undefined;
  columns?: { google_sub: null };
  /** The session that goes on. */
  except?: string;
  now: number;
}

/** @returns undefined where nothing was done */
async function replacePassword(
  db: Database,
  { user_id, password_hash, condition, columns, except, now }: Replacement,
): Promise<{ user: Me; ended: string[] } | undefined> {
  const at = new Date(now);
  const isAccount = and(eq(users.id, user_id), isNull(users.deleted_at));
  // Each hash has its own salt: only the statement before can have set this one.
  const isDone = exists(
    db
      .select({ id: users.id })
      .from(users)
      .where(and(isAccount, eq(users.password_hash, password_hash))),
  );
  const isOther = except === undefined ? undefined : ne(sessions.id, except);
  const done = db.batch([
    db
      .update(users)
      .set({ password_hash, ...columns, updated_at: at })
      .where(and(isAccount, condition))
      .returning(myColumns),
    db
      .update(sessions)
      .set({ ended_at: at })
      .where(and(eq(sessions.user_id, user_id), isNull(sessions.ended_at), isOther, isDone))
      .returning({ id: sessions.id }),
    db.delete(trustedDevices).where(and(eq(trustedDevices.user_id, user_id), isDone)),
  ]);
  const [changed, ended] = await reach(done);
  const user = changed.map(meOf)[0];
  return user && { user, ended: ended.map(({ id }) => id) };
}

const isPassword = (hash: string | null) => sql`${users.password_hash} is not distinct from ${hash}`;

export interface Reset {
  /** The account as the code found it: one that has another address or password by now is not opened. */
  known: Pick<Credentials, "id" | "email" | "password_hash">;
  password_hash: string;
  now: number;
}

/**
 * Sets the password, ends all sessions, trusts no device any more, and lets Google sign in only to who shows the address
 * there again.
 * @returns undefined where the account is not as it was known
 */
export function resetPassword(
  db: Database,
  { known, password_hash, now }: Reset,
): Promise<{ user: Me; ended: string[] } | undefined> {
  const condition = and(eq(users.email, known.email), isPassword(known.password_hash));
  return replacePassword(db, { user_id: known.id, password_hash, condition, columns: { google_sub: null }, now });
}

export interface NewPassword extends OwnSession {
  /** As it is hashed now, null where there is none: where it has changed meanwhile, nothing is done. */
  before: string | null;
  password_hash: string;
  now: number;
}

/**
 * Sets the password, ends all sessions but the one that asks, and trusts no device any more. That session must be alive,
 * and opened lately where the password is the first one.
 * @returns the ids of those that were ended; undefined where nothing was done
 */
export async function changePassword(db: Database, wanted: NewPassword): Promise<string[] | undefined> {
  const { user_id, session_id, before, password_hash, now } = wanted;
  const openedAfter = before === null ? now - limits.freshSessionMs : undefined;
  const condition = and(isPassword(before), sessionIsAlive(db, wanted, { now, openedAfter }));
  return (await replacePassword(db, { user_id, password_hash, condition, except: session_id, now }))?.ended;
}
