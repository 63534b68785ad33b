/** A batch of the log as the archive stores it. */
import type { Drain } from "../db/archive.ts";
import { type EventFrame, eventFrames } from "../protocol/frames.ts";
import type { Undrained } from "./log-archive.ts";

/** @param version of this drain: rows in Postgres carry it */
export function drainOf({ room, events, members, invites, upTo }: Undrained, version: number): Drain {
  const messages = events.flatMap(({ frame, body_hash }) => (body_hash === null ? [] : [{ frame, body_hash }]));
  return {
    conversation: {
      id: room.id,
      kind: room.kind,
      title: room.title,
      description: room.description,
      avatar_url: room.avatar_url,
      public: room.public,
      epoch: room.epoch,
      sequence: upTo,
      member_count: room.members.size,
      created_by: room.created_by,
      body_hash: room.body_hash,
      created_at: new Date(room.created_at),
      updated_at: new Date(room.updated_at),
      active_at: new Date(events.findLast((event) => event.body_hash !== null)?.created_at ?? room.created_at),
      deleted_at: dateOf(room.deleted_at),
      version,
    },
    members: members.map(({ membership, left_at, is_barred }) => ({
      conversation_id: room.id,
      user_id: membership.user_id,
      role: membership.role,
      joined_at: new Date(membership.joined_at),
      joined_sequence: membership.joined_sequence,
      read: membership.read,
      delivered: membership.delivered,
      muted_until: dateOf(membership.muted_until),
      archived: membership.archived,
      pinned: membership.pinned,
      hidden: membership.hidden,
      left_at: dateOf(left_at),
      is_barred,
      version,
    })),
    invites: invites.map(({ invite }) => ({
      ...invite,
      conversation_id: room.id,
      created_at: new Date(invite.created_at),
      expires_at: dateOf(invite.expires_at),
      ended_at: dateOf(invite.ended_at),
      version,
    })),
    messages,
    withMedia: messages.filter(hasMedia).map(({ frame }) => said.parse(JSON.parse(frame)).id),
    edits: newestEdits(events),
    reactions: newestReactions(events),
    pins: newestPins(events),
    deleted: ofType(events, "message_delete").flatMap(({ target }) => target ?? []),
  };
}

const said = eventFrames.message.pick({ id: true });

function hasMedia({ frame }: { frame: string }): boolean {
  return frame.includes('"media":[{'); // in a text the quotes would be escaped
}

type Events = Undrained["events"];

function newestEdits(events: Events): string[] {
  return newest(ofType(events, "message_edit"), ({ target }) => target).map(({ frame }) => frame);
}

function newestReactions(events: Events): Drain["reactions"] {
  const frames = ofType(events, "reaction").map(({ frame }) => eventFrames.reaction.parse(JSON.parse(frame)));
  const ofEach = newest(frames, ({ message_id, emoji, user_id }) => `${message_id} ${emoji} ${user_id}`);
  return ofEach.map(({ type: _type, epoch: _epoch, on, ...row }) => ({ ...row, is_on: on }));
}

function newestPins(events: Events): Drain["pins"] {
  return newest(ofType(events, "pin"), ({ target }) => target).map(({ frame, created_at }) => {
    const { conversation_id, message_id, user_id, sequence, on } = eventFrames.pin.parse(JSON.parse(frame));
    return { conversation_id, message_id, user_id, sequence, at: new Date(created_at), is_on: on };
  });
}

function ofType(events: Events, type: EventFrame["type"]): Events {
  return events.filter((event) => event.type === type);
}

/** The last of those with the same key. */
function newest<Row>(rows: Row[], keyOf: (row: Row) => string | null): Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
