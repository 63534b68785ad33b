/** Which messages are pinned, and which were: below the floor, too. */
import type { Pinned, Pins } from "../core/view.ts";

export interface PinRow extends Pinned {
  message_id: string;
  /** ms */
  at: number;
}

type StoredPin = { message_id: string; user_id: string; at: number; sequence: number; is_on: number };

export class LogPins implements Pins {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  of(messageId: string): Pinned | undefined {
    const [row] = this.#sql.exec<StoredPin>("select * from pins where message_id = ?", messageId).toArray();
    return row && pinOf(row);
  }

  count(): number {
    return this.#sql.exec<{ count: number }>("select count(*) as count from pins where is_on = 1").one().count;
  }

  /** Pinned messages, the one pinned last first, below the sequence of its event. */
  newest(before: number | undefined, limit: number): PinRow[] {
    return this.#sql
      .exec<StoredPin>(
        "select * from pins where is_on = 1 and sequence < ? order by sequence desc limit ?",
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .toArray()
      .map(pinOf);
  }

  write({ message_id, user_id, at, sequence, is_on }: PinRow): void {
    this.#sql.exec(
      "insert or replace into pins (message_id, user_id, at, sequence, is_on) values (?, ?, ?, ?, ?)",
      message_id,
      user_id,
      at,
      sequence,
      Number(is_on),
    );
  }

  /** The message is deleted. */
  forget(messageId: string): void {
    this.#sql.exec("delete from pins where message_id = ?", messageId);
  }
}

function pinOf({ is_on, ...row }: StoredPin): PinRow {
  return { ...row, is_on: is_on === 1 };
}
