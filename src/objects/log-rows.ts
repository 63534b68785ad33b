/** What is asked of the log's rows, below the floor too: ids are kept for ever. */
import type { Turnover } from "../core/audience.ts";
import type { Known, Membership } from "../core/view.ts";
import { isAbout } from "./log-schema.ts";

export class LogRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The stored frame that deleted a message; none below the floor. */
  deletionOf(messageId: string): string | undefined {
    return this.#sql
      .exec<{ frame: string }>(
        `select frame from events where target = ? and ${isAbout} and type = 'message_delete'`,
        messageId,
      )
      .toArray()[0]?.frame;
  }

  /** Those of the messages that an event above the floor deletes: their id rows may not be here yet. */
  deleted(messageIds: readonly string[]): Set<string> {
    const rows = this.#sql.exec<{ target: string }>(
      `select target from events
       where ${isAbout} and type = 'message_delete' and target in (select value from json_each(?))`,
      JSON.stringify(messageIds),
    );
    return new Set(rows.toArray().map((row) => row.target));
  }

  /** The newest edit above the floor of each of these messages that has one, as its stored frame. */
  edits(messageIds: readonly string[]): string[] {
    return this.#sql
      .exec<{ frame: string; newest: number }>(
        `select frame, max(sequence) as newest from events
         where ${isAbout} and type = 'message_edit' and target in (select value from json_each(?)) and frame is not null group by target`,
        JSON.stringify(messageIds),
      )
      .toArray()
      .map((row) => row.frame);
  }

  /** A message's id row; `frame` is null where it lies below the floor. */
  known(messageId: string): (Known & { frame: string | null }) | undefined {
    const [row] = this.#sql
      .exec<IdRow>(
        "select sequence, type, sender, body_hash, created_at, is_deleted, frame from events where id = ?",
        messageId,
      )
      .toArray();
    if (!row) return undefined;
    const { type, sender: sender_id, is_deleted, ...rest } = row;
    return { id: messageId, sender_id, is_deleted: is_deleted === 1, is_forward: isForward(type), ...rest };
  }

  /** A user's messages with after < sequence <= upTo that are not deleted, oldest first. */
  said(userId: string, { after, upTo }: { after: number; upTo: number }, most: number): Known[] {
    return this.#sql
      .exec<{ id: string; sequence: number; type: string; body_hash: string; created_at: number }>(
        `select id, sequence, type, body_hash, created_at from events
         where sequence > ? and sequence <= ? and sender = ? and id is not null and is_deleted = 0
         order by sequence limit ?`,
        after,
        upTo,
        userId,
        most,
      )
      .toArray()
      .map(({ type, ...row }) => ({ ...row, sender_id: userId, is_deleted: false, is_forward: isForward(type) }));
  }

  messageAt(sequence: number): string | undefined {
    return this.#sql
      .exec<{ id: string }>(
        "select id from events where sequence <= ? and id is not null order by sequence desc limit 1",
        sequence,
      )
      .toArray()[0]?.id;
  }

  /** @param most what is beyond is not looked at: all of a long history is a while */
  unread(member: Pick<Membership, "user_id" | "read">, most = Number.MAX_SAFE_INTEGER): number {
    return this.#sql
      .exec<{ count: number }>(
        `select count(*) as count from (
           select 1 from events where sequence > ? and id is not null and sender <> ? and is_deleted = 0 limit ?
         )`,
        member.read,
        member.user_id,
        most,
      )
      .one().count;
  }

  /** Messages above the floor next to a sequence: the newest `limit` below `before`, or the oldest above `after`. */
  messages(floor: number, query: { before: number } | { after: number }, limit: number): string[] {
    const [condition, bound] =
      "before" in query
        ? ["sequence < ? and sequence > ? order by sequence desc", query.before]
        : ["sequence > ? and sequence > ? order by sequence", query.after];
    return this.#sql
      .exec<{ frame: string }>(
        `select frame from events where id is not null and frame is not null and ${condition} limit ?`,
        bound,
        floor,
        limit,
      )
      .toArray()
      .map((row) => row.frame);
  }

  /** Joinings and leavings above a sequence, in order. */
  turnovers(after: number): Turnover[] {
    return this.#sql
      .exec<{ user_id: string; sequence: number; type: string }>(
        `select target as user_id, sequence, type from events
         where sequence > ? and type in ('member_added', 'member_removed') order by sequence`,
        after,
      )
      .toArray()
      .map(({ user_id, sequence, type }) => ({ user_id, sequence, joined: type === "member_added" }));
  }

  /** Somebody removed them, and nobody has added them again. */
  isBarred(userId: string): boolean {
    return this.#sql.exec("select 1 from barred where user_id = ?", userId).toArray().length > 0;
  }

  /** What each user did since `since` (ms), oldest first: what the buckets of a waking object are counted from. */
  doneSince(since: number): { type: string; sender: string; created_at: number }[] {
    const done: { type: string; sender: string; created_at: number }[] = [];
    const rows = this.#sql.exec<{ type: string; sender: string; created_at: number }>(
      "select type, sender, created_at from events order by sequence desc",
    );
    for (const row of rows) {
      if (row.created_at < since) break;
      done.push(row);
    }
    return done.reverse();
  }
}

function isForward(type: string): boolean {
  return type === "message_forward";
}

type IdRow = {
  sequence: number;
  type: string;
  sender: string;
  body_hash: string;
  created_at: number;
  is_deleted: number;
  frame: string | null;
};

/** From the start, as many as fit, and at least one. */
export function boundedBy<T>(rows: Iterable<T>, size: (row: T) => number, most: number): T[] {
  const kept: T[] = [];
  let sum = 0;
  for (const row of rows) {
    sum += size(row);
    if (kept.length > 0 && sum > most) break;
    kept.push(row);
  }
  return kept;
}
