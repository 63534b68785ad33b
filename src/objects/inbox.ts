/** What a user's object must remember over sleep: sessions that have ended, where direct sockets are, jobs. */
import { limits } from "../protocol/limits.ts";
import { InboxJobs } from "./inbox-jobs.ts";
import { InboxPresence } from "./inbox-presence.ts";
import { InboxPushes } from "./inbox-pushes.ts";
import { create, migrate } from "./schema.ts";

const versions = [
  `create table ended (session_id text primary key, at integer not null);
   create table direct (
     conversation_id text not null, session_id text not null, at integer not null,
     primary key (conversation_id, session_id)
   ) without rowid;`,
  `alter table ended add column is_told integer not null default 0; -- to Redis
   create table jobs (
     name text primary key, user_id text not null, generation integer not null, round integer not null,
     listed_at integer, erase integer not null, attempts integer not null, due_at integer not null
   );
   create table calls (
     job text not null, conversation_id text not null, after integer not null, attempts integer not null,
     due_at integer not null, primary key (job, conversation_id)
   ) without rowid;`,
  `alter table direct add column is_active integer not null default 1; -- one of the session's there is not in the background
   create table presence ( -- one row
     user_id text, last_seen integer, announced integer not null, reviews integer not null, renew_at integer
   );
   insert into presence values (null, null, 0, 0, null);
   create table watchers (user_id text primary key, until integer not null, is_owed integer not null) without rowid;
   create table asked (conversation_id text primary key, user_ids text not null) without rowid;`,
  `create table pushing (user_id text not null, generation integer not null); -- one row, or none: there is no device
   create table pushes (
     conversation_id text primary key, wanted integer not null, since integer not null, attempts integer not null,
     due_at integer not null
   ) without rowid;
   create table shown (
     conversation_id text not null, device_id text not null, sequence integer not null,
     primary key (conversation_id, device_id)
   ) without rowid;`,
  // Who was told that the user has gone, since they may not see them, hears nothing more until they may.
  `alter table watchers add column is_hidden integer not null default 0;`,
];

export class Inbox {
  readonly #sql: SqlStorage;
  #hasTables: boolean;
  /** What conversations are still to be told. */
  readonly jobs: InboxJobs;
  readonly presence: InboxPresence;
  readonly pushes: InboxPushes;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#hasTables = migrate(sql, versions);
    const tables = { has: () => this.#hasTables, create: () => this.#create() };
    this.jobs = new InboxJobs(sql, tables);
    this.presence = new InboxPresence(sql, tables);
    this.pushes = new InboxPushes(sql, tables);
  }

  /** Nothing is written for a user until there is something to remember. */
  #create(): void {
    if (!this.#hasTables) create(this.#sql, versions);
    this.#hasTables = true;
  }

  /** Remembered for as long as an access token of the session could live. */
  end(sessionIds: readonly string[], now: number): void {
    this.#create();
    this.#sql.exec("delete from ended where at < ?", now - limits.endedSessionMs);
    this.#sql.exec(
      "insert or replace into ended (session_id, at) select value, ? from json_each(?)",
      now,
      JSON.stringify(sessionIds),
    );
  }

  hasEnded(sessionId: string): boolean {
    return (
      this.#hasTables && this.#sql.exec("select 1 from ended where session_id = ?", sessionId).toArray().length > 0
    );
  }

  /** All that are remembered. */
  ended(): string[] {
    return this.#ids("select session_id as id from ended");
  }

  /** Those of them that Redis has not heard of, while it matters. */
  untold(now: number, most: number): string[] {
    return this.#ids(
      "select session_id as id from ended where is_told = 0 and at > ? limit ?",
      now - limits.endedSessionMs,
      most,
    );
  }

  told(sessionIds: readonly string[]): void {
    this.#sql.exec(
      "update ended set is_told = 1 where session_id in (select value from json_each(?))",
      JSON.stringify(sessionIds),
    );
  }

  /** Conversations that have direct sockets of ended sessions; a telling that was not repeated has lapsed. */
  endedPlaces(now: number): string[] {
    return this.#ids(
      "select distinct conversation_id as id from direct join ended using (session_id) where direct.at > ?",
      now - limits.directMs,
    );
  }

  /** Ended sessions that have direct sockets in a conversation. */
  endedIn(conversationId: string, now: number): string[] {
    return this.#ids(
      "select session_id as id from direct join ended using (session_id) where conversation_id = ? and direct.at > ?",
      conversationId,
      now - limits.directMs,
    );
  }

  #ids(query: string, ...parameters: SqlStorageValue[]): string[] {
    if (!this.#hasTables) return [];
    return this.#sql
      .exec<{ id: string }>(query, ...parameters)
      .toArray()
      .map((row) => row.id);
  }

  /** All that was stored is gone. */
  erased(): void {
    this.#hasTables = false;
    this.pushes.erased();
  }

  attach(conversationId: string, sessionId: string, { now, isActive }: { now: number; isActive: boolean }): void {
    this.#create();
    this.#sql.exec(
      "insert or replace into direct (conversation_id, session_id, at, is_active) values (?, ?, ?, ?)",
      conversationId,
      sessionId,
      now,
      Number(isActive),
    );
  }

  detach(conversationId: string, sessionId: string): void {
    if (!this.#hasTables) return;
    this.#sql.exec("delete from direct where conversation_id = ? and session_id = ?", conversationId, sessionId);
    this.presence.left();
  }

  /** Takes away what was not said again. @returns when an active one of them was last spoken of, ms */
  lapse(now: number): number | undefined {
    if (!this.#hasTables) return undefined;
    const lapsed = this.#sql
      .exec<{ at: number; is_active: number }>(
        "delete from direct where at < ? returning at, is_active",
        now - limits.directMs,
      )
      .toArray();
    if (lapsed.length > 0) this.presence.left();
    const active = lapsed.filter(({ is_active }) => is_active === 1).map(({ at }) => at);
    return active.length > 0 ? Math.max(...active) : undefined;
  }

  /** When the last word of an active direct socket lapses, ms; undefined: there is none. */
  activeUntil(): number | undefined {
    if (!this.#hasTables) return undefined;
    const { at } = this.#sql.exec<{ at: number | null }>("select max(at) as at from direct where is_active = 1").one();
    return at === null ? undefined : at + limits.directMs;
  }

  /** Sessions that have direct sockets. */
  sessions(): string[] {
    return this.#ids("select distinct session_id as id from direct");
  }

  /** Where direct sockets are. A telling that was not repeated has lapsed. */
  attached(now: number): string[] {
    return this.#ids("select distinct conversation_id as id from direct where at >= ?", now - limits.directMs);
  }
}
