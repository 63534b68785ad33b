import { z } from "zod";
import { chosenId, epoch, id, sequence, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { message } from "./messages.ts";
import { line, prose } from "./text.ts";
import { user } from "./users.ts";

export const kind = z.enum(["dialog", "group"]);
export type Kind = z.infer<typeof kind>;

export const role = z.enum(["OWNER", "ADMIN", "MEMBER"]);
export type Role = z.infer<typeof role>;

export const title = line(limits.titleCodePoints);
export const description = prose(limits.descriptionCodePoints);

/** What only I see of my place in a conversation. */
export const mine = z.object({
  role,
  read: sequence,
  delivered: sequence,
  unread: z.int().min(0),
  muted_until: time.optional(),
  archived: z.boolean(),
  pinned: z.boolean(),
  hidden: z.boolean(),
});
export type Mine = z.infer<typeof mine>;

export const conversation = z.object({
  id,
  kind,
  title: z.string().nullable(),
  description: z.string().optional(),
  avatar_url: z.string().optional(),
  public: z.boolean(),
  epoch,
  sequence,
  member_count: z.int(),
  created_by: id,
  created_at: time,
  updated_at: time,
  last_message: message.optional(),
  me: mine,
  peer: user.optional(),
});
export type Conversation = z.infer<typeof conversation>;

export const member = z.object({
  user,
  role,
  joined_at: time,
  read: sequence,
  delivered: sequence,
});
export type Member = z.infer<typeof member>;

export const newConversation = z.object({
  participant_ids: z
    .array(id)
    .max(limits.members - 1)
    .default([]),
  title: title.optional(),
  description: description.optional(),
  public: z.boolean().default(false),
  id: chosenId.optional(),
});
export type NewConversation = z.infer<typeof newConversation>;

export const newMembers = z.object({ user_ids: z.array(id).min(1).max(limits.members) });
