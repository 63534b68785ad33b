/** Who has reacted to what with which emoji, and what was taken back: below the floor, too. */
import type { Reacted, Reactions } from "../core/view.ts";
import type { EventFrame } from "../protocol/frames.ts";
import type { Reaction } from "../protocol/messages.ts";

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

  count(messageId: string): number {
    return this.#sql
      .exec<{ count: number }>("select count(*) as count from reactions where message_id = ? and is_on = 1", messageId)
      .one().count;
  }

  emojis(messageId: string): string[] {
    return this.#sql
      .exec<{ emoji: string }>("select distinct emoji from reactions where message_id = ? and is_on = 1", messageId)
      .toArray()
      .map((row) => row.emoji);
  }

  /** What is on these messages now, by message. */
  on(messageIds: readonly string[]): Map<string, Reaction[]> {
    const rows = this.#sql.exec<{ message_id: string; emoji: string; user_id: string }>(
      `select message_id, emoji, user_id from reactions
       where message_id in (select value from json_each(?)) and is_on = 1 order by sequence`,
      JSON.stringify(messageIds),
    );
    const byMessage = Map.groupBy(rows, (row) => row.message_id);
    return new Map([...byMessage].map(([messageId, reactions]) => [messageId, grouped(reactions)]));
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

/** The most frequent first. */
function grouped(rows: { emoji: string; user_id: string }[]): Reaction[] {
  const byEmoji = [...Map.groupBy(rows, (row) => row.emoji)];
  return byEmoji
    .map(([emoji, ofEmoji]) => ({ emoji, user_ids: ofEmoji.map((row) => row.user_id) }))
    .sort((one, other) => other.user_ids.length - one.user_ids.length || (one.emoji < other.emoji ? -1 : 1));
}
