/** What a user's object must remember over sleep: sessions that have ended, where direct sockets are, jobs. */
import { limits } from "../protocol/limits.ts";
import { InboxJobs } from "./inbox-jobs.ts";
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
];

export class Inbox {
  readonly #sql: SqlStorage;
  #hasTables: boolean;
  /** What conversations are still to be told. */
  readonly jobs: InboxJobs;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#hasTables = migrate(sql, versions);
    this.jobs = new InboxJobs(sql, { has: () => this.#hasTables, create: () => this.#create() });
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
  }

  attach(conversationId: string, sessionId: string, now: number): void {
    this.#create();
    this.#sql.exec("insert or replace into direct values (?, ?, ?)", conversationId, sessionId, now);
  }

  detach(conversationId: string, sessionId: string): void {
    if (!this.#hasTables) return;
    this.#sql.exec("delete from direct where conversation_id = ? and session_id = ?", conversationId, sessionId);
  }

  /** Sessions that have direct sockets. */
  sessions(): string[] {
    return this.#ids("select distinct session_id as id from direct");
  }

  /** Where direct sockets are. A telling that was not repeated has lapsed. */
  attached(now: number): string[] {
    if (!this.#hasTables) return [];
    this.#sql.exec("delete from direct where at < ?", now - limits.directMs);
    return this.#ids("select distinct conversation_id as id from direct");
  }
}
