/** What is known of a conversation besides its messages: its record, how far each has got, who types and who is there. */
import type { Conversation, Mine } from "../protocol/conversations.ts";
import type { EventFrame } from "../protocol/frames.ts";
import type { Reader } from "../protocol/messages.ts";
import type { ListItem, Typist } from "./api.ts";
import { changed, isSaid, type Said } from "./window.ts";

export interface Face {
  record: Conversation | undefined;
  readers: ReadonlyMap<string, Reader>;
  typing: readonly Typist[];
  online: ReadonlySet<string>;
  /** Removed, deleted, or never there to be seen. */
  isGone: boolean;
}

export const noFace: Face = { record: undefined, readers: new Map(), typing: [], online: new Set(), isGone: false };

/** Watermarks only rise, and who has read it has it. */
export function raised(
  readers: Face["readers"],
  { user_id, read = 0, delivered = 0 }: Partial<Reader> & { user_id: string },
): Face["readers"] {
  const before = readers.get(user_id) ?? { read, delivered };
  const mark = { read: Math.max(before.read, read), delivered: Math.max(before.delivered, delivered, read) };
  return new Map(readers).set(user_id, { user_id, ...mark });
}

/** With or without somebody who is there. */
export function onlineAfter(online: Face["online"], userId: string, isThere: boolean): Face["online"] {
  const others = [...online].filter((id) => id !== userId);
  return new Set(isThere ? [...others, userId] : others);
}

export const without = (typing: Face["typing"], userId: string) => typing.filter(({ user_id }) => user_id !== userId);

/** After an event, once each, in order. @param me one's own id */
export function faceAfter(face: Face, frame: EventFrame, me: string): Face {
  const { record, readers, typing, online, isGone } = face;
  const isNews = record?.epoch === frame.epoch && frame.sequence > record.sequence;
  const isEnd = frame.type === "conversation_deleted" || (frame.type === "member_removed" && frame.user_id === me);
  return {
    ...face,
    record: record && isNews ? recordAfter(record, frame, me) : record,
    readers: readersAfter(readers, frame),
    ...(isSaid(frame) && { typing: without(typing, frame.sender_id) }),
    ...(frame.type === "member_removed" && { online: onlineAfter(online, frame.user_id, false) }),
    isGone: isGone || isEnd,
  };
}

/** Who sends has read all, and to who is added nothing of before is new. */
function readersAfter(readers: Face["readers"], frame: EventFrame): Face["readers"] {
  const { type, sequence: read } = frame;
  if (isSaid(frame)) return raised(readers, { user_id: frame.sender_id, read });
  if (type === "member_added") return raised(readers, { user_id: frame.user_id, read });
  return type === "member_removed" ? new Map([...readers].filter(([id]) => id !== frame.user_id)) : readers;
}

/** Whether the record no longer says what is so, and has to be asked for: what an event does not tell. */
export function isDoubtful(record: Conversation, { type, epoch, sequence }: EventFrame): boolean {
  if (epoch !== record.epoch || sequence > record.sequence + 1) return true;
  if (type === "message_delete") return record.me.unread > 0;
  return type === "conversation_updated" || type === "member_role";
}

function recordAfter(before: Conversation, frame: EventFrame, me: string): Conversation {
  const record = { ...before, sequence: frame.sequence };
  const { member_count, last_message: last } = record;
  if (isSaid(frame)) return afterSaid(record, frame, me);
  if (frame.type === "member_added") return { ...record, member_count: member_count + 1 };
  if (frame.type === "member_removed") return { ...record, member_count: member_count - 1 };
  return last ? { ...record, last_message: changed(last, frame) } : record;
}

function afterSaid(record: Conversation, { type: _type, ...last_message }: Said, me: string): Conversation {
  const { sequence, sender_id } = last_message;
  const { unread, read } = record.me;
  const mark =
    sender_id === me
      ? { read: sequence, delivered: sequence, unread: 0 }
      : { unread: sequence > read ? unread + 1 : unread };
  return { ...record, last_message, me: { ...record.me, ...mark, hidden: false } };
}

/** With where the user stands now. */
export function standing(face: Face, me: Partial<Mine>): Face {
  const { record } = face;
  return record ? { ...face, record: { ...record, me: { ...record.me, ...me } } } : face;
}

/** As a list shows it. */
export function itemOf(conversation: Conversation, { typing, readers }: Face, me: string | undefined): ListItem {
  const others = [...readers.values()].filter(({ user_id }) => user_id !== me);
  const isAll = others.length > 0 && others.length + 1 >= conversation.member_count;
  const reach = (mark: "read" | "delivered") => (isAll ? Math.min(...others.map((reader) => reader[mark])) : 0);
  return { conversation, typing, othersRead: reach("read"), othersDelivered: reach("delivered") };
}

/** The order of lists: pinned ones, then the last said. */
export function inListOrder({ conversation: one }: ListItem, { conversation: other }: ListItem): number {
  const byPin = Number(other.me.pinned) - Number(one.me.pinned);
  return byPin || activeAt(other).localeCompare(activeAt(one)) || other.id.localeCompare(one.id);
}

const activeAt = ({ last_message, created_at }: Conversation) => last_message?.created_at ?? created_at;
