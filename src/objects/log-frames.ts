/** The stored frames: written as sent, the newest of them in memory for the fan-out, changed only to take something out. */

import type { SequencedFrame } from "../protocol/deliveries.ts";
import { limits } from "../protocol/limits.ts";
import { boundedBy } from "./log-rows.ts";
import { isAbout } from "./log-schema.ts";

export class LogFrames {
  readonly #sql: SqlStorage;
  #tail: SequencedFrame[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** An event was written. */
  append(event: SequencedFrame): void {
    this.#tail.push(event);
    if (this.#tail.length > 2 * limits.tailEvents) this.#tail = this.#tail.slice(-limits.tailEvents);
  }

  /** Events with from < sequence <= to, oldest first, at most `most` and about `bytes` of text. */
  between(
    from: number,
    to: number,
    most: number = limits.replayPage,
    bytes: number = limits.replayBytes,
  ): SequencedFrame[] {
    const oldest = this.#tail[0]?.sequence;
    if (oldest !== undefined && oldest <= from + 1) {
      const start = from + 1 - oldest;
      return boundedBy(this.#tail.slice(start, Math.min(start + most, to - oldest + 1)), textLength, bytes);
    }
    const rows = this.#sql.exec<SequencedFrame & Record<string, SqlStorageValue>>(
      "select sequence, frame as text from events where sequence > ? and sequence <= ? and frame is not null order by sequence limit ?",
      from,
      to,
      most,
    );
    return boundedBy(rows, textLength, bytes);
  }

  /** A message is deleted: its text is taken out of what is stored of it, and of its edits. */
  redact(messageId: string): void {
    this.#retell(
      this.#sql.exec<Changed>(
        `update events set frame = json_set(frame, '$.content', '')
         where target = ? and ${isAbout} and type = 'message_edit' and frame is not null returning sequence, frame`,
        messageId,
      ),
    );
    this.#retell(
      this.#sql.exec<Changed>(
        `update events set is_deleted = 1, frame = json_set(frame, '$.content', '', '$.media', json('[]'),
           '$.mentions', json('[]'), '$.is_deleted', json('true'))
         where id = ? returning sequence, frame`,
        messageId,
      ),
    );
  }

  /** Takes somebody's name out of events with after < sequence <= upTo: what they said, and what was done to them. */
  unname({ user_id, after, upTo }: { user_id: string; after: number; upTo: number }): void {
    this.#retell(
      this.#sql.exec<Changed>(
        `update events set frame = json_set(frame, iif(id is null, '$.user_name', '$.sender_name'), '')
         where sequence > ?1 and sequence <= ?2 and frame is not null and ((id is not null and sender = ?3) or
           (type in ('member_added', 'member_removed', 'member_role') and target = ?3)) returning sequence, frame`,
        after,
        upTo,
        user_id,
      ),
    );
  }

  /** What was changed in storage changes in memory. */
  #retell(changed: Iterable<Changed>): void {
    for (const { sequence, frame } of changed) {
      const at = sequence - (this.#tail[0]?.sequence ?? Number.POSITIVE_INFINITY);
      if (at >= 0 && frame !== null) this.#tail[at] = { sequence, text: frame };
    }
  }

  /** Nothing is stored any more. */
  end(): void {
    this.#tail = [];
  }
}

type Changed = { sequence: number; frame: string | null };

function textLength({ text }: SequencedFrame): number {
  return text.length;
}
