/**
 * A UUID of version 7 (RFC 9562, 5.7).
 * @param now ms since 1970
 * @param chance 16 random bytes
 */
export function uuidv7(now: number, chance: Uint8Array): string {
  const time = now.toString(16).padStart(12, "0");
  const rest = Array.from(chance, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = (8 + ((chance[8] ?? 0) & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(13, 16)}-${variant}${rest.slice(17, 20)}-${rest.slice(20)}`;
}

export function newId(): string {
  return uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(16)));
}
