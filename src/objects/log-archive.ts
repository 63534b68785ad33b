/** What of the log the archive and the members' objects have: two cursors, marks on changed rows, and the floor below them. */
import type { Invite, Known, Membership, Room } from "../core/view.ts";
import { limits } from "../protocol/limits.ts";
import type { LogInvites } from "./log-invites.ts";
import { boundedBy } from "./log-rows.ts";
import { isAbout, readMember } from "./log-schema.ts";

export type UndrainedEvent = {
  sequence: number;
  type: string;
  sender: string;
  /** Of a deletion: the message. */
  target: string | null;
  frame: string;
  /** Of messages only. */
  body_hash: string | null;
  created_at: number;
};

export interface Undrained {
  room: Room;
  /** Frames of events above the drained cursor, oldest first. */
  events: UndrainedEvent[];
  members: { membership: Membership; left_at: number | null; is_barred: boolean; revision: number }[];
  invites: { invite: Invite; revision: number }[];
  /** There are more changed members than go into one batch. */
  isCut: boolean;
  /** The sequence the archive will have reached. */
  upTo: number;
  roomRevision: number;
}

export interface ArchivedId extends Known {
  created_at: number;
}

export interface Cursors {
  /** Postgres has all events up to here. */
  drained: number;
  /** Every member's object has all events up to here; -1: not even that the conversation is there. */
  fanned: number;
  /** Of the last drain: rows in Postgres carry it, and an older one never overwrites a newer. */
  version: number;
  /** Whether the ids of all archived messages are here. */
  isComplete: boolean;
}

export class LogArchive implements Cursors {
  readonly #sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  readonly #room: () => Room;
  readonly #invites: LogInvites;
  readonly #floorRose: (floor: number) => void;
  drained = 0;
  fanned = -1;
  version = 0;
  isComplete = true;

  /** @param log.room the conversation as it is now */
  constructor(
    storage: DurableObjectStorage,
    log: { room: () => Room; invites: LogInvites; floorRose: (floor: number) => void },
  ) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#room = log.room;
    this.#invites = log.invites;
    this.#floorRose = log.floorRose;
  }

  begin({ drained, fanned, version, isComplete }: Cursors): void {
    this.drained = drained;
    this.fanned = fanned;
    this.version = version;
    this.isComplete = isComplete;
  }

  /** What Postgres does not have yet, at most one batch of it; undefined when it has all. */
  undrained(): Undrained | undefined {
    const room = this.#room();
    const rows = this.#sql.exec<UndrainedEvent>(
      "select sequence, type, sender, target, frame, body_hash, created_at from events where sequence > ? order by sequence limit ?",
      this.drained,
      limits.drainEvents,
    );
    const events = boundedBy(rows, (row) => row.frame.length, limits.drainBytes);
    const members = this.#sql
      .exec(
        `select members.*, barred.user_id is not null as is_barred from members left join barred using (user_id)
         where revision > 0 limit ?`,
        limits.drainMembers,
      )
      .toArray()
      .map((row) => ({
        membership: room.members.get(String(row.user_id)) ?? readMember(row),
        left_at: typeof row.left_at === "number" ? row.left_at : null,
        is_barred: row.is_barred === 1,
        revision: Number(row.revision),
      }));
    const isCut = members.length === limits.drainMembers;
    const invites = this.#invites.undrained();
    const marked = new Set(members.map(({ membership }) => membership.user_id));
    for (const sender of new Set(events.map((event) => event.sender))) {
      const membership = room.members.get(sender);
      if (membership && !marked.has(sender)) members.push({ membership, left_at: null, is_barred: false, revision: 0 });
    }
    const roomRevision = this.#sql.exec<{ revision: number }>("select revision from room").one().revision;
    if (events.length + members.length + invites.length + roomRevision === 0) return undefined;
    return { room, events, members, invites, isCut, upTo: events.at(-1)?.sequence ?? this.drained, roomRevision };
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

  /** Rises with every drain, over restarts too: the clock, but never back, and never the same twice. */
  nextVersion(): number {
    this.version = Math.max(this.version + 1, Date.now());
    return this.version;
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
      for (const written of batch.invites) this.#invites.drained(written);
      this.#sql.exec(
        "update room set drained = ?, fanned = ?, version = ?, revision = iif(revision = ?, 0, revision)",
        batch.upTo,
        fanned,
        this.version,
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

  /**
   * Below the new floor only the ids stay: repeats are known for ever, their text is in the archive.
   * @returns whether there is more to prune
   */
  prune(): boolean {
    const room = this.#room();
    const prunable = Math.min(this.drained, this.fanned, room.head - limits.keptEvents);
    if (prunable < room.floor + limits.pruneSlack) return false;
    const floor = Math.min(prunable, room.floor + limits.pruneMost);
    this.#storage.transactionSync(() => {
      // Between the floors only: below lie the ids of all that was ever said.
      const bounds = [room.floor, floor];
      this.#sql.exec("delete from events where sequence > ? and sequence <= ? and id is null", ...bounds);
      this.#sql.exec(
        "update events set frame = null where sequence > ? and sequence <= ? and frame is not null",
        ...bounds,
      );
      this.#sql.exec("update room set floor = ?", floor);
    });
    this.#floorRose(floor);
    return floor < prunable;
  }

  /** Ids of archived messages; those already here stay as they are. The archive may not have heard of a deletion. */
  remember(ids: readonly ArchivedId[]): void {
    this.#storage.transactionSync(() => {
      for (const { id, sequence, sender_id, body_hash, is_deleted, is_forward, created_at } of ids) {
        this.#sql.exec(
          `insert or ignore into events (sequence, type, id, target, sender, body_hash, created_at, is_deleted, frame)
           values (?1, ?7, ?2, null, ?3, ?4, ?5, max(?6, exists (
             select 1 from events where target = ?2 and ${isAbout} and type = 'message_delete'
           )), null)`,
          sequence,
          id,
          sender_id,
          body_hash,
          created_at,
          Number(is_deleted),
          is_forward ? "message_forward" : "message",
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
