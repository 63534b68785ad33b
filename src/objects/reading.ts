/** What a conversation's object answers without changing anything. */
import { redacted } from "../core/deletions.ts";
import { edited } from "../core/edits.ts";
import { may } from "../core/permission.ts";
import { memberIn, refuseUnseen } from "../core/view.ts";
import type { Database } from "../db/connect.ts";
import { archivedMessages, messagesByIds } from "../db/messages.ts";
import type { Invite } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import { eventFrames } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import type { Message } from "../protocol/messages.ts";
import type { HistoryPage, HistoryQuery, InviteQuery } from "../protocol/rpc.ts";
import type { Log } from "./log.ts";

const asMessage = eventFrames.message.omit({ type: true });
const asEdit = eventFrames.message_edit;

export function messageOfFrame(frame: string): Message {
  return asMessage.parse(JSON.parse(frame));
}

/** @throws Fault CONVERSATION_NOT_FOUND to who is not a member: it is not there for them */
export function memberOf(log: Log, userId: string) {
  const { room } = log;
  const member = room && memberIn(room, userId);
  if (!room || !member) throw Fault.from(refuseUnseen());
  return { room, member };
}

/** What the archive says, but for what it has not heard of yet. */
export async function archived<Found extends Message>(log: Log, asked: Promise<Found[]>): Promise<Found[]> {
  const messages = shown(log, await asked);
  const deleted = log.rows.deleted(messages.map((message) => message.id));
  const isDeleted = ({ id }: Message) => deleted.has(id) || log.rows.known(id)?.is_deleted;
  return messages.map((message) => (isDeleted(message) ? redacted(message) : message));
}

/** Messages with their edits applied. */
export function shown<Known extends Message>(log: Log, messages: Known[]): Known[] {
  const edits = log.rows.edits(messages.map((message) => message.id)).map((frame) => asEdit.parse(JSON.parse(frame)));
  if (edits.length === 0) return messages;
  const byId = new Map(edits.map((edit) => [edit.message_id, edit]));
  return messages.map((message) => edited(message, byId.get(message.id)));
}

/**
 * A page of messages on one axis: from the log, and below its floor from the archive, which has all of that.
 * `before`, and neither: newest first. `after` and `around`: oldest first.
 * @throws Fault UNAVAILABLE
 */
export async function history(log: Log, db: Database, userId: string, query: HistoryQuery): Promise<HistoryPage> {
  const { room } = memberOf(log, userId);
  const { before, after, around, limit } = query;
  if (after !== undefined) return { epoch: room.epoch, items: await following(log, db, after, limit) };
  if (around === undefined) return { epoch: room.epoch, items: await preceding(log, db, before, limit) };
  const [older, newer] = await Promise.all([
    preceding(log, db, around + 1, Math.ceil(limit / 2)),
    following(log, db, around, Math.floor(limit / 2)),
  ]);
  return { epoch: room.epoch, items: [...older.reverse(), ...newer] };
}

async function preceding(log: Log, db: Database, before = Number.MAX_SAFE_INTEGER, limit: number): Promise<Message[]> {
  const { id, epoch, floor } = placeOf(log);
  const here = shown(log, log.rows.messages(floor, { before }, limit).map(messageOfFrame));
  const missing = limit - here.length;
  if (missing === 0 || floor === 0) return here;
  const place = { conversationId: id, epoch, upTo: floor };
  const older = archivedMessages(db, place, { before: Math.min(before, floor + 1) }, missing);
  return [...here, ...(await archived(log, older))];
}

async function following(log: Log, db: Database, after: number, limit: number): Promise<Message[]> {
  const { id, epoch, floor } = placeOf(log);
  // Read before anything is awaited: the floor may rise meanwhile.
  const here = shown(log, log.rows.messages(floor, { after }, limit).map(messageOfFrame));
  if (after >= floor || limit === 0) return here;
  const older = archivedMessages(db, { conversationId: id, epoch, upTo: floor }, { after }, limit);
  return [...(await archived(log, older)), ...here].slice(0, limit);
}

function placeOf(log: Log) {
  if (!log.room) throw new Error("The log is empty");
  return log.room;
}

/** Invites that can still be used, the newest first. @throws Fault CONVERSATION_NOT_FOUND, PERMISSION_DENIED */
export function invitesOf(log: Log, userId: string, { after, limit }: InviteQuery): Invite[] {
  const refusal = may(userId, "invite", memberOf(log, userId).room);
  if (refusal) throw Fault.from(refusal);
  return log.invites.usable(Date.now(), after, limit).map((invite) => ({
    id: invite.id,
    created_by: invite.created_by,
    created_at: isoTime(invite.created_at),
    ...(invite.expires_at === null ? {} : { expires_at: isoTime(invite.expires_at) }),
    ...(invite.max_uses === null ? {} : { max_uses: invite.max_uses }),
    uses: invite.uses,
  }));
}

/** @throws Fault MESSAGE_NOT_FOUND, UNAVAILABLE */
export async function messageById(log: Log, db: Database, userId: string, messageId: string): Promise<Message> {
  const { room } = memberOf(log, userId);
  const known = log.rows.known(messageId);
  const [here] = known?.frame ? shown(log, [messageOfFrame(known.frame)]) : [];
  if (here) return here;
  const isArchived = known !== undefined || !log.archive.isComplete;
  const [found] = isArchived ? await archived(log, messagesByIds(db, room.id, room.epoch, [messageId])) : [];
  if (!found) throw new Fault("MESSAGE_NOT_FOUND", "There is no such message in this conversation");
  const { body_hash: _hash, ...message } = found;
  return message;
}
