/** What is asked of the log's rows, below the floor too: ids are kept for ever. */
import type { Turnover } from "../core/audience.ts";
import type { Known, Membership } from "../core/view.ts";

export class LogRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** A message's id row; `frame` is null where it lies below the floor. */
  known(messageId: string): (Known & { frame: string | null }) | undefined {
    const [row] = this.#sql
      .exec<{ sequence: number; sender: string; body_hash: string; is_deleted: number; frame: string | null }>(
        "select sequence, sender, body_hash, is_deleted, frame from events where id = ?",
        messageId,
      )
      .toArray();
    if (!row) return undefined;
    const { sequence, sender, body_hash, is_deleted, frame } = row;
    return { id: messageId, sequence, sender_id: sender, body_hash, is_deleted: is_deleted === 1, frame };
  }

  /** A user's messages with after < sequence <= upTo that are not deleted, oldest first. */
  said(userId: string, { after, upTo }: { after: number; upTo: number }, most: number): Known[] {
    return this.#sql
      .exec<{ id: string; sequence: number; body_hash: string }>(
        `select id, sequence, body_hash from events
         where sequence > ? and sequence <= ? and sender = ? and id is not null and is_deleted = 0
         order by sequence limit ?`,
        after,
        upTo,
        userId,
        most,
      )
      .toArray()
      .map((row) => ({ ...row, sender_id: userId, is_deleted: false }));
  }

  messageAt(sequence: number): string | undefined {
    return this.#sql
      .exec<{ id: string }>(
        "select id from events where sequence <= ? and id is not null order by sequence desc limit 1",
        sequence,
      )
      .toArray()[0]?.id;
  }

  unread(member: Pick<Membership, "user_id" | "read">): number {
    return this.#sql
      .exec<{ count: number }>(
        "select count(*) as count from events where sequence > ? and id is not null and sender <> ? and is_deleted = 0",
        member.read,
        member.user_id,
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

  /** When each user's messages since `since` (ms) were sent: what the buckets of a waking object are counted from. */
  sentSince(since: number): Map<string, number[]> {
    const sent = new Map<string, number[]>();
    const rows = this.#sql.exec<{ sender: string; created_at: number }>(
      "select sender, created_at from events where id is not null order by sequence desc",
    );
    for (const { sender, created_at } of rows) {
      if (created_at < since) break;
      sent.set(sender, [created_at, ...(sent.get(sender) ?? [])]);
    }
    return sent;
  }
}

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
