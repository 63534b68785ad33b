/**
 * A UUID of version 7 (RFC 9562, 5.7).
 * @param now ms since 1970
 * @param chance 10 random bytes
 */
export function uuidv7(now: number, chance: Uint8Array): string {
  const hex = (value: number, length: number) => value.toString(16).padStart(length, "0");
  const digits = hex(now, 12) + Array.from(chance, (byte) => hex(byte, 2)).join("");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-7$3-a$4-");
}

export const newId = () => uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
