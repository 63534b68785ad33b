import { z } from "zod";
import type { Membership, Room } from "../core/view.ts";
import { kind, role } from "../protocol/conversations.ts";

/** The log's tables, version by version. */
export const versions = [
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
  // What is known of the members' accounts; blocks as JSON; whatever is told next is newer.
  `alter table members add column is_deleted integer not null default 0;
   alter table members add column shows_reading integer not null default 1;
   alter table members add column shows_presence integer not null default 1;
   alter table members add column blocks text not null default '[]';
   alter table members add column facts_revision integer not null default -1;`,
  // Groups end and begin again, are joined by invites, and keep out whom somebody removed.
  `alter table room add column deleted_at integer;
   create table barred (user_id text primary key) without rowid;
   insert into barred select user_id from members where left_at is not null and exists (
     select 1 from events where type = 'member_removed' and target = user_id and sender <> user_id
   );
   update members set revision = revision + 1 where user_id in (select user_id from barred);
   create table invites (
     id text primary key, token_hash text not null unique, created_by text not null, created_at integer not null,
     expires_at integer, max_uses integer, uses integer not null, ended_at integer,
     revision integer not null -- 0: Postgres has it as it is
   ) without rowid;`,
  // What is about a message is found by it: history shows edits, a deletion takes their text out, too.
  `create index events_about on events (target) where type in ('message_edit', 'message_delete');`,
  // What is taken back, too, so that it can be told again which event did it.
  `create table reactions (
     message_id text not null, emoji text not null, user_id text not null,
     sequence integer not null, -- of the event that made it so
     is_on integer not null, primary key (message_id, emoji, user_id)
   ) without rowid;
   create table pins (
     message_id text primary key, user_id text not null, at integer not null,
     sequence integer not null, -- of the event that made it so
     is_on integer not null
   ) without rowid;
   create index pins_on on pins (sequence) where is_on = 1;`,
];

/** The index `events_about` answers queries that have this, word for word. */
export const isAbout = "type in ('message_edit', 'message_delete')";

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
  deleted_at: z.number().nullable(),
  drained: z.number(),
  fanned: z.number(),
  version: z.number(),
  is_complete: flag,
});

const memberRow = z
  .object({
    user_id: z.string(),
    name: z.string(),
    is_deleted: flag,
    shows_reading: flag,
    shows_presence: flag,
    blocks: z.string().transform((text) => new Set(z.array(z.string()).parse(JSON.parse(text)))),
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
    facts_revision: z.number(),
  })
  .transform(({ facts_revision: revision, ...row }) => ({ ...row, revision }));

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
