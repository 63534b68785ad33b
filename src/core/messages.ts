import { refuse } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import type { Message } from "../protocol/messages.ts";
import { bodyHash } from "./hash.ts";
import { may } from "./permission.ts";
import { unhidden } from "./standing.ts";
import { typingEnds } from "./typing.ts";
import { type CommandOf, nothing, type Rule } from "./view.ts";

/** What a repeat of a message is known by. Field by field: the order of keys in a body does not count. */
export function messageHash(command: CommandOf["message"]): string {
  return bodyHash([command.content, command.reply_to ?? null, command.mentions ?? []]);
}

export const sendMessage: Rule<"message"> = (command, actor, view) => {
  const refusal = may(actor.user_id, "send", view.room);
  if (refusal) return refusal;
  const id = command.id ?? view.freshId;
  const body_hash = messageHash(command);
  const known = command.id === undefined ? undefined : view.known(id); // an id just made is nobody's yet
  if (known) {
    const isRepeat = known.sender_id === actor.user_id && known.body_hash === body_hash;
    return isRepeat ? { ...nothing(), repeat: known } : refuse("CONFLICT", "Another message has this id");
  }
  if (command.reply_to && !view.known(command.reply_to)) {
    return refuse("MESSAGE_NOT_FOUND", "The message replied to is not in this conversation");
  }
  const sequence = view.room.head + 1;
  const at = isoTime(view.now);
  const message: Message = {
    conversation_id: view.room.id,
    epoch: view.room.epoch,
    sequence,
    id,
    content: command.content,
    sender_id: actor.user_id,
    sender_name: actor.name,
    ...(command.reply_to && { reply_to: command.reply_to }),
    media: [],
    // Somebody mentioned may just have left: the message is not lost for that.
    mentions: (command.mentions ?? []).filter((user) => view.room.members.has(user)),
    created_at: at,
    updated_at: at,
    is_edited: false,
    is_deleted: false,
  };
  return {
    ...nothing(),
    events: [{ frame: { type: "message", ...message }, body_hash }],
    members: unhidden(view.room, actor, sequence),
    ...typingEnds(actor, view),
  };
};
