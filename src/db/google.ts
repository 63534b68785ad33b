/** Accounts as Google knows them: by `sub`, the id of the Google account, and first of all by its e-mail. */
import { and, eq, isNull } from "drizzle-orm";
import { type Settings, settings } from "../protocol/users.ts";
import { type Database, isDuplicate, reach } from "./connect.ts";
import { users } from "./schema.ts";

export async function userIdOfGoogle(db: Database, sub: string): Promise<string | undefined> {
  const found = db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.google_sub, sub), isNull(users.deleted_at)));
  return (await reach(found))[0]?.id;
}

export interface Linked {
  id: string;
  settings: Settings;
}

/**
 * Connects the account that has this address, if it is connected to no other.
 * @returns undefined where there is none, or where `sub` was connected to another account meanwhile
 */
export async function linkGoogle(
  db: Database,
  { email, sub, now }: { email: string; sub: string; now: number },
): Promise<Linked | undefined> {
  const linked = db
    .update(users)
    .set({ google_sub: sub, updated_at: new Date(now) })
    .where(and(eq(users.email, email), isNull(users.google_sub), isNull(users.deleted_at)))
    .returning({ id: users.id, settings: users.settings });
  try {
    const [row] = await reach(linked);
    return row && { id: row.id, settings: settings.parse(row.settings) };
  } catch (error) {
    if (isDuplicate(error)) return undefined;
    throw error;
  }
}

export interface NewGoogleUser {
  id: string;
  google_sub: string;
  email: string;
  name: string;
  created_at: Date;
}

/** @returns whether it was made: neither the address nor the Google account had one */
export async function insertGoogleUser(db: Database, user: NewGoogleUser): Promise<boolean> {
  const row = { ...user, updated_at: user.created_at };
  return (await reach(db.insert(users).values(row).onConflictDoNothing().returning({ id: users.id }))).length > 0;
}
