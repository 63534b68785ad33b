/** What happened in a conversation besides what was said, in words. */
import type { RoomEvent } from "../../client/api.ts";
import type { TextKey } from "../texts/text.ts";

export interface EventText {
  key: TextKey;
  given: Record<string, string>;
}

type Of<T extends RoomEvent["type"]> = Extract<RoomEvent, { type: T }>;
type NameOf = (userId: string) => string;

const byType: { [T in RoomEvent["type"]]: (event: Of<T>, nameOf: NameOf) => EventText } = {
  member_added: (event, nameOf) => ({
    key: event.by === event.user_id ? "conversation.eventJoined" : "conversation.eventAdded",
    given: { name: event.user_name || nameOf(event.user_id), by: nameOf(event.by) },
  }),
  member_removed: (event, nameOf) => ({
    key: event.by === event.user_id ? "conversation.eventLeft" : "conversation.eventRemoved",
    given: { name: event.user_name || nameOf(event.user_id), by: nameOf(event.by) },
  }),
  member_role: (event, nameOf) => ({
    key: roleKeys[event.role],
    given: { name: event.user_name || nameOf(event.user_id) },
  }),
  conversation_updated: (event, nameOf) => ({
    key: changeKey(event),
    given: { by: nameOf(event.by), title: event.title ?? "" },
  }),
  pin: (event, nameOf) => ({
    key: event.on ? "conversation.eventPinned" : "conversation.eventUnpinned",
    given: { by: nameOf(event.user_id) },
  }),
};

const roleKeys = {
  OWNER: "conversation.eventOwner",
  ADMIN: "conversation.eventAdmin",
  MEMBER: "conversation.eventMember",
} as const;

function changeKey(event: Of<"conversation_updated">): TextKey {
  if (event.title) return "conversation.eventTitle";
  if (event.title === null) return "conversation.eventNoTitle";
  if (event.avatar_url !== undefined) return "conversation.eventPicture";
  if (event.public !== undefined) return event.public ? "conversation.eventPublic" : "conversation.eventPrivate";
  return event.deleted === false ? "conversation.eventRestored" : "conversation.eventDescription";
}

export function eventText<T extends RoomEvent["type"]>(event: Of<T> & { type: T }, nameOf: NameOf): EventText {
  const tell: (event: Of<T>, nameOf: NameOf) => EventText = byType[event.type];
  return tell(event, nameOf);
}
