/** An object with empty storage asks Postgres before it serves anything, and rebuilds itself under a new epoch. */

import { newId } from "../chance.ts";
import type { Invite, Membership, Room } from "../core/view.ts";
import type { Database } from "../db/connect.ts";
import { type ArchivedConversation, conversationForRebuild, olderIds, olderReactions } from "../db/rebuild.ts";
import { log } from "../log.ts";
import { limits } from "../protocol/limits.ts";
import type { Log } from "./log.ts";
import type { PinRow } from "./log-pins.ts";

/**
 * Fills an empty log from the archive; leaves it empty where the archive knows no such conversation.
 * @throws Fault UNAVAILABLE when Postgres cannot be asked
 */
export async function rebuild(into: Log, db: Database, conversationId: string): Promise<void> {
  const archived = await conversationForRebuild(db, conversationId, limits.rebuildRows);
  if (!archived || into.room) return;
  const room = roomOf(archived);
  const isComplete = [archived.ids, archived.reactions].every((rows) => rows.length < limits.rebuildRows);
  const cursors = { drained: room.head, fanned: room.head, version: archived.conversation.version, isComplete };
  const { barred, invites, pins } = archived;
  into.begin(room, cursors, { barred, invites: invites.map(inviteOf), pins: pins.map(pinOf) });
  into.archive.remember(archived.ids);
  into.reactions.remember(archived.reactions);
  log("warn", "conversation_rebuilt", { conversation_id: room.id, head: room.head, is_complete: isComplete });
}

/** The next older message ids and reactions, until the archive has no more. @throws Fault UNAVAILABLE */
export async function rememberOlder(into: Log, db: Database, conversationId: string): Promise<void> {
  if (into.archive.isComplete) return;
  const [ids, reactions] = await Promise.all([
    olderIds(db, conversationId, into.archive.oldestKnown(), limits.rebuildRows),
    olderReactions(db, conversationId, into.reactions.remembered, limits.rebuildRows),
  ]);
  into.archive.remember(ids);
  into.reactions.remember(reactions);
  if ([ids, reactions].every((rows) => rows.length < limits.rebuildRows)) into.archive.completed();
}

/** Sequences that were given out but never archived must not be given out again: the head is the greatest one heard of. */
function roomOf({ conversation, members, ids }: ArchivedConversation): Room {
  const marks = members.flatMap((member) => [member.read, member.delivered]);
  const head = Math.max(conversation.sequence, ids[0]?.sequence ?? 0, ...marks);
  return {
    id: conversation.id,
    kind: conversation.kind,
    title: conversation.title,
    description: conversation.description,
    avatar_url: conversation.avatar_url,
    public: conversation.public,
    epoch: newId(),
    head,
    floor: head,
    created_by: conversation.created_by,
    body_hash: conversation.body_hash,
    created_at: conversation.created_at.getTime(),
    updated_at: conversation.updated_at.getTime(),
    deleted_at: conversation.deleted_at?.getTime() ?? null,
    members: new Map(members.map((member) => [member.user_id, membershipOf(member)])),
  };
}

function inviteOf(row: ArchivedConversation["invites"][number]): Invite {
  const { conversation_id: _here, version: _drain, created_at, expires_at, ended_at, ...invite } = row;
  return {
    ...invite,
    created_at: created_at.getTime(),
    expires_at: expires_at?.getTime() ?? null,
    ended_at: ended_at?.getTime() ?? null,
  };
}

function pinOf({ message_id, user_id, at, sequence, is_on }: ArchivedConversation["pins"][number]): PinRow {
  return { message_id, user_id, at: at.getTime(), sequence, is_on };
}

function membershipOf(row: ArchivedConversation["members"][number]): Membership {
  return {
    ...row.person,
    is_deleted: row.is_deleted,
    role: row.role,
    joined_at: row.joined_at.getTime(),
    joined_sequence: row.joined_sequence,
    read: row.read,
    delivered: row.delivered,
    announced: row.read,
    muted_until: row.muted_until?.getTime() ?? null,
    archived: row.archived,
    pinned: row.pinned,
    hidden: row.hidden,
  };
}
