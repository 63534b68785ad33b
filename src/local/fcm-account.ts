import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The service account the embedded FCM knows: its names, and a key made once for a state folder. */
export const fcmProject = "pingme-embedded";
export const fcmEmail = `push@${fcmProject}.iam.gserviceaccount.com`;

/** In the form Google gives them: PKCS #8, PEM. Readable by the folder's owner only. */
export function fcmKeyIn(folder: string): string {
  const file = join(folder, "fcm-key.pem");
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    writeFileSync(`${file}.new`, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file, "utf8");
}

export function publicKeyOf(key: string): KeyObject {
  return createPublicKey(key);
}

/** What stands in FCM_SERVICE_ACCOUNT. */
export function fcmServiceAccount(key: string, url: string): string {
  return JSON.stringify({
    type: "service_account",
    project_id: fcmProject,
    private_key: key,
    client_email: fcmEmail,
    token_uri: `${url}/token`,
  });
}
