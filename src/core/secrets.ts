import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/** What a keyed hash is for. Each purpose hashes apart from all others, so that one can never stand for another. */
export type Purpose =
  | "code"
  | "challenge"
  | "mailbox"
  | "refresh"
  | "refresh-mac"
  | "refresh-next"
  | "password-mark"
  | "device"
  | "google-state"
  | "google-code";

/** HMAC-SHA-256 over the purpose and the parts, each with its length before it: no two lists of parts hash alike. */
export function keyedHash(key: string, purpose: Purpose, ...parts: string[]): Uint8Array {
  const chunks = [purpose, ...parts].flatMap((part) => {
    const bytes = utf8ToBytes(part);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return hmac(sha256, utf8ToBytes(key), concatBytes(...chunks));
}

/** {@link keyedHash} as text: base64url, 43 characters. */
export function keyedHashText(key: string, purpose: Purpose, ...parts: string[]): string {
  return base64url(keyedHash(key, purpose, ...parts));
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Compares without telling by its time where the two differ. */
export function sameBytes(left: string, right: string): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= left.charCodeAt(index) ^ right.charCodeAt(index);
  return difference === 0;
}
