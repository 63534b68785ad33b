import { and, eq, exists, isNull } from "drizzle-orm";
import type { Me } from "../protocol/users.ts";
import { type Database, reach } from "./connect.ts";
import { sessions, trustedDevices, users } from "./schema.ts";
import { meOf, myColumns } from "./users.ts";

export interface Reset {
  user_id: string;
  /** Where the code went: it opens only the account that still has this address. */
  email: string;
  password_hash: string;
  now: number;
}

/**
 * Sets the password, ends all sessions and trusts no device any more: one transaction.
 * @returns undefined where the account is not there under this address any more
 */
export async function resetPassword(
  db: Database,
  { user_id, email, password_hash, now }: Reset,
): Promise<{ user: Me; ended: string[] } | undefined> {
  const at = new Date(now);
  const isOwner = and(eq(users.id, user_id), eq(users.email, email), isNull(users.deleted_at));
  const owner = exists(db.select({ id: users.id }).from(users).where(isOwner));
  const done = db.batch([
    db.update(users).set({ password_hash, updated_at: at }).where(isOwner).returning(myColumns),
    db
      .update(sessions)
      .set({ ended_at: at })
      .where(and(eq(sessions.user_id, user_id), isNull(sessions.ended_at), owner))
      .returning({ id: sessions.id }),
    db.delete(trustedDevices).where(and(eq(trustedDevices.user_id, user_id), owner)),
  ]);
  const [changed, ended] = await reach(done);
  const user = changed.map(meOf)[0];
  return user && { user, ended: ended.map(({ id }) => id) };
}
