import { z } from "zod";
import { epoch, givenTime, id, sequence, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { page, pageLimit } from "./paging.ts";
import { isBlank, prose, words } from "./text.ts";

export const media = z.object({
  id,
  content_type: z.string(),
  size: z.int(),
  name: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  url: z.string(),
});

/** Who said first what is forwarded, and under which id. */
export const origin = z.object({ user_id: id, message_id: id });

export const message = z.object({
  conversation_id: id,
  epoch,
  sequence,
  id,
  content: z.string(),
  sender_id: id,
  sender_name: z.string(),
  reply_to: id.optional(),
  forwarded_from: origin.optional(),
  media: z.array(media),
  mentions: z.array(id),
  created_at: time,
  updated_at: time,
  is_edited: z.boolean(),
  is_deleted: z.boolean(),
});
export type Message = z.infer<typeof message>;

/** Text in the place of a message's: the body over REST, a field of a `message_edit` frame. */
export const newContent = z.object({ content: words(limits.contentCodePoints) });

/** What one may say, the fields of a `message` frame: text, or files with or without text. */
export const messageFields = z.object({
  content: prose(limits.contentCodePoints),
  id: id.optional(),
  reply_to: id.optional(),
  media_ids: z
    .array(id)
    .max(limits.mediaPerMessage)
    .refine((ids) => new Set(ids).size === ids.length, { error: "must not name one twice" })
    .optional(),
  mentions: z.array(id).max(limits.mentions).optional(),
});

export function saysSomething({ content, media_ids }: z.infer<typeof messageFields>): boolean {
  return (media_ids !== undefined && media_ids.length > 0) || !isBlank(content);
}
export const isBlankError = { error: "must not be blank without media", path: ["content"] };

/** The body over REST. */
export const newMessage = messageFields.refine(saysSomething, isBlankError);

/** Over REST, where the path names the source: the target, and the id the copy is to have. */
export const newForward = z.object({ conversation_id: id, id: id.optional() });

// Also those that are emoji only in some fonts, as a lone U+2764.
const oneEmoji = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic})$/v;

export const emoji = z
  .string()
  .max(limits.emojiUnits)
  .refine((text) => oneEmoji.test(text), { error: "must be one emoji" });

/** Who put an emoji on a message, in that order. */
export const reaction = z.object({ emoji: z.string(), user_ids: z.array(id).min(1) });
export type Reaction = z.infer<typeof reaction>;

/** A message as history shows it: `reactions` where there are any, the most frequent first. */
export const shownMessage = message.extend({ reactions: z.array(reaction).optional() });
export type ShownMessage = z.infer<typeof shownMessage>;

export const pin = z.object({ message: shownMessage, pinned_by: id, pinned_at: time });
export type Pin = z.infer<typeof pin>;

export const markRead = z
  .object({ message_id: id.optional(), sequence: sequence.optional() })
  .refine((mark) => (mark.message_id === undefined) !== (mark.sequence === undefined), {
    error: "needs either message_id or sequence",
  });

export const historyQuery = z
  .object({
    before: z.coerce.number().int().min(0).optional(),
    after: z.coerce.number().int().min(0).optional(),
    around: z.coerce.number().int().min(0).optional(),
    limit: pageLimit,
  })
  .refine(({ before, after, around }) => [before, after, around].filter((at) => at !== undefined).length <= 1, {
    error: "at most one of before, after and around",
    path: ["before"],
  });

/** How far somebody has got: a message is delivered to them, or read, whose sequence is not above it. */
export const reader = z.object({ user_id: id, delivered: sequence, read: sequence });
export type Reader = z.infer<typeof reader>;

export const messageSearch = page.extend({
  query: z.string().max(limits.searchLength).describe('Words, `half` a word, `"a phrase"`, `-without`'),
  sender: id.optional().describe("Who said it"),
  sent_before: givenTime.optional().describe("Said before this time"),
  sent_after: givenTime.optional().describe("Said after this time"),
  has_media: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional()
    .describe("Only with media, or only without"),
});

/** A place in a text, in UTF-16 units, as JavaScript counts. */
const highlight = z.object({ start: z.int().min(0), length: z.int().min(1) });
export type Highlight = z.infer<typeof highlight>;

/** Part of a message, as plain text, and where in it the words stand that were asked for: in order, never one in another. */
const snippet = z.object({ text: z.string(), highlights: z.array(highlight) });
export type Snippet = z.infer<typeof snippet>;

export const foundMessage = shownMessage.extend({ snippet });
export type FoundMessage = z.infer<typeof foundMessage>;

export const readMark = z.object({ read: sequence, unread: z.int().min(0) });
