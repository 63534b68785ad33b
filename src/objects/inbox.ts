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
  `create table jobs (
     name text primary key, user_id text not null, generation integer not null, begun_at integer not null, round integer not null,
     is_listed integer not null, erase integer not null, attempts integer not null, due_at integer not null
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
    for (const id of sessionIds) this.#sql.exec("insert or replace into ended values (?, ?)", id, now);
  }

  hasEnded(sessionId: string): boolean {
    return (
      this.#hasTables && this.#sql.exec("select 1 from ended where session_id = ?", sessionId).toArray().length > 0
    );
  }

  /** All that are remembered. */
  ended(): string[] {
    if (!this.#hasTables) return [];
    return this.#sql
      .exec<{ session_id: string }>("select session_id from ended")
      .toArray()
      .map((row) => row.session_id);
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
    if (!this.#hasTables) return [];
    return this.#sql
      .exec<{ session_id: string }>("select distinct session_id from direct")
      .toArray()
      .map((row) => row.session_id);
  }

  /** Where direct sockets are, of all sessions or of one. A telling that was not repeated has lapsed. */
  attached(now: number, sessionId?: string): string[] {
    if (!this.#hasTables) return [];
    this.#sql.exec("delete from direct where at < ?", now - limits.directMs);
    return this.#sql
      .exec<{ conversation_id: string }>(
        "select distinct conversation_id from direct where ?1 is null or session_id = ?1",
        sessionId ?? null,
      )
      .toArray()
      .map((row) => row.conversation_id);
  }
}
