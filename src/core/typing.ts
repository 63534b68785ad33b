/** Who is typing: of the moment, never stored. It ends by itself, with its socket, or when what was typed is said. */
import type { ServerFrame } from "../protocol/frames.ts";
import { may } from "./permission.ts";
import { type Membership, nothing, type Outcome, type Rule, type View } from "./view.ts";

export const startTyping: Rule<"typing_start"> = (_command, actor, view) => {
  return may(actor.user_id, "send", view.room) ?? { ...nothing(), ...told("typing_start", actor, view), typing: true };
};

export const stopTyping: Rule<"typing_stop"> = (_command, actor, view) => ({
  ...nothing(),
  ...typingEnds(actor, view, true),
});

/** Nothing of it, where they are not typing: anywhere, or by the mouth that asks. */
export function typingEnds(actor: Membership, view: View, isHere = false): Pick<Outcome, "passing" | "typing"> {
  return view.isTyping(actor.user_id, isHere) ? { ...told("typing_stop", actor, view), typing: false } : {};
}

/** They have not gone on for long, or their socket is gone. */
export interface TypingOver {
  type: "typing_over";
  user_id: string;
}

/** Also of one who has left, or has no account any more; unless they have begun again meanwhile. */
export function typingOver({ user_id }: TypingOver, view: View): Outcome {
  const { room } = view;
  if (room.deleted_at !== null || view.isTyping(user_id, false)) return nothing();
  const name = room.members.get(user_id)?.name ?? "";
  return { ...nothing(), ...told("typing_stop", { user_id, name }, view) };
}

type Named = Pick<Membership, "user_id" | "name">;

function told(type: "typing_start" | "typing_stop", { user_id, name: user_name }: Named, { room }: View) {
  const frame: ServerFrame = { type, conversation_id: room.id, user_id, user_name };
  return { passing: { frame, to: "others" as const } };
}
