import { z } from "zod";
import type { Membership, Room } from "../core/view.ts";
import { kind, role } from "../protocol/conversations.ts";

/** The log's tables, version by version. An object migrates on waking; a landed version is never edited. */
const versions = [
  `create table room (
     id text primary key, kind text not null, title text, description text, avatar_url text, public integer not null,
     epoch text not null, floor integer not null, created_by text not null, body_hash text not null,
     created_at integer not null, updated_at integer not null,
     drained integer not null, fanned integer not null, is_complete integer not null,
     version integer not null, -- of the last drain
     revision integer not null -- 0: Postgres has it as it is
   );
   create table members (
     user_id text primary key, name text not null, role text not null, joined_at integer not null,
     joined_sequence integer not null, read integer not null, delivered integer not null, announced integer not null,
     muted_until integer, archived integer not null, pinned integer not null, hidden integer not null, left_at integer,
     revision integer not null -- 0: Postgres has it as it is
   );
   create table events (
     sequence integer primary key, type text not null,
     id text,     -- of a message
     target text, -- of the member an event is about
     sender text not null, body_hash text, created_at integer not null, is_deleted integer not null default 0,
     frame text   -- as sent; null below the floor
   );
   create unique index events_id on events (id) where id is not null;`,
];

/**
 * Brings the tables to the newest version. An object nothing was ever written to is left untouched, so that asking for
 * a conversation that is not there costs no storage.
 * @returns whether there are tables
 */
export function migrate(sql: SqlStorage, create?: "create"): boolean {
  const hasTables = sql.exec("select 1 from sqlite_master where name = 'version'").toArray().length > 0;
  if (!hasTables && !create) return false;
  if (!hasTables) sql.exec("create table version (number integer not null); insert into version values (0)");
  const { number } = sql.exec<{ number: number }>("select number from version").one();
  for (const statements of versions.slice(number)) sql.exec(statements);
  if (number < versions.length) sql.exec("update version set number = ?", versions.length);
  return true;
}

const flag = z.number().transform((value) => value === 1);

const roomRow = z.object({
  id: z.string(),
  kind,
  title: z.string().nullable(),
  description: z.string().nullable(),
  avatar_url: z.string().nullable(),
  public: flag,
  epoch: z.string(),
  floor: z.number(),
  created_by: z.string(),
  body_hash: z.string(),
  created_at: z.number(),
  updated_at: z.number(),
  drained: z.number(),
  fanned: z.number(),
  version: z.number(),
  is_complete: flag,
});

const memberRow = z.object({
  user_id: z.string(),
  name: z.string(),
  role,
  joined_at: z.number(),
  joined_sequence: z.number(),
  read: z.number(),
  delivered: z.number(),
  announced: z.number(),
  muted_until: z.number().nullable(),
  archived: flag,
  pinned: flag,
  hidden: flag,
});

type StoredRoom = Omit<Room, "head" | "members"> & {
  drained: number;
  fanned: number;
  version: number;
  is_complete: boolean;
};

export function readRoom(sql: SqlStorage): StoredRoom | undefined {
  const [row] = sql.exec("select * from room").toArray();
  return row && roomRow.parse(row);
}

export function readMember(row: Record<string, SqlStorageValue>): Membership {
  return memberRow.parse(row);
}
