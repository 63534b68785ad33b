/** What a user's object remembers of presence: when its user was there last, who watches them, and whom they watch. */
import { limits } from "../protocol/limits.ts";

export interface Watcher {
  user_id: string;
  /** A telling did not reach them. */
  is_owed: boolean;
  /** They may not see the user: told once that they have gone, they hear nothing more until they may. */
  is_hidden: boolean;
}

/** Somebody whom direct sockets of the user in a conversation watch. */
export type Asked = { conversation_id: string; user_id: string };

type State = {
  /** Whose object this is: an alarm does not say. Known as soon as they watch or are watched. */
  user_id: string | null;
  /** ms */
  last_seen: number | null;
  /** What those who watch were told last. */
  announced: number;
  /** Rises each time that it may have changed who sees the user; 0: those who watch are known to. */
  reviews: number;
  /** ms, when those whom the user watches are asked again; null: there are none. */
  renew_at: number | null;
};

const nothing: State = { user_id: null, last_seen: null, announced: 0, reviews: 0, renew_at: null };

export class InboxPresence {
  readonly #sql: SqlStorage;
  readonly #tables: { has: () => boolean; create: () => void };

  /** @param tables where there are none, nothing is known */
  constructor(sql: SqlStorage, tables: { has: () => boolean; create: () => void }) {
    this.#sql = sql;
    this.#tables = tables;
  }

  get state(): State {
    if (!this.#tables.has()) return nothing;
    return this.#sql.exec<State>("select user_id, last_seen, announced, reviews, renew_at from presence").one();
  }

  get userId(): string {
    const { user_id } = this.state;
    if (user_id === null) throw new Error("Nobody has said yet whose object this is");
    return user_id;
  }

  own(userId: string): void {
    this.#tables.create();
    this.#sql.exec("update presence set user_id = ? where user_id is null", userId);
  }

  /** The user comes, or goes: then, or since. */
  note(at: number): void {
    this.#tables.create();
    this.#sql.exec("update presence set last_seen = max(coalesce(last_seen, 0), ?)", at);
  }

  announce(online: boolean): void {
    this.#tables.create();
    this.#sql.exec("update presence set announced = ?1 where announced <> ?1", Number(online));
  }

  /** Who sees the user is to be looked up anew. */
  review(): void {
    if (this.#tables.has()) this.#sql.exec("update presence set reviews = reviews + 1");
  }

  /** @param reviews as it was when it was looked up */
  reviewed(reviews: number): void {
    if (reviews > 0) this.#sql.exec("update presence set reviews = 0 where reviews = ?", reviews);
  }

  // -- Who watches the user ------------------------------------------------------------------------------------------

  /** Said again by half of its time, it costs no write. */
  watchedBy(userId: string, now: number): void {
    this.#tables.create();
    this.#sql.exec(
      `insert into watchers (user_id, until, is_owed) values (?1, ?2, 0)
       on conflict (user_id) do update set until = excluded.until, is_owed = 0, is_hidden = 0
       where until < ?3 or is_owed = 1 or is_hidden = 1`,
      userId,
      now + limits.watchMs,
      now + limits.watchMs / 2,
    );
    this.#sql.exec(
      "delete from watchers where user_id in (select user_id from watchers order by until desc limit -1 offset ?)",
      limits.watchers,
    );
  }

  watchers(now: number): Watcher[] {
    if (!this.#tables.has()) return [];
    return this.#sql
      .exec<{ user_id: string; is_owed: number; is_hidden: number }>(
        "select user_id, is_owed, is_hidden from watchers where until > ?",
        now,
      )
      .toArray()
      .map(({ user_id, is_owed, is_hidden }) => ({ user_id, is_owed: is_owed === 1, is_hidden: is_hidden === 1 }));
  }

  isWatched(now: number): boolean {
    return (
      this.#tables.has() && this.#sql.exec("select 1 from watchers where until > ? limit 1", now).toArray().length > 0
    );
  }

  owe(userId: string): void {
    this.#sql.exec("update watchers set is_owed = 1 where user_id = ?", userId);
  }

  /** @param isHidden that they may see the user no more */
  told(userId: string, isHidden: boolean): void {
    this.#sql.exec(
      "update watchers set is_owed = 0, is_hidden = ?2 where user_id = ?1 and (is_owed = 1 or is_hidden <> ?2)",
      userId,
      Number(isHidden),
    );
  }

  unwatched(userId: string): void {
    this.#sql.exec("delete from watchers where user_id = ?", userId);
  }

  // -- Whom the user watches -----------------------------------------------------------------------------------------

  renewAt(at: number | null): void {
    this.#tables.create();
    this.#sql.exec("update presence set renew_at = ?", at);
  }

  /** Whom the user's direct sockets in a conversation watch. */
  asked(conversationId: string, userIds: string[]): void {
    this.#tables.create();
    if (userIds.length === 0) this.#sql.exec("delete from asked where conversation_id = ?", conversationId);
    else this.#sql.exec("insert or replace into asked values (?, ?)", conversationId, JSON.stringify(userIds));
  }

  /** Conversations, and whom they watch for direct sockets of the user that are open there. */
  places(): Asked[] {
    if (!this.#tables.has()) return [];
    return this.#sql
      .exec<Asked>("select conversation_id, value as user_id from asked, json_each(asked.user_ids)")
      .toArray();
  }

  /** A conversation has no direct socket of the user any more. */
  left(): void {
    this.#sql.exec("delete from asked where conversation_id not in (select conversation_id from direct)");
  }
}
