import { refuse } from "../protocol/errors.ts";
import type { EventFrame } from "../protocol/frames.ts";
import type { Message } from "../protocol/messages.ts";
import { bodyHash } from "./hash.ts";
import { alreadySaid, newMessage, said } from "./messages.ts";
import { may } from "./permission.ts";
import { nothing, type Rule } from "./view.ts";

/**
 * Says here what was said elsewhere: a copy, under the name of who forwards it, that tells who said it first. The same
 * `message_id` of the same source under the same id is a repeat, whatever has become of the source since.
 */
export const forwardMessage: Rule<"message_forward"> = (command, actor, view) => {
  const refusal = may(actor.user_id, "send", view.room);
  if (refusal) return refusal;
  const { id, message_id, from_conversation_id: conversation_id = view.room.id } = command;
  const body_hash = bodyHash([conversation_id, message_id]);
  const there = alreadySaid(id, body_hash, { actor, view });
  if (there) return there;
  const { source } = view;
  if (!source) return { ...nothing(), wants: { read: { conversation_id, message_id } } };
  if (source.is_deleted) return refuse("MESSAGE_NOT_FOUND", "The message is deleted");
  if (source.media.length > 0 && !view.media) {
    return { ...nothing(), wants: { share: source.media.map((one) => one.id), id: id ?? view.freshId } };
  }
  const copy = newMessage(id, source.content, { actor, view });
  const forwarded_from = source.forwarded_from ?? { user_id: source.sender_id, message_id: source.id };
  return said({ frame: forwardFrame({ ...copy, forwarded_from }, message_id), body_hash }, { actor, view });
};

type Copy = Message & { forwarded_from: NonNullable<Message["forwarded_from"]> };

/** @param sourceId the message that was forwarded, itself perhaps a copy */
export function forwardFrame(copy: Copy, sourceId: string): Extract<EventFrame, { type: "message_forward" }> {
  return {
    ...{ type: "message_forward", ...copy },
    new_message_id: copy.id,
    original_message_id: sourceId,
    forwarded_from_id: copy.forwarded_from.user_id,
  };
}
