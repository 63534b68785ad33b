/** Who may see whether somebody is there: who shares a conversation with them, neither of the two blocking the other. */
import { and, eq, inArray, isNull, notExists, or } from "drizzle-orm";
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
  const isApart = or(
    and(eq(blocks.user_id, userId), eq(blocks.blocked_id, users.id)),
    and(eq(blocks.user_id, users.id), eq(blocks.blocked_id, userId)),
  );
  const found = db
    .select({ id: users.id, settings: users.settings, own: self.settings })
    .from(users)
    .innerJoin(self, and(eq(self.id, userId), isNull(self.deleted_at)))
    .where(
      and(
        inArray(users.id, ids),
        isNull(users.deleted_at),
        or(eq(users.id, userId), inArray(users.id, sharing(db, userId, ids))),
        notExists(db.select({ id: blocks.user_id }).from(blocks).where(isApart)),
      ),
    );
  return await reach(found);
}

/** Each side by its own index, then joined: nobody's thousands of conversations are gone through for each id. */
function sharing(db: Database, userId: string, ids: string[]) {
  const mine = db
    .select({ id: members.conversation_id })
    .from(members)
    .where(and(eq(members.user_id, userId), isNull(members.left_at)))
    .as("mine");
  return db
    .select({ id: members.user_id })
    .from(members)
    .innerJoin(mine, eq(mine.id, members.conversation_id))
    .innerJoin(conversations, eq(conversations.id, members.conversation_id))
    .where(and(inArray(members.user_id, ids), isNull(members.left_at), isNull(conversations.deleted_at)));
}
