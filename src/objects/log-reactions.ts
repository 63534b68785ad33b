/** Who has reacted to what with which emoji, and what was taken back: below the floor, too. */
import type { Reacted, Reactions } from "../core/view.ts";
import type { EventFrame } from "../protocol/frames.ts";
import type { ReactionCount } from "../protocol/messages.ts";

export type ReactionRow = Reacted & { message_id: string; emoji: string; user_id: string };

export class LogReactions implements Reactions {
  readonly #sql: SqlStorage;

  #remembered: ReactionRow | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The last one the archive was asked for; undefined after sleep: it is asked from the start again. */
  get remembered(): ReactionRow | undefined {
    return this.#remembered;
  }

  of(messageId: string, emoji: string, userId: string): Reacted | undefined {
    return this.#sql
      .exec<{ sequence: number; is_on: number }>(
        "select sequence, is_on from reactions where message_id = ? and emoji = ? and user_id = ?",
        messageId,
        emoji,
        userId,
      )
      .toArray()
      .map(({ sequence, is_on }) => ({ sequence, is_on: is_on === 1 }))[0];
  }

  emojis(messageId: string): string[] {
    return this.#sql
      .exec<{ emoji: string }>("select distinct emoji from reactions where message_id = ? and is_on = 1", messageId)
      .toArray()
      .map((row) => row.emoji);
  }

  /** How often each emoji is on these messages, the most frequent first; whether one of them is the user's. */
  counts(messageIds: readonly string[], userId: string): Map<string, ReactionCount[]> {
    const rows = this.#sql.exec<{ message_id: string; emoji: string; count: number; me: number }>(
      `select message_id, emoji, count(*) as count, max(user_id = ?) as me from reactions
       where message_id in (select value from json_each(?)) and is_on = 1
       group by message_id, emoji order by count(*) desc, emoji`,
      userId,
      JSON.stringify(messageIds),
    );
    const counts = new Map<string, ReactionCount[]>();
    for (const { message_id, emoji, count, me } of rows) {
      const ofMessage = counts.get(message_id) ?? [];
      counts.set(message_id, ofMessage);
      ofMessage.push({ emoji, count, me: me === 1 });
    }
    return counts;
  }

  write({ message_id, emoji, user_id, sequence, on }: Extract<EventFrame, { type: "reaction" }>): void {
    this.#sql.exec(
      "insert or replace into reactions (message_id, emoji, user_id, sequence, is_on) values (?, ?, ?, ?, ?)",
      message_id,
      emoji,
      user_id,
      sequence,
      Number(on),
    );
  }

  /** As the archive has them, slice by slice; what was changed here since stays. */
  remember(rows: readonly ReactionRow[]): void {
    this.#remembered = rows.at(-1) ?? this.#remembered;
    for (const { message_id, emoji, user_id, sequence, is_on } of rows) {
      this.#sql.exec(
        "insert or ignore into reactions (message_id, emoji, user_id, sequence, is_on) values (?, ?, ?, ?, ?)",
        message_id,
        emoji,
        user_id,
        sequence,
        Number(is_on),
      );
    }
  }

  /** The message is deleted. */
  forget(messageId: string): void {
    this.#sql.exec("delete from reactions where message_id = ?", messageId);
  }
}
