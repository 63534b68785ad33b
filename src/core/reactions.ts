import { refuse } from "../protocol/errors.ts";
import { frameText } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import { may } from "./permission.ts";
import { nothing, type Reactions, type Rule } from "./view.ts";

/** What is so already stays so: the event that made it so is told again, to who asks alone. */
export const react: Rule<"reaction"> = ({ message_id, emoji, on }, actor, view) => {
  const { room, reactions } = view;
  const refusal = may(actor.user_id, "react", room);
  if (refusal) return refusal;
  const known = view.known(message_id);
  if (!known) return refuse("MESSAGE_NOT_FOUND", "There is no such message in this conversation");
  if (known.is_deleted) return refuse("CONFLICT", "The message is deleted");
  if (!reactions) {
    return refuse("UNAVAILABLE", "Its reactions are being loaded", { retry_after_ms: limits.unavailableRetryMs });
  }
  const { user_id } = actor;
  const about = { type: "reaction" as const, conversation_id: room.id, epoch: room.epoch, message_id, emoji, user_id };
  const there = reactions.of(message_id, emoji, user_id);
  if (there?.is_on === on) return nothing([frameText({ ...about, on, sequence: there.sequence })]);
  if (!on && !there) return refuse("CONFLICT", "You have not reacted with it");
  if (on && isFull(reactions, message_id, emoji))
    return refuse("CONFLICT", "The message has no room for more reactions");
  return { ...nothing(), events: [{ frame: { ...about, on, sequence: room.head + 1 }, sender: user_id }] };
};

function isFull(reactions: Reactions, messageId: string, emoji: string): boolean {
  if (reactions.count(messageId) >= limits.reactionsPerMessage) return true;
  const emojis = reactions.emojis(messageId);
  return emojis.length >= limits.emojisPerMessage && !emojis.includes(emoji);
}
