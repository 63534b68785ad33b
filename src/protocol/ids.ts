import { z } from "zod";
import { limits } from "./limits.ts";

/** A UUID of any version, kept in lower case so that one id has one spelling. */
export const id = z.uuid().toLowerCase();

/** An id a client may choose for a conversation: random enough not to be guessed, and never a dialog's version 8. */
export const chosenId = z
  .union([z.uuidv4(), z.uuidv7()], { error: "must be a UUID of version 4 or 7" })
  .transform((text) => text.toLowerCase());

export const sequence = z.int().min(0);
export const ref = z.string().max(limits.refLength);
export const epoch = z.string().max(limits.epochLength);

/** RFC 3339, UTC, milliseconds. */
export const time = z.iso.datetime({ precision: 3 });

/** A time of a client's: any RFC 3339 form; kept as {@link time}. */
export const givenTime = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) <= limits.lastTimeMs, { error: "is out of range" })
  .transform((text) => isoTime(Date.parse(text)));

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
