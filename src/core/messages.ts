import { type Refusal, refuse } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import type { Message } from "../protocol/messages.ts";
import { bodyHash } from "./hash.ts";
import { may } from "./permission.ts";
import { unhidden } from "./standing.ts";
import { typingEnds } from "./typing.ts";
import { type CommandOf, type Draft, type Membership, nothing, type Outcome, type Rule, type View } from "./view.ts";

/** What a repeat of a message is known by. Field by field: the order of keys in a body does not count. */
export function messageHash(command: CommandOf["message"]): string {
  const { content, reply_to = null, mentions = [], media_ids = [] } = command;
  return bodyHash([content, reply_to, mentions, ...(media_ids.length > 0 ? [media_ids] : [])]);
}

export const sendMessage: Rule<"message"> = (command, actor, view) => {
  const refusal = may(actor.user_id, "send", view.room);
  if (refusal) return refusal;
  const body_hash = messageHash(command);
  const there = alreadySaid(command.id, body_hash, { actor, view });
  if (there) return there;
  if (command.reply_to && !view.known(command.reply_to)) {
    return refuse("MESSAGE_NOT_FOUND", "The message replied to is not in this conversation");
  }
  const { media_ids = [] } = command;
  if (media_ids.length > 0 && !view.media) {
    return { ...nothing(), wants: { attach: media_ids, id: command.id ?? view.freshId } };
  }
  const message: Message = {
    ...newMessage(command.id, command.content, { actor, view }),
    ...(command.reply_to && { reply_to: command.reply_to }),
    // Somebody mentioned may just have left: the message is not lost for that.
    mentions: (command.mentions ?? []).filter((user) => view.room.members.has(user)),
  };
  return said({ frame: { type: "message", ...message }, body_hash }, { actor, view });
};

/** Who says something, and what of the conversation they say it into. */
interface Speaking {
  actor: Membership;
  view: View;
}

/** What is there under the id the client chose: the same is a repeat, anything else a conflict. */
export function alreadySaid(
  id: string | undefined,
  body_hash: string,
  { actor, view }: Speaking,
): Outcome | Refusal | undefined {
  const known = id === undefined ? undefined : view.known(id); // an id just made is nobody's yet
  if (!known) return undefined;
  const isRepeat = known.sender_id === actor.user_id && known.body_hash === body_hash;
  return isRepeat ? { ...nothing(), repeat: known } : refuse("CONFLICT", "Another message has this id");
}

/** @param id undefined: the client chose none */
export function newMessage(id: string | undefined, content: string, { actor, view }: Speaking): Message {
  const at = isoTime(view.now);
  return {
    conversation_id: view.room.id,
    epoch: view.room.epoch,
    sequence: view.room.head + 1,
    id: id ?? view.freshId,
    content,
    sender_id: actor.user_id,
    sender_name: actor.name,
    media: view.media ?? [],
    mentions: [],
    created_at: at,
    updated_at: at,
    is_edited: false,
    is_deleted: false,
  };
}

/** Something is said: what that brings with it. */
export function said(draft: Draft, { actor, view }: Speaking): Outcome {
  return {
    ...nothing(),
    events: [draft],
    members: unhidden(view.room, actor, draft.frame.sequence),
    ...typingEnds(actor, view),
  };
}
