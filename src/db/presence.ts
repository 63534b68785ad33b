/** Who may see whether somebody is there: who shares a conversation with them, neither of the two blocking the other. */
import { and, eq, inArray, isNotNull, isNull, notExists, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Database, reach } from "./connect.ts";
import { showsPresence } from "./people.ts";
import { blocks, conversations, members, users } from "./schema.ts";

/** Those of the ids that a viewer may see. @throws Fault UNAVAILABLE */
export async function visibleTo(db: Database, viewerId: string, ids: string[]): Promise<string[]> {
  const known = await acquaintances(db, viewerId, ids);
  return known.filter(({ id, settings }) => id === viewerId || showsPresence(settings)).map(({ id }) => id);
}

/** Those of the viewers who may see a user. @throws Fault UNAVAILABLE */
export async function viewersOf(db: Database, userId: string, viewerIds: string[]): Promise<string[]> {
  const known = await acquaintances(db, userId, viewerIds);
  return known.filter(({ id, own }) => id === userId || showsPresence(own)).map(({ id }) => id);
}

/** Those of the ids who share a conversation with a user, blocks aside, with their settings and the user's own. */
async function acquaintances(db: Database, userId: string, ids: string[]) {
  if (ids.length === 0) return [];
  const self = alias(users, "self");
  const shared = sharedWith(db, userId).as("shared");
  const found = db
    .select({ id: users.id, settings: users.settings, own: self.settings })
    .from(users)
    .innerJoin(self, and(eq(self.id, userId), isNull(self.deleted_at)))
    .leftJoinLateral(shared, sql`true`)
    .where(
      and(
        inArray(users.id, ids),
        isNull(users.deleted_at),
        or(eq(users.id, userId), isNotNull(shared.id)),
        notExists(blockOf(db, { by: userId, of: users.id })),
        notExists(blockOf(db, { by: users.id, of: userId })),
      ),
    );
  return await reach(found);
}

/**
 * A conversation of `users` and the user, both being in it. Each of theirs is looked up by its key: for who is in
 * thousands, Postgres would go through the whole table for each of the ids.
 */
function sharedWith(db: Database, userId: string) {
  const theirs = alias(members, "theirs");
  const mine = db
    .select({ id: members.user_id })
    .from(members)
    .where(
      and(eq(members.conversation_id, theirs.conversation_id), eq(members.user_id, userId), isNull(members.left_at)),
    )
    .limit(1)
    .as("mine");
  const there = db
    .select({ id: conversations.id })
    .from(conversations)
    .where(and(eq(conversations.id, theirs.conversation_id), isNull(conversations.deleted_at)))
    .limit(1)
    .as("there");
  return db
    .select({ id: theirs.conversation_id })
    .from(theirs)
    .innerJoinLateral(mine, sql`true`)
    .innerJoinLateral(there, sql`true`)
    .where(and(eq(theirs.user_id, users.id), isNull(theirs.left_at)))
    .limit(1);
}

function blockOf(db: Database, { by, of }: Record<"by" | "of", string | typeof users.id>) {
  return db
    .select({ id: blocks.user_id })
    .from(blocks)
    .where(and(eq(blocks.user_id, by), eq(blocks.blocked_id, of)));
}
