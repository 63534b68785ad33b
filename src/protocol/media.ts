import { z } from "zod";
import { id, sequence, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { media } from "./messages.ts";
import { line } from "./text.ts";

/** What an upload is for; what it is for decides who may ever see it. */
export const purpose = z.enum(["message", "avatar"]);
export type Purpose = z.infer<typeof purpose>;

/** RFC 6838, 4.2: `type/subtype`, without parameters, in lower case. */
const contentType = z
  .string()
  .max(127)
  .transform((text) => text.toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/, "must be type/subtype"));

/** A name to save a file under: no path, nothing a header could not hold, nothing that turns round how it ends. */
const fileName = line(limits.fileNameLength).refine((name) => !/[/\\]/.test(name), { error: "must not hold a path" });

export const newTicket = z.object({
  content_type: contentType,
  /** Bytes. */
  size: z.int().min(1),
  name: fileName.optional(),
  purpose,
  conversation_id: id.optional(),
});
export type NewTicket = z.infer<typeof newTicket>;

export const ticket = z.object({
  id,
  upload: z.object({
    method: z.literal("PUT"),
    url: z.string(),
    /** To be sent as they are; those a browser sets by itself are left out. */
    headers: z.record(z.string(), z.string()),
    expires_at: time,
  }),
});

/** Where the bytes can be had for a while. */
export const mediaLink = z.object({ url: z.string(), expires_at: time });

/** A file of a conversation, and the message it came with. */
export const sharedFile = z.object({ media, message_id: id, sequence, sender_id: id, created_at: time });
export type SharedFile = z.infer<typeof sharedFile>;

export const avatarChoice = z.object({ media_id: id });
