/**
 * The log of a conversation in its object's SQLite: every event once, as sent; members; cursors. It is the outbox, too:
 * what lies above `drained` is not in Postgres yet, above `fanned` not with every member's object.
 *
 * A message costs two rows written: its own and its index entry. Its sender's watermark is derived until the drain.
 */
import type { Turnover } from "../core/audience.ts";
import type { Draft, Known, Membership, MemberWrite, Room } from "../core/view.ts";
import { frameText } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import type { SequencedFrame } from "../protocol/rpc.ts";
import { migrate, readMember, readRoom } from "./log-schema.ts";

/** In memory the room may change; rules see it as read-only. */
type OpenRoom = Room & { members: Map<string, Membership> };

export type UndrainedEvent = {
  sequence: number;
  sender: string;
  frame: string;
  /** Of messages only. */
  body_hash: string | null;
  created_at: number;
};

export interface Undrained {
  room: Room;
  /** Frames of events above the drained cursor, oldest first. */
  events: UndrainedEvent[];
  members: { membership: Membership; left_at: number | null; revision: number }[];
  /** The sequence the archive will have reached. */
  upTo: number;
  roomRevision: number;
}

export interface ArchivedId extends Known {
  created_at: number;
}

const tailLength = 512; // newest frames kept in memory for the fan-out

