import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256 of a value's JSON, 128 bits of it in hex: tells a repeat from another body. The caller fixes the keys' order. */
export function bodyHash(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(value))).subarray(0, 16));
}

/** SHA-256 in hex of what cannot be guessed, so that whoever reads the store learns nothing of use. */
export function tokenHash(token: string): string {
  return bytesToHex(sha256(utf8ToBytes(token)));
}

/** The id of the one dialog of two people: a UUID of version 8 (RFC 9562, 5.8) from SHA-256 of the sorted pair. */
export function dialogId(one: string, other: string): string {
  const digest = sha256(utf8ToBytes([one, other].sort().join(":"))).slice(0, 16);
  const view = new DataView(digest.buffer, digest.byteOffset);
  view.setUint8(6, 0x80 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  const hex = bytesToHex(digest);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
