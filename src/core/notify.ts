/**
 * What a user is notified of, by state and not by event: what should stand in the notifications of a device, and what
 * does. So many messages of a moment are one notification, a repeat changes nothing, and what was read meanwhile is never
 * shown.
 */

import type { Notable } from "../protocol/lookups.ts";
import type { Message } from "../protocol/messages.ts";

/** Of an event's frame, what decides. */
interface Noticed {
  type: string;
  sender_id?: string | undefined;
  user_id?: string | undefined;
}

/** `news`: to be notified of where no active socket took it. `less`: what was shown may not be so any more. */
export function bearingOf(event: Noticed, userId: string): "news" | "less" | "none" {
  const { type } = event;
  if (type === "message" || type === "message_forward") return event.sender_id === userId ? "less" : "news";
  if (type === "message_delete" || type === "conversation_deleted") return "less";
  return type === "member_removed" && event.user_id === userId ? "less" : "none";
}

/** A muted conversation is heard where one is spoken to. */
export function isNotable(message: Message, { userId, isMuted }: { userId: string; isMuted: boolean }): boolean {
  if (message.is_deleted || message.sender_id === userId) return false;
  return !isMuted || message.mentions.includes(userId);
}

export type Step = { to: "show"; message: Message } | { to: "clear" } | { to: "nothing" };

/**
 * What brings one device from what it shows of a conversation to what it should.
 * @param shown sequence of the message it shows
 * @param notable undefined for who is not a member (any more)
 */
export function stepFor(shown: number | undefined, notable: Notable | undefined): Step {
  const newest = notable?.newest;
  if (newest && newest.sequence > (shown ?? 0)) return { to: "show", message: newest };
  if (shown === undefined || notable?.standing.includes(shown)) return { to: "nothing" };
  return { to: "clear" };
}
