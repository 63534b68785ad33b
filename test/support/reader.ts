/**
 * The client rules of the wire contract (wire.md 1 and 2.2) as a model: what a client keeps of a conversation, and
 * what it has to ask for next.
 */
import { message } from "../../src/protocol/messages.ts";

/** A frame, as it came. */
// biome-ignore lint/suspicious/noExplicitAny: what is read of it is what its type has.
type Json = any;

/** Its maps are changed in place: a client hears thousands of events. */
export interface Reader {
  epoch: string | undefined;
  /** The last sequence applied. */
  last: number;
  messages: Map<string, Json>;
  /** Events above a gap, by sequence: they wait for what is missing. */
  held: Map<number, Json>;
  /** What it must ask for now. */
  wants: "nothing" | "subscribe" | "sync";
  /** After a reset: the newest page over REST is yet to be loaded, whatever is heard meanwhile. */
  lacksPage: boolean;
}

export function newReader(): Reader {
  return { epoch: undefined, last: 0, messages: new Map(), held: new Map(), wants: "subscribe", lacksPage: false };
}

/** The frame to send for what it wants. */
export function request(reader: Reader): Json {
  if (reader.wants === "sync") return { type: "sync", since: reader.last };
  return { type: "subscribe", since: reader.last, ...(reader.epoch !== undefined && { epoch: reader.epoch }) };
}

export function heard(reader: Reader, frame: Json): Reader {
  if (frame.type === "subscribed") return subscribed(reader, frame);
  if (frame.type === "synced") return synced(reader, frame);
  return "epoch" in frame && "sequence" in frame ? event(reader, frame) : reader;
}

/** The newest page, as REST gives it. */
export function loaded(reader: Reader, page: { epoch: string; items: Json[] }): Reader {
  if (page.epoch !== reader.epoch) return { ...reader, wants: "subscribe" };
  for (const message of page.items) if (message.sequence <= reader.last) reader.messages.set(message.id, message);
  return { ...reader, lacksPage: false };
}

function subscribed(reader: Reader, { status, epoch, sequence }: Json): Reader {
  if (status === "reset") {
    return { epoch, last: sequence, messages: new Map(), held: new Map(), wants: "nothing", lacksPage: true };
  }
  if (reader.epoch !== undefined && epoch !== reader.epoch) return { ...reader, wants: "subscribe" };
  return { ...reader, epoch, wants: status === "more" || sequence > reader.last ? "sync" : "nothing" };
}

function synced(reader: Reader, { epoch, status, sequence }: Json): Reader {
  if (epoch !== reader.epoch || status === "reset") return { ...reader, wants: "subscribe" };
  return { ...reader, wants: sequence > reader.last ? "sync" : "nothing" };
}

function event(reader: Reader, frame: Json): Reader {
  if (frame.epoch !== reader.epoch) return { ...reader, wants: "subscribe" };
  if (frame.sequence <= reader.last) return reader;
  const { held, messages } = reader;
  held.set(frame.sequence, frame);
  let { last } = reader;
  for (let next = held.get(last + 1); next; next = held.get(last + 1)) {
    last += 1;
    held.delete(last);
    if ("sender_id" in next) messages.set(next.id, message.parse(next));
    const known = next.type === "message_edit" ? messages.get(next.message_id) : undefined;
    if (known) messages.set(known.id, edited(known, next));
    const deleted = next.type === "message_delete" ? messages.get(next.message_id) : undefined;
    if (deleted) messages.set(deleted.id, withReactions(redacted(deleted), []));
    const on = next.type === "reaction" ? messages.get(next.message_id) : undefined;
    if (on) messages.set(on.id, reacted(on, next));
  }
  return { ...reader, last, wants: held.size > 0 ? "sync" : reader.wants };
}

/** Set-like: what is so already stays so, since a page that was loaded later may know it. */
function reacted(message: Json, { emoji, user_id, on }: Json): Json {
  const groups: Json[] = message.reactions ?? [];
  const others = groups.map((group) =>
    group.emoji === emoji ? { emoji, user_ids: group.user_ids.filter((id: string) => id !== user_id) } : group,
  );
  const users = others.find((group) => group.emoji === emoji)?.user_ids ?? [];
  const rest = others.filter((group) => group.emoji !== emoji);
  return withReactions(message, [...rest, { emoji, user_ids: on ? [...users, user_id] : users }]);
}

/** Those that somebody has made, the most frequent first. */
function withReactions({ reactions: _before, ...message }: Json, groups: Json[]): Json {
  const reactions = groups
    .filter(({ user_ids }) => user_ids.length > 0)
    .sort((one, other) => other.user_ids.length - one.user_ids.length || (one.emoji < other.emoji ? -1 : 1));
  return reactions.length > 0 ? { ...message, reactions } : message;
}

function edited(message: Json, { content, updated_at }: Json): Json {
  return { ...message, content: message.is_deleted ? "" : content, updated_at, is_edited: true };
}

function redacted(message: Json): Json {
  return { ...message, content: "", media: [], mentions: [], is_deleted: true };
}

export function withoutType({ type: _type, ...message }: Json): Json {
  return message;
}
