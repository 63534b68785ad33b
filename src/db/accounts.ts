/** What people change of their own accounts. */
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Me, ProfileChange } from "../protocol/users.ts";
import { type Database, isDuplicate, reach } from "./connect.ts";
import { raisedFacts } from "./people.ts";
import { users } from "./schema.ts";
import { type OwnSession, sessionIsAlive } from "./sessions.ts";
import { meOf, myColumns } from "./users.ts";

type Columns = PgUpdateSetSource<typeof users>;

/** One statement. @returns undefined where there is no such account any more; "taken" where somebody else has the same */
async function change(db: Database, condition: SQL | undefined, columns: Columns): Promise<Me | "taken" | undefined> {
  const changed = db
    .update(users)
    .set({ ...columns, updated_at: new Date() })
    .where(and(condition, isNull(users.deleted_at)))
    .returning(myColumns);
  try {
    return (await reach(changed)).map(meOf)[0];
  } catch (error) {
    if (isDuplicate(error)) return "taken";
    throw error;
  }
}

/** @returns "taken" where somebody else has the username, in whatever case */
export function changeProfile(db: Database, id: string, wanted: ProfileChange): Promise<Me | "taken" | undefined> {
  const { name, username, bio, phone_number, settings } = wanted;
  const merged = settings && sql`jsonb_strip_nulls(${users.settings} || ${JSON.stringify(settings)}::jsonb)`;
  const facts_revision = name === undefined && settings === undefined ? undefined : raisedFacts;
  return change(db, eq(users.id, id), { name, username, bio, phone_number, settings: merged, facts_revision });
}

/** @returns oneself now, and the avatar there was; undefined where there is no such account any more. @throws Fault UNAVAILABLE */
export async function changeAvatar(
  db: Database,
  id: string,
  avatar_url: string | null,
): Promise<{ me: Me; before: string | null } | undefined> {
  const before = db.$with("before").as(
    db
      .select({ was: users.avatar_url })
      .from(users)
      .where(and(eq(users.id, id), isNull(users.deleted_at)))
      .for("update"),
  );
  const changed = db
    .with(before)
    .update(users)
    .set({ avatar_url, updated_at: new Date() })
    .from(before)
    .where(eq(users.id, id))
    .returning({ ...myColumns, was: before.was });
  const [row] = await reach(changed);
  if (!row) return undefined;
  const { was, ...mine } = row;
  return { me: meOf(mine), before: was };
}

export interface Move extends OwnSession {
  from: string;
  to: string;
  /** The password that was shown: where it has changed meanwhile, nothing is done. */
  password_hash: string;
  now: number;
}

/**
 * Google knows an account by its address: from now on it is who shows the new one there.
 * @returns "taken" where the new address has an account; undefined also where the session has ended
 */
export function changeEmail(db: Database, move: Move): Promise<Me | "taken" | undefined> {
  const { user_id, from, to, password_hash, now } = move;
  const isAccount = and(eq(users.id, user_id), eq(users.email, from), eq(users.password_hash, password_hash));
  return change(db, and(isAccount, sessionIsAlive(db, move, { now })), { email: to, google_sub: null });
}
