/** What may be done with a message: as the server decides it, so that nothing is offered that it refuses. */
import type { Conversation } from "../../protocol/conversations.ts";
import type { ShownMessage } from "../../protocol/messages.ts";

export type Deed = "react" | "reply" | "edit" | "copy" | "forward" | "pin" | "readers" | "delete";

type Place = Pick<Conversation, "kind"> & { me: Pick<Conversation["me"], "role"> };
interface Asker {
  userId: string;
  /** The group's, once the members are loaded: what they said only they delete. */
  ownerId?: string | undefined;
  now: number;
}

const editMs = 48 * 60 * 60_000;

const rules: Record<Deed, (message: ShownMessage, place: Place, asker: Asker) => boolean> = {
  react: () => true,
  reply: () => true,
  edit: (message, _, { userId, now }) =>
    message.sender_id === userId &&
    !message.forwarded_from &&
    message.content !== "" &&
    now - Date.parse(message.created_at) < editMs,
  copy: (message) => message.content !== "",
  forward: () => true,
  pin: (_, place) => place.kind === "dialog" || place.me.role !== "MEMBER",
  readers: (message, place, { userId }) => place.kind === "group" && message.sender_id === userId,
  delete: (message, place, { userId, ownerId }) =>
    message.sender_id === userId ||
    (place.kind === "group" && place.me.role !== "MEMBER" && message.sender_id !== ownerId),
};

const deeds = Object.keys(rules).filter((name): name is Deed => name in rules);

/** Nothing is done with what was deleted. */
export function deedsOn(message: ShownMessage, place: Place, asker: Asker): Set<Deed> {
  if (message.is_deleted) return new Set();
  return new Set(deeds.filter((deed) => rules[deed](message, place, asker)));
}
