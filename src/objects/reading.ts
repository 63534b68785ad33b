/** What a conversation's object answers without changing anything. */
import { redacted } from "../core/deletions.ts";
import { edited } from "../core/edits.ts";
import { may } from "../core/permission.ts";
import { readersOf } from "../core/readers.ts";
import { memberIn, refuseUnseen } from "../core/view.ts";
import type { Database } from "../db/connect.ts";
import { filesIn } from "../db/media-uses.ts";
import { archivedMessages, messagesByIds } from "../db/messages.ts";
import type { Invite } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import { eventFrames } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import type {
  Amendments,
  FilePage,
  FileQuery,
  HistoryPage,
  HistoryQuery,
  InviteQuery,
  PinQuery,
} from "../protocol/lookups.ts";
import type { Message, Reader, ShownMessage } from "../protocol/messages.ts";
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
  return { epoch: room.epoch, items: withReactions(log, await pageOf(log, db, query)) };
}

async function pageOf(log: Log, db: Database, { before, after, around, limit }: HistoryQuery): Promise<Message[]> {
  if (after !== undefined) return await following(log, db, after, limit);
  if (around === undefined) return await preceding(log, db, before, limit);
  const [older, newer] = await Promise.all([
    preceding(log, db, around + 1, Math.ceil(limit / 2)),
    following(log, db, around, Math.floor(limit / 2)),
  ]);
  return [...older.reverse(), ...newer];
}

/** Messages with what members have put on them. */
function withReactions(log: Log, messages: Message[]): ShownMessage[] {
  const standing = messages.filter(({ is_deleted }) => !is_deleted);
  const on = log.reactions.on(standing.map(({ id }) => id));
  return messages.map((message) => {
    const reactions = on.get(message.id);
    return reactions ? { ...message, reactions } : message;
  });
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

/** @throws Fault CONVERSATION_NOT_FOUND */
export function amendmentsOf(log: Log, userId: string, ids: string[]): Amendments {
  const { room } = memberOf(log, userId);
  const told = log.rows.deleted(ids);
  const deleted = ids.filter((id) => told.has(id) || log.rows.known(id)?.is_deleted);
  const edits = log.rows.edits(ids).map((frame) => asEdit.parse(JSON.parse(frame)));
  return { epoch: room.epoch, deleted, edits, reactions: log.reactions.on(ids) };
}

/** Files that were sent, the newest first. @throws Fault CONVERSATION_NOT_FOUND, UNAVAILABLE */
export async function filesOf(log: Log, db: Database, userId: string, { before, limit }: FileQuery): Promise<FilePage> {
  const { room } = memberOf(log, userId);
  const found = await filesIn(db, room.id, { before, limit: limit + 1 });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const deleted = log.rows.deleted(page.map(({ file }) => file.message_id));
  return {
    items: page.flatMap(({ file }) => (deleted.has(file.message_id) ? [] : [file])),
    next: found.length > limit && last ? { sequence: last.file.sequence, nth: last.nth } : null,
  };
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

/** Of what is here: the archive is asked elsewhere. */
export function hasMessage({ room, rows }: Log, userId: string, messageId: string): boolean {
  return room !== undefined && memberIn(room, userId) !== undefined && rows.known(messageId) !== undefined;
}

/** @throws Fault CONVERSATION_NOT_FOUND, MESSAGE_NOT_FOUND, UNAVAILABLE */
export async function messageById(log: Log, db: Database, userId: string, messageId: string): Promise<ShownMessage> {
  memberOf(log, userId);
  const [message] = withReactions(log, await messagesOf(log, db, [messageId]));
  if (!message) throw new Fault("MESSAGE_NOT_FOUND", "There is no such message in this conversation");
  return message;
}

/** Those of the messages that are there, as history shows them, in any order. @throws Fault UNAVAILABLE */
async function messagesOf(log: Log, db: Database, ids: string[]): Promise<Message[]> {
  const { id: roomId, epoch } = placeOf(log);
  const known = new Map(ids.map((id) => [id, log.rows.known(id)]));
  const here = shown(
    log,
    [...known.values()].flatMap((row) => (row?.frame ? [messageOfFrame(row.frame)] : [])),
  );
  const isElsewhere = (id: string) => (known.get(id) ? known.get(id)?.frame === null : !log.archive.isComplete);
  const elsewhere = ids.filter(isElsewhere);
  if (elsewhere.length === 0) return here;
  const found = await archived(log, messagesByIds(db, roomId, epoch, elsewhere));
  return [...here, ...found.map(({ body_hash: _hash, ...message }) => message)];
}

/** Pinned messages, the one pinned last first. @throws Fault CONVERSATION_NOT_FOUND, UNAVAILABLE */
export async function pinsOf(log: Log, db: Database, userId: string, { before, limit }: PinQuery) {
  memberOf(log, userId);
  const pins = log.pins.newest(before, limit);
  const messages = await messagesOf(
    log,
    db,
    pins.map(({ message_id }) => message_id),
  );
  const byId = new Map(withReactions(log, messages).map((message) => [message.id, message]));
  return pins.flatMap(({ message_id, user_id: pinned_by, at, sequence }) => {
    const message = byId.get(message_id);
    // One that was deleted while it was asked for is pinned no more.
    return message && !message.is_deleted ? [{ message, pinned_by, pinned_at: isoTime(at), sequence }] : [];
  });
}

/** @throws Fault CONVERSATION_NOT_FOUND, MESSAGE_NOT_FOUND, CONFLICT in a group too large for it, UNAVAILABLE */
export async function readersAt(log: Log, db: Database, userId: string, messageId: string): Promise<Reader[]> {
  memberOf(log, userId);
  const message = log.rows.known(messageId) ?? (await messageById(log, db, userId, messageId));
  const readers = readersOf(memberOf(log, userId).room, userId, message); // who asks may have left meanwhile
  if ("ok" in readers) throw Fault.from(readers);
  return readers;
}
