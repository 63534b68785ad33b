import { z } from "zod";
import { id, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { page } from "./paging.ts";
import { line, prose } from "./text.ts";

export const userName = line(limits.nameCodePoints);

/** ASCII only, so that no two of them look alike by their alphabet; kept as typed, unique without case. */
const username = z
  .string()
  .trim()
  .regex(/^[a-z][a-z0-9_]{2,31}$/i, "must be 3 to 32 letters a-z, digits and _, the first a letter");

/** E.164. */
const phoneNumber = z.string().regex(/^\+[1-9]\d{6,14}$/, "must be a number as +14155550100");

const choices = {
  /** Of mails; where it is not chosen, the browser's. */
  language: z.enum(["en", "ru"]),
  /** Who sees whether one is there, and when one was there last. */
  last_seen: z.enum(["everyone", "nobody"]),
  /** Whether others see how far one has read. */
  read_receipts: z.boolean(),
  /** Whether a push notification shows the text of a message. */
  push_text: z.boolean(),
};

export const settings = z.object({
  language: choices.language.optional(),
  last_seen: choices.last_seen.default("everyone"),
  read_receipts: choices.read_receipts.default(true),
  push_text: choices.push_text.default(true),
});
export type Settings = z.infer<typeof settings>;

/** A person as others see them. */
export const user = z.object({
  id,
  name: z.string(),
  username: z.string().optional(),
  bio: z.string().optional(),
  avatar_url: z.string().optional(),
  created_at: time,
});
export type User = z.infer<typeof user>;

/** Somebody who is or was there; who was deleted has an id and no name. */
export interface Profile {
  user: User;
  isDeleted: boolean;
}

/** A person as they see themselves. */
export const me = user.extend({
  email: z.string(),
  phone_number: z.string().optional(),
  settings,
});
export type Me = z.infer<typeof me>;

/** What one may change of oneself; null takes a thing away, what is left out stays. */
export const profileChange = z.object({
  name: userName.optional(),
  username: username.nullable().optional(),
  bio: prose(limits.bioCodePoints).nullable().optional(),
  phone_number: phoneNumber.nullable().optional(),
  /** Those that are given; null for as if it were never chosen. */
  settings: z
    .object({
      language: choices.language.nullable(),
      last_seen: choices.last_seen.nullable(),
      read_receipts: choices.read_receipts.nullable(),
      push_text: choices.push_text.nullable(),
    })
    .partial()
    .optional(),
});
export type ProfileChange = z.infer<typeof profileChange>;

const readable = /^[^\p{Cc}\p{Cs}]*$/u;

export const userSearch = page.extend({
  query: z.string().trim().max(limits.searchLength).regex(readable, "must not hold control characters").default(""),
});

/** Who acts: what an access token says. Crosses to the objects with each call. */
export const actor = z.object({
  user_id: id,
  user_name: z.string(),
  session_id: id,
  /** The token's own id: a socket is given a fresh one, never the one it has. */
  token_id: z.string(),
  /** When the token ends, ms since 1970. */
  expires_at: z.number(),
});
export type Actor = z.infer<typeof actor>;
