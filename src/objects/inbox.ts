/** What a user's object must remember over sleep: sessions that have ended, and where direct sockets are. */
import { limits } from "../protocol/limits.ts";
import { create, migrate } from "./schema.ts";

const versions = [
  `create table ended (session_id text primary key, at integer not null);
   create table direct (
     conversation_id text not null, session_id text not null, at integer not null,
     primary key (conversation_id, session_id)
   ) without rowid;`,
];

export class Inbox {
  readonly #sql: SqlStorage;
  #hasTables: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#hasTables = migrate(sql, versions);
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

  attach(conversationId: string, sessionId: string, now: number): void {
    this.#create();
    this.#sql.exec("insert or replace into direct values (?, ?, ?)", conversationId, sessionId, now);
  }

  detach(conversationId: string, sessionId: string): void {
    if (!this.#hasTables) return;
    this.#sql.exec("delete from direct where conversation_id = ? and session_id = ?", conversationId, sessionId);
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
