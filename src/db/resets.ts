import { and, eq, exists, isNull } from "drizzle-orm";
import type { Me } from "../protocol/users.ts";
import { type Database, reach } from "./connect.ts";
import { sessions, trustedDevices, users } from "./schema.ts";
import { type Credentials, meOf, myColumns } from "./users.ts";

export interface Reset {
  /** The account as the code found it: one that has another address or password by now is not opened. */
  known: Pick<Credentials, "id" | "email" | "password_hash">;
  password_hash: string;
  now: number;
}

/**
 * Sets the password, ends all sessions and trusts no device any more: one transaction.
 * @returns undefined where the account is not as it was known
 */
export async function resetPassword(
  db: Database,
  { known, password_hash, now }: Reset,
): Promise<{ user: Me; ended: string[] } | undefined> {
  const at = new Date(now);
  const { id, email, password_hash: before } = known;
  const isBefore = before === null ? isNull(users.password_hash) : eq(users.password_hash, before);
  const account = and(eq(users.id, id), eq(users.email, email), isNull(users.deleted_at));
  // Each hash has its own salt: only the statement before can have set this one.
  const isDone = exists(
    db
      .select({ id: users.id })
      .from(users)
      .where(and(account, eq(users.password_hash, password_hash))),
  );
  const done = db.batch([
    db.update(users).set({ password_hash, updated_at: at }).where(and(account, isBefore)).returning(myColumns),
    db
      .update(sessions)
      .set({ ended_at: at })
      .where(and(eq(sessions.user_id, id), isNull(sessions.ended_at), isDone))
      .returning({ id: sessions.id }),
    db.delete(trustedDevices).where(and(eq(trustedDevices.user_id, id), isDone)),
  ]);
  const [changed, ended] = await reach(done);
  const user = changed.map(meOf)[0];
  return user && { user, ended: ended.map(({ id }) => id) };
}
