/** Argon2id (RFC 9106) in the PHC string format. One WASM instance an isolate: its memory is what it costs. */
import wasm from "argon2id/dist/simd.wasm";
import setupWasm, { type Argon2idParams, type computeHash } from "argon2id/lib/setup.js";

/** OWASP's choice for who cannot give each hash 64 MiB: 19 MiB, two passes, one lane. */
const cost = { memorySize: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const tagLength = 32;

let loaded: computeHash | undefined;

/** The raw tag: what the public vectors are about. */
export async function argon2id(params: Argon2idParams): Promise<Uint8Array> {
  if (!loaded) {
    const load = (imports: WebAssembly.Imports) => ({
      instance: new WebAssembly.Instance(wasm, imports),
      module: wasm,
    });
    const fresh = await setupWasm(load, load);
    loaded ??= fresh;
  }
  return loaded(params);
}

/** One text, one spelling: what a keyboard composes and what another sends decomposed is the same password. */
function bytesOf(password: string): Uint8Array {
  return new TextEncoder().encode(password.normalize("NFC"));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("=", "");
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(saltBytes));
  const tag = await argon2id({ password: bytesOf(password), salt, tagLength, ...cost });
  const { memorySize, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memorySize},t=${passes},p=${parallelism}$${toBase64(salt)}$${toBase64(tag)}`;
}

const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Of no password: what is compared with where there is no account, so that the work is the same. */
const nobody = `$argon2id$v=19$m=${cost.memorySize},t=${cost.passes},p=${cost.parallelism}$${toBase64(new Uint8Array(saltBytes))}$${toBase64(new Uint8Array(tagLength))}`;

/** The package refuses fewer bytes, by throwing; nobody has such a password. */
const leastBytes = 8;

/** @param hash as {@link hashPassword} made it; null for somebody without one, which takes as long and is never right */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [, memory, passes, lanes, salt, tag] = phc.exec(hash ?? nobody) ?? [];
  if (!salt || !tag) throw new Error("A stored password hash is not in the PHC format");
  const shown = bytesOf(password);
  const isPossible = hash !== null && shown.length >= leastBytes;
  const wanted = fromBase64(tag);
  const found = await argon2id({
    password: isPossible ? shown : new Uint8Array(leastBytes),
    salt: fromBase64(salt),
    memorySize: Number(memory),
    passes: Number(passes),
    parallelism: Number(lanes),
    tagLength: wanted.length,
  });
  return crypto.subtle.timingSafeEqual(found, wanted) && isPossible;
}
