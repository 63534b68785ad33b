import { importPKCS8, SignJWT } from "jose";
import { z } from "zod";
import type { Config } from "../protocol/config.ts";
import type { ServiceAccount } from "../protocol/push.ts";
import type { Look } from "./doctor-look.ts";

const granted = z.object({ access_token: z.string().min(1) });

/** Up to the door: nothing is sent, since the message is only to be looked at, and for a device nobody has. */
export function fcmLook({ FCM_SERVICE_ACCOUNT: account, FCM_BASE_URL: base }: Config): Look {
  return async (tell, signal) => {
    if (!account) return tell.hint("is not set up");
    const body = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: await assertion(account),
    });
    const answer = await fetch(account.token_uri, { method: "POST", body, signal });
    const token = granted.safeParse(await answer.json().catch(() => undefined));
    if (!token.success)
      return tell.wrong(
        `the service account is refused with ${answer.status}: make a new key for it, set FCM_SERVICE_ACCOUNT`,
      );
    const asked = await fetch(`${base.replace(/\/$/, "")}/v1/projects/${account.project_id}/messages:send`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token.data.access_token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ validate_only: true, message: { token: "nobody" } }),
      signal,
    });
    await asked.body?.cancel();
    // 400 and 404: it would have sent it, but for the device.
    if ([200, 400, 404].includes(asked.status)) return tell.fine(`${account.client_email} may push`);
    tell.wrong(
      `FCM answers ${asked.status}: turn on the Firebase Cloud Messaging API of project ${account.project_id}`,
    );
  };
}

async function assertion({ client_email, private_key, token_uri }: ServiceAccount): Promise<string> {
  return await new SignJWT({ scope: "https://www.googleapis.com/auth/firebase.messaging" })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(client_email)
    .setAudience(token_uri)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(await importPKCS8(private_key, "RS256"));
}
