/** The embedded FCM, for tests inside workerd: what it was given for a device, and how it is to answer. */
import { inject } from "vitest";
import { newId } from "../../src/chance.ts";
import type { Manners } from "../../src/local/fcm-manners.ts";
import type { FcmMessage } from "../../src/protocol/push.ts";

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
