/** Devices that are pushed to. One goes with the session that registered it; its token is one user's at a time. */
import { and, asc, eq, inArray, isNull, ne, or, sql } from "drizzle-orm";
import { limits } from "../protocol/limits.ts";
import type { Platform } from "../protocol/push.ts";
import type { Settings } from "../protocol/users.ts";
import { type Database, instant, isDuplicate, reach } from "./connect.ts";
import { conversations, members, messages, pushDevices, sessions, users } from "./schema.ts";
import { isAlive, type OwnSession } from "./sessions.ts";
import { settingsOf } from "./users.ts";

export interface PushDevice extends OwnSession {
  device_id: string;
  token: string;
  platform: Platform;
  now: number;
}

/**
 * Registers a device, or anew; its token moves here from wherever it was. Where the user has too many, the one registered
 * longest ago gives way.
 * @returns false where the session has ended
 */
export async function putDevice(db: Database, device: PushDevice): Promise<boolean> {
  try {
    return await put(db, device);
  } catch (error) {
    // Somebody registered the same token at the same moment: now it is there to be moved.
    if (!isDuplicate(error)) throw error;
    return await put(db, device);
  }
}

async function put(db: Database, device: PushDevice): Promise<boolean> {
  const { user_id, session_id, device_id, token, platform, now } = device;
  const living = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, session_id), eq(sessions.user_id, user_id), isAlive(now)));
  const elsewhere = or(ne(pushDevices.user_id, user_id), ne(pushDevices.device_id, device_id));
  const surplus = db
    .select({ device_id: pushDevices.device_id })
    .from(pushDevices)
    .where(eq(pushDevices.user_id, user_id))
    .orderBy(sql`${pushDevices.registered_at} desc, ${pushDevices.device_id} desc`)
    .offset(limits.pushDevices);
  const [, made] = await reach(
    db.batch([
      db.delete(pushDevices).where(and(eq(pushDevices.token, token), elsewhere, sql`exists ${living}`)),
      db.execute(sql`
        insert into push_devices (user_id, device_id, session_id, token, platform, registered_at)
        select ${user_id}::uuid, ${device_id}, id, ${token}, ${platform}, ${instant(now)} from ${living} as living
        on conflict (user_id, device_id) do update set session_id = excluded.session_id, token = excluded.token,
          platform = excluded.platform, registered_at = excluded.registered_at
        returning device_id`),
      db.delete(pushDevices).where(and(eq(pushDevices.user_id, user_id), inArray(pushDevices.device_id, surplus))),
    ]),
  );
  return made.rows.length > 0;
}

export async function deleteDevice(db: Database, userId: string, deviceId: string): Promise<void> {
  const own = and(eq(pushDevices.user_id, userId), eq(pushDevices.device_id, deviceId));
  await reach(db.delete(pushDevices).where(own));
}

/** A token is of no use any more; one that has moved meanwhile is somebody else's to find out. */
export async function deleteToken(db: Database, userId: string, token: string): Promise<void> {
  const own = and(eq(pushDevices.user_id, userId), eq(pushDevices.token, token));
  await reach(db.delete(pushDevices).where(own));
}

export type PushTarget = Pick<PushDevice, "device_id" | "token" | "platform">;

/** Where a user is pushed to now, and what they have chosen; no devices: also where the account is gone. */
export async function targetsOf(
  db: Database,
  userId: string,
  now: number,
): Promise<{ devices: PushTarget[]; settings: Settings }> {
  const { device_id, token, platform } = pushDevices;
  const found = db
    .select({ device_id, token, platform, settings: users.settings })
    .from(pushDevices)
    .innerJoin(sessions, and(eq(sessions.id, pushDevices.session_id), isAlive(now)))
    .innerJoin(users, and(eq(users.id, pushDevices.user_id), isNull(users.deleted_at)))
    .where(eq(pushDevices.user_id, userId))
    .orderBy(asc(device_id));
  const rows = await reach(found);
  return { devices: rows.map(({ settings: _, ...device }) => device), settings: settingsOf(rows[0]?.settings ?? {}) };
}

/**
 * Unread messages in conversations that are not muted, as the archive has them; of one at most so many. Each conversation
 * is looked up by itself, as in lists: joined, whole tables would be read for who is in thousands.
 */
export async function unreadElsewhere(
  db: Database,
  userId: string,
  { except, now }: { except: readonly string[]; now: number },
): Promise<number> {
  const counted = db.execute<{ count: string }>(sql`
    select coalesce(sum(later.count), 0) as count
    from ${members} as own
    cross join lateral (
      select 1 from ${conversations} as one where one.id = own.conversation_id and one.deleted_at is null limit 1
    ) as there
    cross join lateral (
      select count(*) from (
        select 1 from ${messages} as one
        where one.conversation_id = own.conversation_id and one.sequence > own.read
          and one.sender_id <> ${userId} and not one.is_deleted
        limit ${limits.pushCounted}
      ) as unread
    ) as later
    where own.user_id = ${userId} and own.left_at is null
      and (own.muted_until is null or own.muted_until <= ${instant(now)})
      and own.conversation_id <> all (${sql.param(`{${except.join(",")}}`)}::uuid[])`);
  return Number((await reach(counted)).rows[0]?.count ?? 0);
}