export class Log {
  readonly #sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  #room: OpenRoom | undefined;
  #tail: SequencedFrame[] = [];
  drained = 0;
  fanned = -1;
  /** Whether the ids of all archived messages are here. */
  isComplete = true;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#load();
  }

  /** The conversation as it is now; undefined in an object that holds none. */
  get room(): Room | undefined {
    return this.#room;
  }

  #load(): void {
    if (!migrate(this.#sql)) return;
    const stored = readRoom(this.#sql);
    if (!stored) return;
    const { drained, fanned, is_complete, ...room } = stored;
    const newest = this.#sql.exec<{ head: number | null }>("select max(sequence) as head from events").one().head;
    const members = new Map<string, Membership>();
    for (const row of this.#sql.exec("select * from members where left_at is null order by joined_sequence, rowid")) {
      const member = readMember(row);
      members.set(member.user_id, member);
    }
    this.#room = { ...room, head: Math.max(room.floor, newest ?? 0), members };
    this.drained = drained;
    this.fanned = fanned;
    this.isComplete = is_complete;
    const senders = this.#sql.exec<{ sender: string; newest: number }>(
      "select sender, max(sequence) as newest from events where sequence > ? and id is not null group by sender",
      drained,
    );
    for (const { sender, newest } of senders) this.#raise(sender, newest);
  }

  #open(): OpenRoom {
    if (!this.#room) throw new Error("The log is empty");
    return this.#room;
  }

  /** A sender has read what they sent. */
  #raise(userId: string, sequence: number): void {
    const member = this.#open().members.get(userId);
    if (!member) return;
    const read = Math.max(member.read, sequence);
    this.#open().members.set(userId, { ...member, read, delivered: Math.max(member.delivered, read) });
  }

  /** Begins the log: a new conversation, or one rebuilt from the archive, whose head becomes its floor. */
  begin(room: Room, cursors: { drained: number; fanned: number; isComplete: boolean }): void {
    migrate(this.#sql, "create");
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        `insert into room (id, kind, title, description, avatar_url, public, epoch, floor, created_by, body_hash,
           created_at, updated_at, drained, fanned, is_complete, revision)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
        room.id,
        room.kind,
        room.title,
        room.description,
        room.avatar_url,
        Number(room.public),
        room.epoch,
        room.floor,
        room.created_by,
        room.body_hash,
        room.created_at,
        room.updated_at,
        cursors.drained,
        cursors.fanned,
        Number(cursors.isComplete),
      );
      for (const member of room.members.values()) this.#writeMember(member);
    });
    this.#room = { ...room, members: new Map(room.members) };
    this.drained = cursors.drained;
    this.fanned = cursors.fanned;
    this.isComplete = cursors.isComplete;
  }

  /** Writes what a rule decided and moves the room on. Only within a transaction of the caller's. */
  apply(events: readonly Draft[], members: readonly MemberWrite[], now: number): SequencedFrame[] {
    const room = this.#open();
    const written = events.map((draft) => this.#append(draft, now));
    for (const write of members) {
      if ("set" in write) {
        this.#writeMember(write.set);
        room.members.set(write.set.user_id, write.set);
      } else {
        this.#sql.exec(
          "update members set left_at = ?, revision = revision + 1 where user_id = ?",
          write.at,
          write.remove,
        );
        room.members.delete(write.remove);
      }
    }
    const last = written.at(-1);
    if (last) room.head = last.sequence;
    return written;
  }

  #append({ frame, body_hash }: Draft, now: number): SequencedFrame {
    const text = frameText(frame);
    const isMessage = frame.type === "message";
    this.#sql.exec(
      "insert into events (sequence, type, id, target, sender, body_hash, created_at, frame) values (?, ?, ?, ?, ?, ?, ?, ?)",
      frame.sequence,
      frame.type,
      isMessage ? frame.id : null,
      isMessage ? null : frame.user_id,
      isMessage ? frame.sender_id : frame.by,
      body_hash ?? null,
      now,
      text,
    );
    if (isMessage) this.#raise(frame.sender_id, frame.sequence);
    const event = { sequence: frame.sequence, text };
    this.#tail.push(event);
    if (this.#tail.length > 2 * tailLength) this.#tail = this.#tail.slice(-tailLength);
    return event;
  }

  #writeMember(member: Membership): void {
    this.#sql.exec(
      `insert into members (user_id, name, role, joined_at, joined_sequence, read, delivered, announced, muted_until,
         archived, pinned, hidden, left_at, revision)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, 1)
       on conflict (user_id) do update set name = excluded.name, role = excluded.role, joined_at = excluded.joined_at,
         joined_sequence = excluded.joined_sequence, read = excluded.read, delivered = excluded.delivered,
         announced = excluded.announced, muted_until = excluded.muted_until, archived = excluded.archived,
         pinned = excluded.pinned, hidden = excluded.hidden, left_at = null, revision = revision + 1`,
      member.user_id,
      member.name,
      member.role,
      member.joined_at,
      member.joined_sequence,
      member.read,
      member.delivered,
      member.announced,
      member.muted_until,
      Number(member.archived),
      Number(member.pinned),
      Number(member.hidden),
    );
  }

  // -- Reading -----------------------------------------------------------------------------------------------------

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

  /** Events with from < sequence <= to, oldest first, at most `most` and about `bytes` of text. */
  frames(
    from: number,
    to: number,
    most: number = limits.replayPage,
    bytes: number = limits.replayBytes,
  ): SequencedFrame[] {
    const oldest = this.#tail[0]?.sequence;
    if (oldest !== undefined && oldest <= from + 1) {
      const start = from + 1 - oldest;
      return bounded(this.#tail.slice(start, Math.min(start + most, to - oldest + 1)), bytes);
    }
    const rows = this.#sql.exec<{ sequence: number; text: string }>(
      "select sequence, frame as text from events where sequence > ? and sequence <= ? and frame is not null order by sequence limit ?",
      from,
      to,
      most,
    );
    return bounded(rows, bytes);
  }

  /** Messages above the floor next to a sequence: the newest `limit` below `before`, or the oldest above `after`. */
  messages(query: { before: number } | { after: number }, limit: number): string[] {
    const { floor } = this.#open();
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

  // -- Draining ----------------------------------------------------------------------------------------------------

  /** What Postgres does not have yet, at most one batch of it; undefined when it has all. */
  undrained(): Undrained | undefined {
    const room = this.#open();
    const rows = this.#sql.exec<UndrainedEvent>(
      "select sequence, sender, frame, body_hash, created_at from events where sequence > ? order by sequence limit ?",
      this.drained,
      limits.drainEvents,
    );
    const events = boundedBy(rows, (row) => row.frame.length, limits.drainBytes);
    const members = this.#sql
      .exec("select * from members where revision > 0")
      .toArray()
      .map((row) => ({
        membership: room.members.get(String(row.user_id)) ?? readMember(row),
        left_at: typeof row.left_at === "number" ? row.left_at : null,
        revision: Number(row.revision),
      }));
    const marked = new Set(members.map(({ membership }) => membership.user_id));
    for (const sender of new Set(events.map((event) => event.sender))) {
      const membership = room.members.get(sender);
      if (membership && !marked.has(sender)) members.push({ membership, left_at: null, revision: 0 });
    }
    const roomRevision = this.#sql.exec<{ revision: number }>("select revision from room").one().revision;
    if (events.length === 0 && members.length === 0 && roomRevision === 0) return undefined;
    return { room, events, members, upTo: events.at(-1)?.sequence ?? this.drained, roomRevision };
  }

  /** When the oldest event was made that Postgres does not have. */
  undrainedSince(): number | undefined {
    return this.#sql
      .exec<{ created_at: number }>(
        "select created_at from events where sequence > ? order by sequence limit 1",
        this.drained,
      )
      .toArray()[0]?.created_at;
  }

  /** Postgres has it: the cursor moves, marks of what has not changed since are taken away. */
  drainedTo(batch: Undrained, fanned: number): void {
    this.#storage.transactionSync(() => {
      const senders = this.#sql
        .exec<{ sender: string; newest: number }>(
          "select sender, max(sequence) as newest from events where sequence > ? and sequence <= ? and id is not null group by sender",
          this.drained,
          batch.upTo,
        )
        .toArray();
      for (const { sender, newest } of senders) {
        this.#sql.exec(
          "update members set read = max(read, ?1), delivered = max(delivered, ?1) where user_id = ?2 and left_at is null and joined_sequence < ?1",
          newest,
          sender,
        );
      }
      for (const { membership, revision } of batch.members) {
        this.#sql.exec(
          "update members set revision = 0 where user_id = ? and revision = ?",
          membership.user_id,
          revision,
        );
      }
      this.#sql.exec(
        "update room set drained = ?, fanned = ?, revision = iif(revision = ?, 0, revision)",
        batch.upTo,
        fanned,
        batch.roomRevision,
      );
    });
    this.drained = batch.upTo;
    this.fanned = fanned;
  }

  fannedTo(sequence: number): void {
    this.#sql.exec("update room set fanned = ?", sequence);
    this.fanned = sequence;
  }

  /** Below the new floor only the ids stay: repeats are known for ever, their text is in the archive. */
  prune(): void {
    const room = this.#open();
    const floor = Math.min(this.drained, this.fanned, room.head - limits.keptEvents);
    if (floor < room.floor + limits.pruneSlack) return;
    this.#storage.transactionSync(() => {
      this.#sql.exec("delete from events where sequence <= ? and id is null", floor);
      this.#sql.exec("update events set frame = null where sequence <= ? and frame is not null", floor);
      this.#sql.exec("update room set floor = ?", floor);
    });
    room.floor = floor;
  }

  // -- Rebuilding --------------------------------------------------------------------------------------------------

  /** Ids of archived messages; those already here stay as they are. */
  remember(ids: readonly ArchivedId[]): void {
    this.#storage.transactionSync(() => {
      for (const { id, sequence, sender_id, body_hash, is_deleted, created_at } of ids) {
        this.#sql.exec(
          `insert or ignore into events (sequence, type, id, target, sender, body_hash, created_at, is_deleted, frame)
           values (?, 'message', ?, null, ?, ?, ?, ?, null)`,
          sequence,
          id,
          sender_id,
          body_hash,
          created_at,
          Number(is_deleted),
        );
      }
    });
  }

  /** The least sequence of which the id is here: older ones are still to be asked of Postgres. */
  oldestKnown(): number {
    return this.#sql.exec<{ oldest: number | null }>("select min(sequence) as oldest from events").one().oldest ?? 0;
  }

  completed(): void {
    this.#sql.exec("update room set is_complete = 1");
    this.isComplete = true;
  }
}

function bounded(frames: Iterable<SequencedFrame>, bytes: number): SequencedFrame[] {
  return boundedBy(frames, (frame) => frame.text.length, bytes);
}

/** From the start, as many as fit, and at least one. */
function boundedBy<T>(rows: Iterable<T>, size: (row: T) => number, most: number): T[] {
  const kept: T[] = [];
  let sum = 0;
  for (const row of rows) {
    sum += size(row);
    if (kept.length > 0 && sum > most) break;
    kept.push(row);
  }
  return kept;
}
