/** The loaded part of a history: a run of messages without a hole, kept as the log says it is. */
import type { EventFrame } from "../protocol/frames.ts";
import type { Reaction, ShownMessage } from "../protocol/messages.ts";
import type { RoomEvent } from "./api.ts";

export interface Window {
  messages: readonly ShownMessage[];
  events: readonly RoomEvent[];
  hasOlder: boolean;
  hasNewer: boolean;
}

const most = 600; // messages, after more were loaded at one end
const mostLive = 1_200; // and while one only listens
const mostEvents = 200;

export type Said = Extract<EventFrame, { type: "message" | "message_forward" }>;

export const isSaid = (frame: EventFrame): frame is Said => "sender_id" in frame;

export const isShown = (frame: EventFrame): frame is RoomEvent => /^(member|pin|conversation_u)/.test(frame.type);

/** Its place, oldest first: `messages` may come either way. */
export function windowOf(messages: readonly ShownMessage[], ends: { hasOlder: boolean; hasNewer: boolean }): Window {
  return { ...ends, messages: inOrder(messages), events: [] };
}

type Placed = Pick<EventFrame, "sequence">;

/** Each once. */
const inOrder = <T extends Placed>(all: readonly T[]): T[] =>
  [...new Map(all.map((one) => [one.sequence, one])).values()].sort((one, other) => one.sequence - other.sequence);

/** Beyond an end of what is loaded. */
function isOutside({ messages, hasOlder, hasNewer }: Window, { sequence }: Placed): boolean {
  return sequence > (messages.at(-1)?.sequence ?? 0) ? hasNewer : hasOlder && sequence < (messages[0]?.sequence ?? 0);
}

/** Set-like: what the messages show already changes nothing, so events may be applied again to a page that knows them. */
export function applied(window: Window, frame: EventFrame): Window {
  if (isSaid(frame)) return withMessage(window, frame);
  if ("message_id" in frame && frame.type !== "pin") {
    return { ...window, messages: window.messages.map((message) => changed(message, frame)) };
  }
  return isShown(frame) ? withShown(window, frame) : window;
}

function withMessage(window: Window, { type: _type, ...frame }: Said): Window {
  const { messages } = window;
  if (isOutside(window, frame)) return window;
  // What a page has is not older than the frame.
  const grown = { ...window, messages: inOrder([frame, ...messages]) };
  return messages.length < mostLive ? grown : trimmed(grown, "older");
}

function withShown(window: Window, frame: RoomEvent): Window {
  const { events } = window;
  if (isOutside(window, frame)) return window;
  return { ...window, events: inOrder([frame, ...events]).slice(-mostEvents) };
}

/** A message after an edit, a deletion or a reaction; the same one where that changes nothing. */
export function changed(message: ShownMessage, frame: EventFrame): ShownMessage {
  if (message.is_deleted || !("message_id" in frame) || frame.message_id !== message.id) return message;
  if (frame.type === "message_edit" && frame.updated_at >= message.updated_at) {
    return { ...message, content: frame.content, updated_at: frame.updated_at, is_edited: true };
  }
  if (frame.type === "message_delete") {
    return withReactions({ ...message, content: "", media: [], mentions: [], is_deleted: true }, []);
  }
  return frame.type === "reaction" ? reacted(message, frame) : message;
}

function reacted(message: ShownMessage, { emoji, user_id, on }: Extract<EventFrame, { type: "reaction" }>) {
  const all = message.reactions ?? [];
  const before = all.find((one) => one.emoji === emoji)?.user_ids ?? [];
  if (before.includes(user_id) === on) return message;
  const user_ids = on ? [...before, user_id] : before.filter((id) => id !== user_id);
  return withReactions(message, [...all.filter((one) => one.emoji !== emoji), { emoji, user_ids }]);
}

/** Those that somebody has made, the most frequent first. */
function withReactions({ reactions: _before, ...message }: ShownMessage, all: Reaction[]): ShownMessage {
  const reactions = all
    .filter(({ user_ids }) => user_ids.length > 0)
    .sort((one, other) => other.user_ids.length - one.user_ids.length || (one.emoji < other.emoji ? -1 : 1));
  return reactions.length > 0 ? { ...message, reactions } : message;
}

/** More at one end; at the other, what is too much is let go. */
export function extended(
  window: Window,
  way: "older" | "newer",
  page: { items: readonly ShownMessage[]; isEnd: boolean },
): Window {
  const end = way === "older" ? { hasOlder: !page.isEnd } : { hasNewer: !page.isEnd };
  const messages = inOrder([...page.items, ...window.messages]);
  return trimmed({ ...window, ...end, messages }, way === "older" ? "newer" : "older");
}

function trimmed(window: Window, end: "older" | "newer"): Window {
  const { messages } = window;
  if (messages.length <= most) return window;
  return end === "older"
    ? { ...window, messages: messages.slice(-most), hasOlder: true }
    : { ...window, messages: messages.slice(0, most), hasNewer: true };
}
