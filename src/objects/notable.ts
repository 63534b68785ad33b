/** What a conversation's object says to the object of a member who is about to be notified. */
import { isNotable } from "../core/notify.ts";
import { type Membership, memberIn, type Room } from "../core/view.ts";
import { limits } from "../protocol/limits.ts";
import type { Notable, NotableQuery } from "../protocol/lookups.ts";
import type { Message } from "../protocol/messages.ts";
import type { Log } from "./log.ts";
import { messageOfFrame, shown } from "./reading.ts";

/** @returns null for who is not a member */
export function notableFor(log: Log, userId: string, wanted: NotableQuery, now: number): Notable | null {
  const { room } = log;
  const member = room && memberIn(room, userId);
  if (!room || !member) return null;
  const newest = newestOf(log, { room, member }, { upTo: wanted.upTo, now });
  return {
    kind: room.kind,
    title: room.title,
    epoch: room.epoch,
    unread: log.rows.unread(member, limits.pushCounted), // asked for every member of a busy group
    is_muted: isMuted(member, now),
    ...(newest && { newest }),
    standing: wanted.shown.filter((sequence) => sequence > member.read && !isDeleted(log, sequence)),
  };
}

function newestOf(
  log: Log,
  { room, member }: { room: Room; member: Membership },
  { upTo, now }: { upTo: number; now: number },
): Message | undefined {
  const { read, user_id: userId } = member;
  if (upTo <= read) return undefined;
  const frames = log.rows.messages(Math.max(room.floor, read), { before: upTo + 1 }, limits.pushLookedAt);
  for (const frame of frames) {
    const message = messageOfFrame(frame);
    if (isNotable(message, { userId, isMuted: isMuted(member, now) })) return shown(log, [message])[0];
  }
  return undefined;
}

function isMuted({ muted_until }: Membership, now: number): boolean {
  return muted_until !== null && muted_until > now;
}

function isDeleted(log: Log, sequence: number): boolean {
  const id = log.rows.messageAt(sequence);
  return id === undefined || (log.rows.known(id)?.is_deleted ?? true);
}
