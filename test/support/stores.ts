/** Stores of objects as the first version left them, kept as they were: the SQL of then, and what it held. */

/** A group of two, of which the first owns it and has said one thing; nothing of it was drained. */
export function conversation1(id: string, [owner, member]: [string, string]): string {
  const message = {
    ...{ type: "message", conversation_id: id, epoch: "an epoch", sequence: 1, id: owner, content: "kept" },
    ...{ sender_id: owner, sender_name: "Ann", media: [], mentions: [], is_edited: false, is_deleted: false },
    ...{ created_at: "2026-11-01T00:00:00.000Z", updated_at: "2026-11-01T00:00:00.000Z" },
  };
  return `
    create table version (number integer not null); insert into version values (1);
    create table room (
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
    create unique index events_id on events (id) where id is not null;
    insert into room values ('${id}', 'group', 'Lunch', null, null, 0, 'an epoch', 0, '${owner}', 'x', 1793491200000,
      1793491200000, 0, 0, 1, 0, 1);
    insert into members values ('${owner}', 'Ann', 'OWNER', 1793491200000, 0, 1, 1, 0, null, 0, 0, 0, null, 1);
    insert into members values ('${member}', 'Bob', 'MEMBER', 1793491200000, 0, 0, 0, 0, null, 0, 0, 0, null, 1);
    insert into events values (1, 'message', '${owner}', null, '${owner}', 'x', 1793491200000, 0,
      '${JSON.stringify(message)}');`;
}

/** {@link conversation1} as version 2 had it, and somebody whom the owner has removed. */
export function conversation2(id: string, [owner, member, removed]: [string, string, string]): string {
  return `${conversation1(id, [owner, member])}
    update version set number = 2;
    alter table members add column is_deleted integer not null default 0;
    alter table members add column shows_reading integer not null default 1;
    alter table members add column shows_presence integer not null default 1;
    alter table members add column blocks text not null default '[]';
    alter table members add column facts_revision integer not null default -1;
    insert into members values ('${removed}', 'Cem', 'MEMBER', 1793491200000, 0, 0, 0, 0, null, 0, 0, 0, 1793491200000, 0,
      0, 1, 1, '[]', 0);
    insert into events values (2, 'member_removed', null, '${removed}', '${owner}', null, 1793491200000, 0,
      '${JSON.stringify({ type: "member_removed", conversation_id: id, epoch: "an epoch", sequence: 2, user_id: removed, user_name: "Cem", by: owner })}');`;
}

/** One session has ended. */
export function inbox1(sessionId: string, at: number): string {
  return `
    create table version (number integer not null); insert into version values (1);
    create table ended (session_id text primary key, at integer not null);
    create table direct (
      conversation_id text not null, session_id text not null, at integer not null,
      primary key (conversation_id, session_id)
    ) without rowid;
    insert into ended values ('${sessionId}', ${at});`;
}
