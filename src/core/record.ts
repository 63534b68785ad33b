import type { Conversation, Mine } from "../protocol/conversations.ts";
import { isoTime } from "../protocol/ids.ts";
import type { RosterEntry, RosterPlace, RosterQuery } from "../protocol/lookups.ts";
import { marksOf } from "./marks.ts";
import type { Membership, Room } from "./view.ts";

/** A conversation as a member sees it, but for what is not in its room: the last message and a dialog's other person. */
export function recordOf(room: Room, member: Membership, unread: number): Conversation {
  return {
    id: room.id,
    kind: room.kind,
    title: room.title,
    ...(room.description === null ? {} : { description: room.description }),
    ...(room.avatar_url === null ? {} : { avatar_url: room.avatar_url }),
    public: room.public,
    epoch: room.epoch,
    sequence: room.head,
    member_count: room.members.size,
    created_by: room.created_by,
    created_at: isoTime(room.created_at),
    updated_at: isoTime(room.updated_at),
    me: mineOf(member, unread),
  };
}

export function mineOf(member: Membership, unread: number): Mine {
  return {
    role: member.role,
    read: member.read,
    delivered: member.delivered,
    unread,
    ...(member.muted_until === null ? {} : { muted_until: isoTime(member.muted_until) }),
    archived: member.archived,
    pinned: member.pinned,
    hidden: member.hidden,
  };
}

/** The other one of a dialog. */
export function peerOf(room: Room, userId: string): string | undefined {
  if (room.kind !== "dialog") return undefined;
  return [...room.members.keys()].find((member) => member !== userId);
}

/** Members in the order of joining, as one of them sees them. */
export function rosterOf(room: Room, viewerId: string, { after, only, limit }: RosterQuery): RosterEntry[] {
  const wanted = only && new Set(only);
  const order = (entry: RosterPlace) => `${entry.joined_at} ${entry.user_id}`;
  return [...room.members.values()]
    .map((member) => ({
      user_id: member.user_id,
      role: member.role,
      joined_at: isoTime(member.joined_at),
      ...marksOf(member, viewerId),
    }))
    .filter((entry) => !wanted || wanted.has(entry.user_id))
    .filter((entry) => !after || order(entry) > order(after))
    .sort((one, other) => (order(one) < order(other) ? -1 : 1))
    .slice(0, limit);
}
