import { and, inArray, isNull, sql } from "drizzle-orm";
import type { Person } from "../protocol/commands.ts";
import { settings } from "../protocol/users.ts";
import { type Database, reach } from "./connect.ts";
import { users } from "./schema.ts";

/** The columns a {@link Person} is made of, in a statement that has `users` under its own name. */
export const personColumns = {
  user_id: users.id,
  name: users.name,
  settings: users.settings,
  revision: users.facts_revision,
  blocks: sql<string[]>`(
    select coalesce(json_agg(mine.blocked_id order by mine.blocked_id), '[]') from blocks as mine where mine.user_id = users.id
  )`,
};

/** Set in the statement that changes what a {@link Person} is made of. */
export const raisedFacts = sql`${users.facts_revision} + 1`;

export interface PersonRow {
  user_id: string;
  name: string;
  settings: unknown;
  revision: number;
  blocks: string[];
}

export function personOf({ settings: chosen, blocks, ...row }: PersonRow): Person {
  const { read_receipts } = settings.parse(chosen);
  return { ...row, blocks: new Set(blocks), shows_reading: read_receipts, shows_presence: showsPresence(chosen) };
}

/** @param chosen the settings as they are stored */
export function showsPresence(chosen: unknown): boolean {
  return settings.parse(chosen).last_seen === "everyone";
}

/** Those of the ids that are people, in their order. @throws Fault UNAVAILABLE */
export async function peopleByIds(db: Database, ids: string[]): Promise<Person[]> {
  if (ids.length === 0) return [];
  const rows = await reach(
    db
      .select(personColumns)
      .from(users)
      .where(and(inArray(users.id, ids), isNull(users.deleted_at))),
  );
  const found = new Map(rows.map((row) => [row.user_id, personOf(row)]));
  return ids.flatMap((id) => found.get(id) ?? []);
}
