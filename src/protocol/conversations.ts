import { z } from "zod";
import { chosenId, epoch, givenTime, id, sequence, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { message } from "./messages.ts";
import { page } from "./paging.ts";
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

/** What is left out stays; null takes away. */
export const conversationChange = z.object({
  title: title.nullable().optional(),
  description: description.nullable().optional(),
  public: z.boolean().optional(),
});
export type ConversationChange = z.infer<typeof conversationChange>;

/** A change of what only I see; what is left out stays. */
export const myChange = z.object({
  muted_until: givenTime.nullable().optional(),
  archived: z.boolean().optional(),
  pinned: z.boolean().optional(),
  hidden: z.boolean().optional(),
});
export type MyChange = z.infer<typeof myChange>;

export const listQuery = page.extend({
  archived: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional(),
});

export const newMembers = z.object({ user_ids: z.array(id).min(1).max(limits.members) });

/** There is one OWNER, who hands over: that role is not given. */
export const givenRole = role.exclude(["OWNER"], {
  error: "must be ADMIN or MEMBER; ownership is handed over by transfer",
});
export type GivenRole = z.infer<typeof givenRole>;

export const roleChange = z.object({ role: givenRole });
export const transfer = z.object({ user_id: id });

export const newInvite = z.object({
  expires_at: givenTime.optional(),
  max_uses: z.int().min(1).max(limits.members).optional(),
});

/** As those who may invite see it: its token was shown once. */
export const invite = z.object({
  id,
  created_by: id,
  created_at: time,
  expires_at: time.optional(),
  max_uses: z.int().optional(),
  uses: z.int(),
});
export type Invite = z.infer<typeof invite>;

export const shownInvite = invite.extend({ token: z.string(), url: z.url() });

/** The token of an invite; public groups need none. */
export const join = z.object({ invite: z.string().max(limits.inviteTokenLength).optional() });

export const conversationSearch = page.extend({
  query: line(limits.searchLength),
  scope: z.enum(["mine", "public"]).optional(),
});

/** One of mine; or a public group one may join, which has no `me` and shows nothing of what is said there. */
export const foundConversation = conversation.extend({ me: mine.optional() });
export type FoundConversation = z.infer<typeof foundConversation>;
