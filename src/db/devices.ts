/** Devices that sign in without a mailed code, until they have not done so for {@link limits.deviceTrustMs}. */
import { and, desc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { limits } from "../protocol/limits.ts";
import { type Database, instant, reach } from "./connect.ts";
import { trustedDevices, users } from "./schema.ts";

export interface NewDevice {
  id: string;
  /** Its owner is who has this session, for as long as it is alive. */
  session_id: string;
  token_hash: string;
  name: string;
  now: number;
}

/**
 * Trusts a device; where the account has too many, the one used longest ago gives way.
 * @returns false where the session has ended by now: what ended it ended the trust, too
 */
export async function insertDevice(db: Database, device: NewDevice): Promise<boolean> {
  const { id, session_id, token_hash, name, now } = device;
  const at = instant(now);
  const trusted = db.execute(sql`
    with owner as (
      select user_id from sessions where id = ${session_id} and ended_at is null for share
    ), surplus as (
      delete from trusted_devices where id in (
        select id from trusted_devices where user_id = (select user_id from owner)
        order by last_used_at desc, id desc offset ${limits.trustedDevices - 1}
      )
    )
    insert into trusted_devices (id, user_id, token_hash, name, trusted_at, last_used_at)
    select ${id}::uuid, user_id, ${token_hash}, ${name}, ${at}, ${at} from owner returning id`);
  return (await reach(trusted)).rows.length > 0;
}

const isTrusted = (now: number) => gt(trustedDevices.last_used_at, new Date(now - limits.deviceTrustMs));

/** The device with this token, if it is one of the account with this address. */
export async function deviceByToken(
  db: Database,
  { token_hash, email, now }: { token_hash: string; email: string; now: number },
): Promise<{ id: string } | undefined> {
  const found = db
    .select({ id: trustedDevices.id })
    .from(trustedDevices)
    .innerJoin(users, and(eq(users.id, trustedDevices.user_id), eq(users.email, email), isNull(users.deleted_at)))
    .where(and(eq(trustedDevices.token_hash, token_hash), isTrusted(now)));
  return (await reach(found))[0];
}

/** The device signed in. @returns false where it is trusted no more */
export async function touchDevice(db: Database, id: string, now: number): Promise<boolean> {
  const touched = db
    .update(trustedDevices)
    .set({ last_used_at: new Date(now) })
    .where(and(eq(trustedDevices.id, id), isTrusted(now)))
    .returning({ id: trustedDevices.id });
  return (await reach(touched)).length > 0;
}

export type StoredDevice = Pick<typeof trustedDevices.$inferSelect, "id" | "name" | "trusted_at" | "last_used_at">;

/** Those of a user, the newest first. @param before the last one of the page before */
export async function devicesOf(
  db: Database,
  userId: string,
  { before, limit, now }: { before: string | undefined; limit: number; now: number },
): Promise<StoredDevice[]> {
  const { id, name, trusted_at, last_used_at } = trustedDevices;
  const found = db
    .select({ id, name, trusted_at, last_used_at })
    .from(trustedDevices)
    .where(
      and(
        eq(trustedDevices.user_id, userId),
        isTrusted(now),
        before === undefined ? undefined : lt(trustedDevices.id, before),
      ),
    )
    .orderBy(desc(trustedDevices.id))
    .limit(limit);
  return await reach(found);
}

/** @returns false where the user has no such device */
export async function deleteDevice(db: Database, userId: string, id: string): Promise<boolean> {
  const deleted = db
    .delete(trustedDevices)
    .where(and(eq(trustedDevices.id, id), eq(trustedDevices.user_id, userId)))
    .returning({ id: trustedDevices.id });
  return (await reach(deleted)).length > 0;
}
