import { isoTime } from "../protocol/ids.ts";
import type { Message } from "../protocol/messages.ts";
import type { Draft, View } from "./view.ts";

/** A message as it is shown once it is deleted: that it was there, and nothing of what it said. */
export function redacted<Shown extends Message>(message: Shown): Shown {
  return { ...message, content: "", media: [], mentions: [], is_deleted: true };
}

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
