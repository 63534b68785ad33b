import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { isoTime } from "../protocol/ids.ts";
import type { User } from "../protocol/users.ts";
import { type Database, reach } from "./connect.ts";
import { raisedFacts } from "./people.ts";
import { blocks, users } from "./schema.ts";
import { userColumns, userOf } from "./users.ts";

export interface NewBlock {
  user_id: string;
  blocked_id: string;
  /** Beyond so many none is added. */
  most: number;
  now: number;
}

/**
 * Blocks somebody, once: one statement. An account that is just being closed is waited for, so that nothing of it stays.
 * @returns "closed" where it is, "unknown" where there is no such person, "full" where there are too many
 */
export async function insertBlock(db: Database, block: NewBlock): Promise<"blocked" | "closed" | "unknown" | "full"> {
  const { user_id, blocked_id, most, now } = block;
  const owner = db.$with("owner").as(
    db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, user_id), isNull(users.deleted_at)))
      .for("no key update"),
  );
  const person = db.$with("person").as(
    db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, blocked_id), isNull(users.deleted_at))),
  );
  const made = db.$with("made").as(
    db
      .insert(blocks)
      .select(
        sql`select owner.id, person.id, ${isoTime(now)}::timestamptz from owner, person
          where (select count(*) from blocks where user_id = ${user_id} and blocked_id <> ${blocked_id}) < ${most}`,
      )
      // Changes nothing; but a row that is there, or comes at the same moment, is told like a new one.
      .onConflictDoUpdate({ target: [blocks.user_id, blocks.blocked_id], set: { user_id } })
      .returning({ blocked_id: blocks.blocked_id }),
  );
  const raised = raisedWhere(db, user_id, "made");
  const isThere = (part: "owner" | "person" | "made") => sql<boolean>`exists (select 1 from ${sql.identifier(part)})`;
  const told = db
    .with(owner, person, made, raised)
    .select({ isOpen: isThere("owner"), isKnown: isThere("person"), isMade: isThere("made") })
    .from(sql`(select) as one`);
  const [row] = await reach(told);
  if (!row?.isOpen) return "closed";
  if (!row.isKnown) return "unknown";
  return row.isMade ? "blocked" : "full";
}

export async function deleteBlock(db: Database, userId: string, blockedId: string): Promise<void> {
  const gone = db.$with("gone").as(
    db
      .delete(blocks)
      .where(and(eq(blocks.user_id, userId), eq(blocks.blocked_id, blockedId)))
      .returning({ blocked_id: blocks.blocked_id }),
  );
  const raised = raisedWhere(db, userId, "gone");
  await reach(db.with(gone, raised).select({ id: raised.id }).from(raised));
}

/** In a statement with a part that changes blocks: where it did, the user's facts are newer. */
function raisedWhere(db: Database, userId: string, part: "made" | "gone") {
  return db.$with("raised").as(
    db
      .update(users)
      .set({ facts_revision: raisedFacts })
      .where(and(eq(users.id, userId), sql`exists (select 1 from ${sql.identifier(part)})`))
      .returning({ id: users.id }),
  );
}

/** Where a page of blocks ends. */
export interface BlockPlace {
  blocked_at: string;
  id: string;
}

/** Whom somebody has blocked, the newest first. */
export async function blockedBy(
  db: Database,
  userId: string,
  page: { after: BlockPlace | undefined; limit: number },
): Promise<{ user: User; blocked_at: string }[]> {
  const { after, limit } = page;
  const place = sql`(${blocks.created_at}, ${blocks.blocked_id})`;
  const found = db
    .select({ ...userColumns, blocked_at: blocks.created_at })
    .from(blocks)
    .innerJoin(users, eq(users.id, blocks.blocked_id))
    .where(
      and(
        eq(blocks.user_id, userId),
        isNull(users.deleted_at),
        after && sql`${place} < (${after.blocked_at}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(blocks.created_at), desc(blocks.blocked_id))
    .limit(limit);
  return (await reach(found)).map(({ blocked_at, ...row }) => ({
    user: userOf(row),
    blocked_at: isoTime(blocked_at.getTime()),
  }));
}
