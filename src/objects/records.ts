/** A conversation as one of its members sees it: now, in the turn that changed it, or as of when they came in. */
import type { Services } from "../connect.ts";
import { peerOf, recordOf } from "../core/record.ts";
import { type Membership, memberIn, newMembership, type Room } from "../core/view.ts";
import { archivedMessages } from "../db/messages.ts";
import type { Conversation } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import { frameText } from "../protocol/frames.ts";
import type { Message } from "../protocol/messages.ts";
import type { Log } from "./log.ts";
import { archived, memberOf, messageOfFrame, shown } from "./reading.ts";

type Outside = Pick<Services, "db" | "profiles">;

/** What of it is here, at once. @throws Fault CONVERSATION_NOT_FOUND */
export function recordHere(log: Log, userId: string): Conversation {
  const { room, member } = memberOf(log, userId);
  return recordAt(log, room, member, log.rows.unread(member));
}

/** {@link recordHere} and what the archive and accounts have of it. @throws Fault CONVERSATION_NOT_FOUND, UNAVAILABLE */
export async function wholeRecord(log: Log, outside: Outside, userId: string): Promise<Conversation> {
  return await completed(log, outside, userId, recordHere(log, userId));
}

/**
 * The `inbox` that tells a member of a conversation new to them, as of the event that brought them in, 0: the creation.
 * What came later follows as events, and counts what they count. Undefined for who has left meanwhile.
 */
export async function arrivalFrame(
  log: Log,
  outside: Outside,
  userId: string,
  sequence: number,
): Promise<string | undefined> {
  const { room } = log;
  const member = room && memberIn(room, userId);
  if (!room || !member) return undefined;
  const joined = newMembership(member, "MEMBER", sequence, member.joined_at);
  const record = recordAt(log, { ...room, head: sequence }, joined, 0);
  const grown = log.rows.turnovers(sequence).reduce((sum, { joined: isIn }) => sum + (isIn ? 1 : -1), 0);
  const asThen = { ...record, member_count: record.member_count - grown };
  const conversation = await sparing(log, outside, userId, asThen);
  const { id: conversation_id, me } = conversation;
  return frameText({ type: "inbox", conversation_id, sequence, unread: me.unread, me, conversation });
}

/** {@link completed} but for what cannot be asked now: the command it tells of has been done. */
export async function sparing(log: Log, outside: Outside, userId: string, record: Conversation): Promise<Conversation> {
  try {
    return await completed(log, outside, userId, record);
  } catch (error) {
    if (error instanceof Fault && error.code === "UNAVAILABLE") return record;
    throw error;
  }
}

function recordAt(log: Log, room: Room, member: Membership, unread: number): Conversation {
  const [frame] = log.rows.messages(room.floor, { before: room.head + 1 }, 1);
  const [last_message] = frame ? shown(log, [messageOfFrame(frame)]) : [];
  return { ...recordOf(room, member, unread), ...(last_message && { last_message }) };
}

async function completed(
  log: Log,
  { db, profiles }: Outside,
  userId: string,
  record: Conversation,
): Promise<Conversation> {
  const { room } = log;
  const peerId = room && peerOf(room, userId);
  const [last_message = record.last_message, people] = await Promise.all([
    record.last_message ? undefined : newestArchived(log, db, record.sequence),
    // Also one whose account is gone: a dialog keeps its other one.
    peerId === undefined ? undefined : profiles.shown([peerId]),
  ]);
  const peer = peerId === undefined ? undefined : people?.get(peerId);
  return { ...record, ...(last_message && { last_message }), ...(peer && { peer }) };
}

/** The newest message at or below a sequence, where there is none above the floor. */
async function newestArchived(log: Log, db: Outside["db"], sequence: number): Promise<Message | undefined> {
  const { room } = log;
  if (!room || room.floor === 0) return undefined;
  const upTo = Math.min(room.floor, sequence);
  const place = { conversationId: room.id, epoch: room.epoch, upTo };
  return (await archived(log, archivedMessages(db, place, { before: upTo + 1 }, 1)))[0];
}
