/** What a history shows, line by line: days, the unread line, events, messages in groups, and what is not sent yet. */
import type { Pending, RoomEvent, RoomState } from "../../client/api.ts";
import type { ShownMessage } from "../../protocol/messages.ts";

/** A message's place among those of its sender: names and pictures once, corners and gaps. */
export interface InGroup {
  isFirst: boolean;
  isLast: boolean;
}

export type MessageRow = InGroup & { kind: "message"; key: string; message: ShownMessage };
export type PendingRow = InGroup & { kind: "pending"; key: string; pending: Pending };
export type Row =
  | MessageRow
  | PendingRow
  | { kind: "event"; key: string; event: RoomEvent }
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: "unread" };

/** What was unread when the conversation was opened: its line stays there. */
export interface UnreadMark {
  read: number;
  userId: string;
}

type Given = Pick<RoomState, "messages" | "events" | "pending" | "hasOlder"> & {
  userId: string;
  unread: UnreadMark | undefined;
};

const groupMs = 5 * 60_000;

export function rowsOf({ messages, events, pending, hasOlder, userId, unread }: Given): Row[] {
  const rows: Row[] = [];
  const firstUnread = unread && messages.find((message) => isUnread(message, unread))?.id;
  let nextEvent = 0;
  let last = { key: "", at: 0 };
  /** No day comes twice: what was not sent stays under the day of what stands above it. */
  const startDay = (at: number) => {
    const key = dayKey(at);
    if (at < last.at || key === last.key) return;
    rows.push({ kind: "day", key, at });
    last = { key, at };
  };
  const addEventsBelow = (sequence: number) => {
    for (let event = events[nextEvent]; event && event.sequence < sequence; event = events[++nextEvent])
      rows.push({ kind: "event", key: `event ${event.sequence}`, event });
  };
  const addPending = (one: Pending) => {
    startDay(one.entry.created_at);
    rows.push({ kind: "pending", key: one.entry.id, pending: one, isFirst: true, isLast: true });
  };
  const known = new Set(messages.map(({ id }) => id));
  const waiting = new Set(pending.filter(({ entry }) => !known.has(entry.id)));
  for (const message of messages) {
    addEventsBelow(message.sequence);
    for (const one of waiting) {
      if (!isPassed(one, message, userId)) continue;
      waiting.delete(one);
      if (!isAbove(one, messages, hasOlder)) addPending(one);
    }
    startDay(Date.parse(message.created_at));
    if (message.id === firstUnread) rows.push({ kind: "unread", key: "unread" });
    rows.push({ kind: "message", key: message.id, message, isFirst: true, isLast: true });
  }
  addEventsBelow(Number.POSITIVE_INFINITY);
  for (const one of waiting) addPending(one);
  group(rows, userId);
  return rows;
}

export const isUnread = (message: ShownMessage, { read, userId }: UnreadMark): boolean =>
  message.sequence > read && message.sender_id !== userId && !message.is_deleted;

/**
 * What has failed stays before what one has said since. The ids tell, being of version 7: the clock of a device may be
 * another than the server's.
 */
const isPassed = ({ entry, state }: Pending, { id, sender_id }: ShownMessage, userId: string): boolean =>
  state === "failed" && sender_id === userId && id[14] === "7" && id > entry.id;

/** Its place is further up than what is loaded. */
const isAbove = ({ entry }: Pending, [oldest]: readonly ShownMessage[], hasOlder: boolean): boolean =>
  hasOlder && oldest !== undefined && entry.created_at < Date.parse(oldest.created_at);

/** Neighbours of one sender, not far apart in time, are one group. */
function group(rows: Row[], userId: string): void {
  for (const [index, row] of rows.entries()) {
    const next = rows[index + 1];
    if (!next || !isSaid(row) || !isSaid(next) || senderOf(row, userId) !== senderOf(next, userId)) continue;
    if (timeOf(next) - timeOf(row) >= groupMs) continue;
    row.isLast = false;
    next.isFirst = false;
  }
}

type Said = MessageRow | PendingRow;

export const isSaid = (row: Row): row is Said => row.kind === "message" || row.kind === "pending";
const senderOf = (row: Said, userId: string) => (row.kind === "message" ? row.message.sender_id : userId);
const timeOf = (row: Said) =>
  row.kind === "message" ? Date.parse(row.message.created_at) : row.pending.entry.created_at;

/** By the clock of who looks. */
function dayKey(at: number): string {
  const date = new Date(at);
  return `day ${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}
