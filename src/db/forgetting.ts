/** What the end of an account takes out of Postgres. Each may be repeated. */
import { and, eq, gt, inArray, isNotNull, isNull, lte, ne, or, sql } from "drizzle-orm";
import { limits } from "../protocol/limits.ts";
import { type Database, reach } from "./connect.ts";
import { discardAvatarOf, discardOwn } from "./media.ts";
import { dropUses } from "./media-uses.ts";
import { raisedFacts } from "./people.ts";
import {
  blocks,
  conversations,
  invites,
  members,
  messages,
  pins,
  reactions,
  sessions,
  trustedDevices,
  users,
} from "./schema.ts";

/** Ids of the sessions of which a token can still be alive. @throws Fault UNAVAILABLE */
export async function livingSessionsOf(db: Database, userId: string, now: number): Promise<string[]> {
  const found = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.user_id, userId), gt(sessions.last_used_at, livingSince(now))));
  return (await reach(found)).map((row) => row.id);
}

/** A token is given out when its session is opened or used. */
const livingSince = (now: number) => new Date(now - limits.accessTokenMs);

const personal = {
  email: null,
  username: null,
  bio: null,
  phone_number: null,
  avatar_url: null,
  password_hash: null,
  google_sub: null,
  name: "",
  settings: {},
};

/**
 * The account is nobody's any more, and its address free: one transaction.
 * @returns ids of the sessions that were ended and of which a token can still be alive
 * @throws Fault UNAVAILABLE
 */
export async function closeAccount(db: Database, userId: string, now: number): Promise<string[]> {
  const at = new Date(now);
  const [, , ended] = await reach(
    db.batch([
      discardOwn(db, userId, at), // while the account still says which avatar is its own
      db
        .update(users)
        .set({
          ...personal,
          facts_revision: raisedFacts,
          deleted_at: sql`coalesce(${users.deleted_at}, ${at.toISOString()}::timestamptz)`,
          updated_at: at,
        })
        .where(eq(users.id, userId)),
      db
        .delete(sessions)
        .where(eq(sessions.user_id, userId))
        .returning({ id: sessions.id, last_used_at: sessions.last_used_at }),
      db.delete(trustedDevices).where(eq(trustedDevices.user_id, userId)),
      db.delete(blocks).where(or(eq(blocks.user_id, userId), eq(blocks.blocked_id, userId))),
    ]),
  );
  return ended.filter((row) => row.last_used_at > livingSince(now)).map((row) => row.id);
}

/** Conversations a user is in; or ever was, by two indexes. @throws Fault UNAVAILABLE */
export async function placesOf(db: Database, userId: string, when: "now" | "ever"): Promise<string[]> {
  const places = (condition: ReturnType<typeof isNull>) =>
    db
      .select({ id: members.conversation_id })
      .from(members)
      .where(and(eq(members.user_id, userId), condition));
  const now = places(isNull(members.left_at));
  const found = when === "now" ? now : now.unionAll(places(isNotNull(members.left_at)));
  return (await reach(found)).map((row) => row.id);
}

/** Messages of a sender with after < sequence <= upTo. */
export interface Unnaming {
  conversation_id: string;
  user_id: string;
  after: number;
  upTo: number;
  /** They are to be deleted, too. */
  erase: boolean;
}

/**
 * Takes a sender's name out of their messages.
 * @returns the sequence of the next of theirs in which there is still something to take out; undefined: there is none
 * @throws Fault UNAVAILABLE
 */
export async function unnameMessages(db: Database, wanted: Unnaming): Promise<number | undefined> {
  const { sequence, sender_id, sender_name, is_deleted } = messages;
  const theirs = and(eq(messages.conversation_id, wanted.conversation_id), eq(sender_id, wanted.user_id));
  const isNamed = ne(sender_name, "");
  const unnamed = db.$with("unnamed").as(
    db
      .update(messages)
      .set({ sender_name: "" })
      .where(and(theirs, isNamed, gt(sequence, wanted.after), lte(sequence, wanted.upTo)))
      .returning({ id: messages.id }),
  );
  const next = db
    .with(unnamed)
    .select({ sequence })
    .from(messages)
    .where(and(theirs, wanted.erase ? or(isNamed, eq(is_deleted, false)) : isNamed, gt(sequence, wanted.upTo)))
    .orderBy(sequence)
    .limit(1);
  return (await reach(next))[0]?.sequence;
}

/** Conversations that were deleted so long ago, as the archive has it; the oldest first. @throws Fault UNAVAILABLE */
export async function deletedBefore(db: Database, ms: number, most: number): Promise<string[]> {
  const { id, deleted_at } = conversations;
  const found = db
    .select({ id })
    .from(conversations)
    .where(lte(deleted_at, new Date(ms)))
    .orderBy(deleted_at)
    .limit(most);
  return (await reach(found)).map((row) => row.id);
}

/** A conversation is gone for good: its messages a slice a statement, so that none is too long. @throws Fault UNAVAILABLE */
export async function eraseConversation(db: Database, id: string): Promise<void> {
  while ((await eraseMessages(db, id)) === limits.eraseMessages);
  await reach(
    db.batch([
      ...dropUses(db, (uses) => eq(uses.conversation_id, id), new Date()),
      discardAvatarOf(db, id, new Date()),
      db.delete(members).where(eq(members.conversation_id, id)),
      db.delete(invites).where(eq(invites.conversation_id, id)),
      db.delete(reactions).where(eq(reactions.conversation_id, id)),
      db.delete(pins).where(eq(pins.conversation_id, id)),
      db.delete(conversations).where(eq(conversations.id, id)),
    ]),
  );
}

/** @returns how many they were */
async function eraseMessages(db: Database, id: string): Promise<number> {
  const ofIt = eq(messages.conversation_id, id);
  const { sequence } = messages;
  const slice = db.select({ sequence }).from(messages).where(ofIt).orderBy(sequence).limit(limits.eraseMessages);
  const erased = db.delete(messages).where(and(ofIt, inArray(sequence, slice)));
  return (await reach(erased)).rowCount;
}
