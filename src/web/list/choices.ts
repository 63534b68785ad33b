/** What one may do with a conversation from outside of it. */
import type { Conversation } from "../../protocol/conversations.ts";
import { isMuted } from "./last-words.ts";

export type Choice =
  | "markRead"
  | "pin"
  | "unpin"
  | "mute"
  | "unmute"
  | "archive"
  | "unarchive"
  | "hide"
  | "leave"
  | "delete";

export function choicesOf(conversation: Conversation, now: number): Choice[] {
  const { me } = conversation;
  return [
    ...(me.unread > 0 ? (["markRead"] as const) : []),
    me.pinned ? "unpin" : "pin",
    isMuted(conversation, now) ? "unmute" : "mute",
    me.archived ? "unarchive" : "archive",
    ...endings(conversation),
  ];
}

/** A dialog is hidden; a group is left, by its owner only alone; its owner may delete it. */
function endings({ kind, me, member_count }: Conversation): Choice[] {
  if (kind === "dialog") return ["hide"];
  if (me.role !== "OWNER") return ["hide", "leave"];
  return member_count === 1 ? ["hide", "leave", "delete"] : ["hide", "delete"];
}

export type Span = "hour" | "hours" | "day" | "forever";

const hourMs = 60 * 60_000;
const spans: Record<Exclude<Span, "forever">, number> = { hour: hourMs, hours: 8 * hourMs, day: 24 * hourMs };
const forever = "9999-12-31T00:00:00.000Z"; // as late as a time may be

export const mutedUntil = (span: Span, now: number): string =>
  span === "forever" ? forever : new Date(now + spans[span]).toISOString();
