/** Chance and new ids: what rules are given as arguments. */

/** A UUID of version 7 (RFC 9562, 5.7): the time in ms, then 74 random bits. */
export function newId(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, "0");
  const random = crypto.randomUUID().slice(15); // behind the digit of version 4, as behind that of version 7
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random}`;
}
