/** What people change of their own accounts. */
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Me, ProfileChange } from "../protocol/users.ts";
import { type Database, reach, sqlState } from "./connect.ts";
import { raisedFacts } from "./people.ts";
import { sessions, users } from "./schema.ts";
import { meOf, myColumns } from "./users.ts";

const uniqueViolation = "23505";

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
    if (sqlState(error) === uniqueViolation) return "taken";
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

export interface Move {
  id: string;
  from: string;
  to: string;
  /** The password that was shown: where it has changed meanwhile, nothing is done. */
  password_hash: string;
}

/** @returns "taken" where the new address has an account */
export function changeEmail(db: Database, { id, from, to, password_hash }: Move): Promise<Me | "taken" | undefined> {
  const unchanged = and(eq(users.id, id), eq(users.email, from), eq(users.password_hash, password_hash));
  return change(db, unchanged, { email: to });
}

export interface NewPassword {
  user_id: string;
  /** As it is hashed now, null where there is none: where it has changed meanwhile, nothing is done. */
  before: string | null;
  password_hash: string;
  /** The session that goes on. */
  session_id: string;
  now: number;
}

/** Sets the password and ends the other sessions, both or neither. @returns the ids of those; undefined where nothing was done */
export async function changePassword(db: Database, wanted: NewPassword): Promise<string[] | undefined> {
  const at = new Date(wanted.now);
  const changed = db.$with("changed").as(
    db
      .update(users)
      .set({ password_hash: wanted.password_hash, updated_at: at })
      .where(
        and(
          eq(users.id, wanted.user_id),
          sql`${users.password_hash} is not distinct from ${wanted.before}`,
          isNull(users.deleted_at),
        ),
      )
      .returning({ id: users.id }),
  );
  const ended = db.$with("ended").as(
    db
      .update(sessions)
      .set({ ended_at: at })
      .from(changed)
      .where(
        and(
          eq(sessions.user_id, sql`${changed.id}`),
          sql`${sessions.id} <> ${wanted.session_id}`,
          isNull(sessions.ended_at),
        ),
      )
      .returning({ id: sessions.id }),
  );
  const done = db.with(changed, ended).select({ ended: sql<string[]>`array(select id from ended)` }).from(changed);
  return (await reach(done))[0]?.ended;
}
