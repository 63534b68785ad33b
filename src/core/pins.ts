import { refuse } from "../protocol/errors.ts";
import { frameText } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import { may } from "./permission.ts";
import { nothing, type Rule } from "./view.ts";

/** What is so already stays so, whoever made it so: the event that did is told again, to who asks alone. */
export const pinMessage: Rule<"pin"> = ({ message_id, on }, actor, view) => {
  const { room, pins } = view;
  const refusal = may(actor.user_id, "pin", room);
  if (refusal) return refusal;
  const known = view.known(message_id);
  if (!known) return refuse("MESSAGE_NOT_FOUND", "There is no such message in this conversation");
  if (known.is_deleted) return refuse("CONFLICT", "The message is deleted");
  const about = { type: "pin" as const, conversation_id: room.id, epoch: room.epoch, message_id, on };
  const there = pins.of(message_id);
  if (there?.is_on === on) {
    return nothing([frameText({ ...about, user_id: there.user_id, sequence: there.sequence })]);
  }
  if (!on && !there) return refuse("CONFLICT", "The message is not pinned");
  if (on && pins.count() >= limits.pins) {
    return refuse("CONFLICT", `A conversation has at most ${limits.pins} pinned messages`);
  }
  const { user_id } = actor;
  return { ...nothing(), events: [{ frame: { ...about, user_id, sequence: room.head + 1 }, sender: user_id }] };
};
