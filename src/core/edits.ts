import { refuse } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { Message } from "../protocol/messages.ts";
import { may } from "./permission.ts";
import { nothing, type Rule } from "./view.ts";

/** What an edit left of a message. */
export interface Edit {
  message_id: string;
  content: string;
  updated_at: string;
}

export const editMessage: Rule<"message_edit"> = ({ message_id, content }, actor, view) => {
  const { room, now } = view;
  const refusal = may(actor.user_id, "edit_own", room);
  if (refusal) return refusal;
  const known = view.known(message_id);
  if (!known) return refuse("MESSAGE_NOT_FOUND", "There is no such message in this conversation");
  if (known.sender_id !== actor.user_id) return refuse("PERMISSION_DENIED", "Only who said it edits it");
  if (known.is_deleted) return refuse("CONFLICT", "The message is deleted");
  if (known.is_forward) return refuse("PERMISSION_DENIED", "What is forwarded stays as it was said");
  if (now - known.created_at > limits.editMs) return refuse("PERMISSION_DENIED", "It is too old to be edited");
  const place = { conversation_id: room.id, epoch: room.epoch, sequence: room.head + 1 };
  const frame = { type: "message_edit" as const, ...place, message_id, content, updated_at: isoTime(now) };
  return { ...nothing(), events: [{ frame, sender: actor.user_id }] };
};

/** A message as history shows it; of one that is deleted nothing but that it was edited. */
export function edited<Shown extends Message>(message: Shown, edit: Edit | undefined): Shown {
  if (!edit) return message;
  const content = message.is_deleted ? "" : edit.content;
  return { ...message, content, updated_at: edit.updated_at, is_edited: true };
}
