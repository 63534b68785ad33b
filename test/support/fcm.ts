/** The embedded FCM, for tests inside workerd: what it was given for a device, and how it is to answer. */
import { inject } from "vitest";
import { newId } from "../../src/chance.ts";
import { putDevice } from "../../src/db/push-devices.ts";
import { insertSession } from "../../src/db/sessions.ts";
import type { Manners } from "../../src/local/fcm-manners.ts";
import type { FcmMessage, Platform } from "../../src/protocol/push.ts";
import { db, insideUser, type Someone, until, userObject } from "./room.ts";

/** A registration token nobody else has. */
export const newToken = () => `token:${newId()}`;

/** What a device was sent so far. */
export async function pushesTo(token: string): Promise<FcmMessage[]> {
  const response = await fetch(`${inject("fcm")}/api/pushes?token=${encodeURIComponent(token)}`);
  const pushes: { message: FcmMessage }[] = await response.json();
  return pushes.map(({ message }) => message);
}

/** How pushes to a device fare from now on. */
export async function fares(token: string, manners: Manners): Promise<void> {
  const url = `${inject("fcm")}/api/tokens/${encodeURIComponent(token)}`;
  const response = await fetch(url, { method: "PUT", body: JSON.stringify(manners) });
  if (!response.ok) throw new Error(await response.text());
}

/** Somebody signed in on so many devices, all of which are pushed to. @returns their tokens */
export async function pushedTo(who: Someone, platforms: Platform[] = ["android"]): Promise<string[]> {
  const { id: user_id, actor } = who;
  const { session_id } = actor;
  const now = Date.now();
  await insertSession(db, { id: session_id, user_id, refresh_hash: newId(), device: "test", country: null, now });
  const devices = platforms.map((platform, at) => ({ platform, device_id: `device-${at}`, token: newToken() }));
  for (const device of devices) await putDevice(db, { user_id, session_id, now, ...device });
  await userObject(who).pushable();
  return devices.map(({ token }) => token);
}

/** As many pushes to a device as are awaited. */
export async function awaitedPushes(token: string, count: number): Promise<FcmMessage[]> {
  return await until(`${count} pushes`, async () => {
    const pushes = await pushesTo(token);
    return pushes.length >= count ? pushes : undefined;
  });
}

/** Nothing waits to be pushed any more. */
export async function pushedOut(who: Someone): Promise<void> {
  await until("nothing to push", async () => {
    const waiting = await insideUser(who, ({ storage }) => storage.sql.exec("select 1 from pushes").toArray());
    return waiting.length === 0 ? true : undefined;
  });
}
