import { refuse } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import type { Message } from "../protocol/messages.ts";
import { may } from "./permission.ts";
import { type Draft, nothing, type Rule, type View } from "./view.ts";

/** A message as it is shown once it is deleted: that it was there, and nothing of what it said. */
export function redacted<Shown extends Message>(message: Shown): Shown {
  return { ...message, content: "", media: [], mentions: [], is_deleted: true };
}

/** One's own, or by one's role. One that is deleted already stays so: there is nothing to tell again. */
export const deleteMessage: Rule<"message_delete"> = ({ message_id }, actor, view) => {
  const refusal = may(actor.user_id, "delete_own", view.room);
  if (refusal) return refusal;
  const known = view.known(message_id);
  if (!known) return refuse("MESSAGE_NOT_FOUND", "There is no such message in this conversation");
  if (known.sender_id !== actor.user_id) {
    const other = may(actor.user_id, "delete_others", view.room);
    if (other) return other;
    const sender = view.room.members.get(known.sender_id);
    if (sender?.role === "OWNER") return refuse("PERMISSION_DENIED", "Your role does not allow it");
  }
  if (known.is_deleted) {
    const told = view.deletionOf(message_id);
    return told === undefined ? refuse("MESSAGE_NOT_FOUND", "The message was deleted long ago") : nothing([told]);
  }
  const sequence = view.room.head + 1;
  return { ...nothing(), events: [deletion(message_id, { by: actor.user_id, sequence }, view)] };
};

/** The event that deletes a message; with it the log redacts what it keeps of it. */
export function deletion(
  messageId: string,
  { by, sequence }: { by: string; sequence: number },
  { room, now }: View,
): Draft {
  const { id: conversation_id, epoch } = room;
  const place = { conversation_id, epoch, sequence, message_id: messageId };
  return { frame: { type: "message_delete", ...place, deleted_at: isoTime(now), deleted_by: by } };
}
