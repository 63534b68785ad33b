/** Devices an account trusts: what they show in place of a mailed code. */
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { base64url, keyedHashText } from "../core/secrets.ts";
import { deviceByToken, insertDevice } from "../db/devices.ts";
import { Fault } from "../protocol/errors.ts";
import type { AppContext } from "./context.ts";
import { deviceOf } from "./sessions.ts";

function hashOf(c: AppContext, token: string): string {
  return keyedHashText(connect(c.env).config.CODE_KEY, "device", token);
}

/** Trusts the device that just signed in. @returns its token, which is kept nowhere @throws Fault GONE where the session has ended */
export async function trustDevice(c: AppContext, sessionId: string): Promise<string> {
  const token = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const now = Date.now();
  const device = { id: newId(now), session_id: sessionId, token_hash: hashOf(c, token), name: deviceOf(c), now };
  if (!(await insertDevice(connect(c.env).db, device))) throw new Fault("GONE", "The session has ended: start again");
  return token;
}

/** The device of an account that shows this token. A wrong one, another's and one that has lapsed are as none. */
export async function trustedDevice(
  c: AppContext,
  email: string,
  token: string | undefined,
): Promise<{ id: string } | undefined> {
  if (!token) return undefined;
  return await deviceByToken(connect(c.env).db, { token_hash: hashOf(c, token), email, now: Date.now() });
}
