/** What an object whose storage is empty rebuilds itself from. */
import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { Person } from "../protocol/commands.ts";
import { limits } from "../protocol/limits.ts";
import { type Database, reach } from "./connect.ts";
import { personColumns, personOf } from "./people.ts";
import { conversations, invites, members, messages, pins, reactions, users } from "./schema.ts";

export interface ArchivedConversation {
  conversation: typeof conversations.$inferSelect;
  members: (typeof members.$inferSelect & { person: Person; is_deleted: boolean })[];
  /** Who was removed and not added again. */
  barred: string[];
  invites: (typeof invites.$inferSelect)[];
  pins: (typeof pins.$inferSelect)[];
  /** The newest message ids, newest first. */
  ids: ArchivedId[];
  /** To the newest messages, as far as ids rise with time. */
  reactions: ArchivedReaction[];
}

export interface ArchivedId {
  id: string;
  sequence: number;
  sender_id: string;
  body_hash: string;
  is_deleted: boolean;
  is_forward: boolean;
  created_at: number;
}

export type ArchivedReaction = Omit<typeof reactions.$inferSelect, "conversation_id">;

const idColumns = {
  id: messages.id,
  sequence: messages.sequence,
  sender_id: messages.sender_id,
  body_hash: messages.body_hash,
  is_deleted: messages.is_deleted,
  is_forward: sql<boolean>`${messages.forwarded_from} is not null`,
  created_at: messages.created_at,
};

/**
 * All an object needs to be rebuilt, in one round trip; undefined for a conversation that was never archived.
 * @param most message ids at the most
 * @throws Fault UNAVAILABLE
 */
export async function conversationForRebuild(
  db: Database,
  id: string,
  most: number,
): Promise<ArchivedConversation | undefined> {
  const [[conversation], memberRows, barredRows, inviteRows, pinRows, idRows, reactionRows] = await reach(
    db.batch([
      db.select().from(conversations).where(eq(conversations.id, id)),
      db
        .select({ member: members, person: personColumns, deleted_at: users.deleted_at })
        .from(members)
        .innerJoin(users, eq(users.id, members.user_id))
        .where(and(eq(members.conversation_id, id), isNull(members.left_at)))
        .orderBy(members.joined_sequence, members.joined_at),
      db
        .select({ user_id: members.user_id })
        .from(members)
        .where(and(eq(members.conversation_id, id), members.is_barred)),
      db
        .select()
        .from(invites)
        .where(eq(invites.conversation_id, id))
        .orderBy(desc(isNull(invites.ended_at)), desc(invites.id))
        .limit(limits.rebuiltInvites),
      db
        .select()
        .from(pins)
        .where(and(eq(pins.conversation_id, id), pins.is_on)),
      idsQuery(db, id, undefined, most),
      reactionsQuery(db, id, undefined, most),
    ]),
  );
  if (!conversation) return undefined;
  return {
    conversation,
    members: memberRows.map(({ member, person, deleted_at }) => ({
      ...member,
      person: personOf(person),
      is_deleted: deleted_at !== null,
    })),
    barred: barredRows.map((row) => row.user_id),
    invites: inviteRows,
    pins: pinRows,
    ids: idRows.map(idOf),
    reactions: reactionRows,
  };
}

/** Ids of messages below a sequence, newest first. @throws Fault UNAVAILABLE */
export async function olderIds(db: Database, id: string, below: number, most: number): Promise<ArchivedId[]> {
  return (await reach(idsQuery(db, id, below, most))).map(idOf);
}

/** A reaction's place in the order they are loaded in. */
export type ReactionPlace = Pick<ArchivedReaction, "message_id" | "emoji" | "user_id">;

/** Reactions before a place, newest messages first. @throws Fault UNAVAILABLE */
export async function olderReactions(
  db: Database,
  id: string,
  before: ReactionPlace | undefined,
  most: number,
): Promise<ArchivedReaction[]> {
  return await reach(reactionsQuery(db, id, before, most));
}

function reactionsQuery(db: Database, id: string, before: ReactionPlace | undefined, most: number) {
  const { conversation_id, message_id, emoji, user_id, sequence, is_on } = reactions;
  const isBefore =
    before && sql`(${message_id}, ${emoji}, ${user_id}) < (${before.message_id}, ${before.emoji}, ${before.user_id})`;
  return db
    .select({ message_id, emoji, user_id, sequence, is_on })
    .from(reactions)
    .where(and(eq(conversation_id, id), isBefore))
    .orderBy(desc(message_id), desc(emoji), desc(user_id))
    .limit(most);
}

function idsQuery(db: Database, id: string, below: number | undefined, most: number) {
  return db
    .select(idColumns)
    .from(messages)
    .where(and(eq(messages.conversation_id, id), below === undefined ? undefined : lt(messages.sequence, below)))
    .orderBy(desc(messages.sequence))
    .limit(most);
}

function idOf(row: Omit<ArchivedId, "created_at"> & { created_at: Date }): ArchivedId {
  return { ...row, created_at: row.created_at.getTime() };
}
