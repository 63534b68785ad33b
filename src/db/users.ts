import { and, asc, eq, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import { isoTime } from "../protocol/ids.ts";
import { type Me, type Profile, type Settings, settings, type User } from "../protocol/users.ts";
import { type Database, reach } from "./connect.ts";
import { sessions, users } from "./schema.ts";
import { isAlive, type OwnSession } from "./sessions.ts";

/** The columns a {@link User} is made of. */
export const userColumns = {
  id: users.id,
  name: users.name,
  username: users.username,
  bio: users.bio,
  avatar_url: users.avatar_url,
  created_at: users.created_at,
};

export const myColumns = {
  ...userColumns,
  email: users.email,
  phone_number: users.phone_number,
  settings: users.settings,
};

export type UserRow = Pick<typeof users.$inferSelect, keyof typeof userColumns>;
type MyRow = Pick<typeof users.$inferSelect, keyof typeof myColumns>;
export const settingsOf = (stored: unknown): Settings => settings.parse(stored);

/** A row as others may see it. */
export function userOf(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    ...(row.username === null ? {} : { username: row.username }),
    ...(row.bio === null ? {} : { bio: row.bio }),
    ...(row.avatar_url === null ? {} : { avatar_url: row.avatar_url }),
    created_at: isoTime(row.created_at.getTime()),
  };
}

/** A row as its owner may see it. */
export function meOf(row: MyRow): Me {
  const phone = row.phone_number === null ? {} : { phone_number: row.phone_number };
  // Only a deleted account has no address, and nobody sees themselves as that.
  return { ...userOf(row), email: row.email ?? "", ...phone, settings: settingsOf(row.settings) };
}

export interface NewUser {
  id: string;
  email: string;
  name: string;
  password_hash: string;
  created_at: Date;
}

/** @returns undefined where the address has an account already */
export async function insertUser(db: Database, user: NewUser): Promise<Me | undefined> {
  const row = { ...user, updated_at: user.created_at };
  const made = db.insert(users).values(row).onConflictDoNothing({ target: users.email }).returning(myColumns);
  return (await reach(made)).map(meOf)[0];
}

/** Who signs in, and how. */
export interface Credentials {
  id: string;
  email: string;
  name: string;
  /** Null for who only signs in with Google. */
  password_hash: string | null;
  settings: Settings;
}

const credentialColumns = {
  id: users.id,
  email: users.email,
  name: users.name,
  password_hash: users.password_hash,
  settings: users.settings,
};

const readable = (row: { email: string | null; settings: unknown }) => ({
  email: row.email ?? "",
  settings: settingsOf(row.settings),
});

async function findCredentials(db: Database, condition: SQL): Promise<Credentials | undefined> {
  const found = db
    .select(credentialColumns)
    .from(users)
    .where(and(condition, isNull(users.deleted_at)));
  const [row] = await reach(found);
  return row && { ...row, ...readable(row) };
}

export function credentialsOf(db: Database, email: string): Promise<Credentials | undefined> {
  return findCredentials(db, eq(users.email, email));
}

export function credentialsOfUser(db: Database, id: string): Promise<Credentials | undefined> {
  return findCredentials(db, eq(users.id, id));
}

/** {@link Credentials} of who is signed in, and since when. */
export interface OwnCredentials extends Credentials {
  session_opened_at: Date;
}

/** Undefined where the session has ended, or the account is not there any more. */
export async function credentialsOfSession(
  db: Database,
  { user_id, session_id }: OwnSession,
  now: number,
): Promise<OwnCredentials | undefined> {
  const found = db
    .select({ ...credentialColumns, session_opened_at: sessions.created_at })
    .from(users)
    .innerJoin(sessions, and(eq(sessions.id, session_id), eq(sessions.user_id, users.id), isAlive(now)))
    .where(and(eq(users.id, user_id), isNull(users.deleted_at)));
  const [row] = await reach(found);
  return row && { ...row, ...readable(row) };
}

/** A person as they see themselves. */
export async function findMe(db: Database, id: string): Promise<Me | undefined> {
  const found = db
    .select(myColumns)
    .from(users)
    .where(and(eq(users.id, id), isNull(users.deleted_at)));
  return (await reach(found)).map(meOf)[0];
}

/** Those of the ids that are or were people. */
export async function profilesByIds(db: Database, ids: string[]): Promise<Profile[]> {
  if (ids.length === 0) return [];
  const found = db
    .select({ ...userColumns, deleted_at: users.deleted_at })
    .from(users)
    .where(inArray(users.id, ids));
  return (await reach(found)).map(({ deleted_at, ...row }) =>
    deleted_at === null ? { user: userOf(row), isDeleted: false } : { user: namelessOf(row), isDeleted: true },
  );
}

/** Who was deleted, as others see them. */
function namelessOf({ id, created_at }: Pick<UserRow, "id" | "created_at">): User {
  return { id, name: "", created_at: isoTime(created_at.getTime()) };
}

export interface UserSearch {
  /** What a name or a username begins with, not case-sensitive; `%`, `_` and `\` are letters like any other. */
  prefix: string;
  after: { name: string; id: string } | undefined;
  limit: number;
}

/** In the order of names without case. */
export async function usersByPrefix(db: Database, search: UserSearch): Promise<User[]> {
  const pattern = `${search.prefix.replace(/[\\%_]/g, "\\$&")}%`;
  const name = sql`lower(${users.name})`;
  const rest = search.after && sql`(${name}, ${users.id}) > (lower(${search.after.name}), ${search.after.id}::uuid)`;
  const found = db
    .select(userColumns)
    .from(users)
    .where(
      and(
        or(sql`${name} like lower(${pattern})`, sql`lower(${users.username}) like lower(${pattern})`),
        isNull(users.deleted_at),
        rest,
      ),
    )
    .orderBy(asc(name), asc(users.id))
    .limit(search.limit);
  return (await reach(found)).map(userOf);
}
