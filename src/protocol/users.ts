import { z } from "zod";
import { id, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { page } from "./paging.ts";
import { line } from "./text.ts";

export const userName = line(limits.nameCodePoints);

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

/** A person as they see themselves. */
export const me = user.extend({
  email: z.string(),
  phone_number: z.string().optional(),
  settings: z.record(z.string(), z.unknown()),
});
export type Me = z.infer<typeof me>;

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
