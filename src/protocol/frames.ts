import { z } from "zod";
import { conversation, mine, role } from "./conversations.ts";
import { errorCodes, type Refusal } from "./errors.ts";
import { epoch, id, ref, sequence, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { emoji, isBlankError, message, messageFields, newContent, origin, reader, saysSomething } from "./messages.ts";

// -- Client to server ------------------------------------------------------------------------------

const common = { ref: ref.optional(), conversation_id: id.optional() };
const oneMark = { message_id: id.optional(), sequence: sequence.optional() };
const needsOneMark = (mark: { message_id?: string | undefined; sequence?: number | undefined }) =>
  (mark.message_id === undefined) !== (mark.sequence === undefined);
const eitherMark = { error: "needs either message_id or sequence" };

export const clientFrames = {
  auth: z.object({ type: z.literal("auth"), ref: ref.optional(), token: z.string().max(8_192) }),
  message: z
    .object({ type: z.literal("message"), ...common, ...messageFields.shape })
    .refine(saysSomething, isBlankError),
  message_edit: z.object({ type: z.literal("message_edit"), ...common, message_id: id, ...newContent.shape }),
  message_delete: z.object({ type: z.literal("message_delete"), ...common, message_id: id }),
  message_forward: z.object({
    type: z.literal("message_forward"),
    ...common,
    message_id: id,
    from_conversation_id: id.optional(),
    id: id.optional(),
  }),
  reaction: z.object({ type: z.literal("reaction"), ...common, message_id: id, emoji, on: z.boolean() }),
  pin: z.object({ type: z.literal("pin"), ...common, message_id: id, on: z.boolean() }),
  typing_start: z.object({ type: z.literal("typing_start"), ...common }),
  typing_stop: z.object({ type: z.literal("typing_stop"), ...common }),
  mark_read: z.object({ type: z.literal("mark_read"), ...common, ...oneMark }).refine(needsOneMark, eitherMark),
  ack: z.object({ type: z.literal("ack"), ...common, ...oneMark }).refine(needsOneMark, eitherMark),
  subscribe: z.object({
    type: z.literal("subscribe"),
    ...common,
    // Of whatever spelling: one that cannot be ours is answered as an unknown one is, by `reset`.
    epoch: z.string().optional(),
    since: sequence.optional(),
  }),
  unsubscribe: z.object({ type: z.literal("unsubscribe"), ...common }),
  sync: z.object({ type: z.literal("sync"), ...common, since: sequence, until: sequence.optional() }),
  presence: z.object({
    type: z.literal("presence"),
    ref: ref.optional(),
    user_ids: z.array(id).max(limits.presenceAsked),
  }),
  client_state: z.object({
    type: z.literal("client_state"),
    ref: ref.optional(),
    state: z.enum(["active", "background"]),
  }),
  ping: z.object({ type: z.literal("ping"), ref: ref.optional() }),
};

export type ClientFrameType = keyof typeof clientFrames;
export type ClientFrame = { [T in ClientFrameType]: z.infer<(typeof clientFrames)[T]> }[ClientFrameType];

/** Answered by the platform without waking the object, byte for byte. */
export const exactPing = '{"type":"ping"}';
export const exactPong = '{"type":"pong"}';

// -- Server to client ------------------------------------------------------------------------------

const placed = { conversation_id: id, epoch, sequence };
const memberEvent = { ...placed, user_id: id, user_name: z.string(), by: id };

/** Durable events: each takes a sequence, is kept in the log, and reaches every member. */
export const eventFrames = {
  message: z.object({ type: z.literal("message"), ...message.shape }),
  message_edit: z.object({
    type: z.literal("message_edit"),
    ...placed,
    message_id: id,
    content: z.string(),
    updated_at: time,
  }),
  message_delete: z.object({
    type: z.literal("message_delete"),
    ...placed,
    message_id: id,
    deleted_at: time,
    deleted_by: id,
  }),
  message_forward: z.object({
    type: z.literal("message_forward"),
    ...message.shape,
    forwarded_from: origin,
    new_message_id: id,
    original_message_id: id,
    forwarded_from_id: id,
  }),
  reaction: z.object({
    type: z.literal("reaction"),
    ...placed,
    message_id: id,
    emoji: z.string(),
    on: z.boolean(),
    user_id: id,
  }),
  pin: z.object({ type: z.literal("pin"), ...placed, message_id: id, on: z.boolean(), user_id: id }),
  member_added: z.object({ type: z.literal("member_added"), ...memberEvent, role }),
  member_removed: z.object({ type: z.literal("member_removed"), ...memberEvent }),
  member_role: z.object({ type: z.literal("member_role"), ...memberEvent, role }),
  conversation_updated: z.object({
    type: z.literal("conversation_updated"),
    ...placed,
    title: z.string().nullable().optional(),
    description: z.string().nullable().optional(),
    avatar_url: z.string().nullable().optional(),
    public: z.boolean().optional(),
    deleted: z.literal(false).optional(),
    updated_at: time,
    by: id,
  }),
  conversation_deleted: z.object({ type: z.literal("conversation_deleted"), ...placed, deleted_at: time, by: id }),
};
export type EventFrame = {
  [T in keyof typeof eventFrames]: z.infer<(typeof eventFrames)[T]>;
}[keyof typeof eventFrames];

/** Without `last_seen` for who is there, was never there, or is not to be seen. */
const seenLast = { user_id: id, last_seen: time.optional() };
const typist = { conversation_id: id, user_id: id, user_name: z.string() };
const watermarks = z.array(reader);

export const serverFrames = {
  ...eventFrames,
  auth_success: z.object({
    type: z.literal("auth_success"),
    user_id: id,
    user_name: z.string(),
    expires_at: time,
    ref: ref.optional(),
  }),
  typing_start: z.object({ type: z.literal("typing_start"), ...typist }),
  typing_stop: z.object({ type: z.literal("typing_stop"), ...typist }),
  mark_read_success: z.object({
    type: z.literal("mark_read_success"),
    conversation_id: id,
    message_id: id.optional(),
    sequence,
    ref: ref.optional(),
  }),
  message_read: z.object({
    type: z.literal("message_read"),
    conversation_id: id,
    message_id: id.optional(),
    sequence,
    reader_id: id,
    reader_name: z.string(),
  }),
  message_delivered: z.object({ type: z.literal("message_delivered"), conversation_id: id, sequence, user_id: id }),
  message_ack: z.object({
    type: z.literal("message_ack"),
    message_id: id.optional(),
    sequence,
    status: z.literal("delivered"),
    ref: ref.optional(),
  }),
  subscribed: z.object({
    type: z.literal("subscribed"),
    ...placed,
    floor: sequence,
    status: z.enum(["live", "recovered", "more", "reset"]),
    watermarks,
    unread: z.int(),
    online: z.array(id),
    ref: ref.optional(),
  }),
  synced: z.object({
    type: z.literal("synced"),
    ...placed,
    more: z.boolean(),
    status: z.enum(["recovered", "reset"]),
    ref: ref.optional(),
  }),
  inbox: z.object({
    type: z.literal("inbox"),
    conversation_id: id,
    sequence,
    unread: z.int(),
    me: mine,
    conversation: conversation.optional(),
  }),
  presence_state: z.object({
    type: z.literal("presence_state"),
    items: z.array(z.object({ ...seenLast, online: z.boolean() })),
    ref: ref.optional(),
  }),
  user_online: z.object({ type: z.literal("user_online"), user_id: id }),
  user_offline: z.object({ type: z.literal("user_offline"), ...seenLast }),
  pong: z.object({ type: z.literal("pong"), ref: ref.optional() }),
  error: z.object({
    type: z.literal("error"),
    code: z.enum(errorCodes),
    message: z.string(),
    details: z
      .object({
        retry_after_ms: z.int().optional(),
        errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
      })
      .optional(),
    ref: ref.optional(),
  }),
};
export type ServerFrameType = keyof typeof serverFrames;
export type ServerFrame = { [T in ServerFrameType]: z.infer<(typeof serverFrames)[T]> }[ServerFrameType];

// -- Writing -----------------------------------------------------------------------------------------------------

export function errorFrame(refusal: Refusal, ref?: string): string {
  const { code, detail, details } = refusal;
  return frameText({
    type: "error",
    code,
    message: detail,
    ...(details && { details }),
    ...(ref !== undefined && { ref }),
  });
}

export function frameText(frame: ServerFrame): string {
  return JSON.stringify(frame);
}
