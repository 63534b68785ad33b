/**
 * The log of a conversation in its object's SQLite: every event once, as sent; members; cursors. It is the outbox, too:
 * what lies above `drained` is not in Postgres yet, above `fanned` not with every member's object.
 *
 * A message costs two rows written: its own and its index entry. Its sender's watermark is derived until the drain.
 */
import type { Draft, Invite, Membership, MemberWrite, Outcome, Room, RoomWrite } from "../core/view.ts";
import type { SequencedFrame } from "../protocol/deliveries.ts";
import { type EventFrame, frameText } from "../protocol/frames.ts";
import { type Cursors, LogArchive } from "./log-archive.ts";
import { LogFrames } from "./log-frames.ts";
import { LogInvites } from "./log-invites.ts";
import { LogPins, type PinRow } from "./log-pins.ts";
import { LogReactions } from "./log-reactions.ts";
import { LogRows } from "./log-rows.ts";
import { readMember, readRoom, versions } from "./log-schema.ts";
import { create, migrate } from "./schema.ts";

/** In memory the room may change; rules see it as read-only. */
type OpenRoom = Room & { members: Map<string, Membership> };

export class Log {
  readonly #sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  #room: OpenRoom | undefined;
  /** Questions to its rows. */
  readonly rows: LogRows;
  readonly frames: LogFrames;
  readonly invites: LogInvites;
  readonly reactions: LogReactions;
  readonly pins: LogPins;
  /** How far the archive and the members' objects are. */
  readonly archive: LogArchive;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.rows = new LogRows(storage.sql);
    this.frames = new LogFrames(storage.sql);
    this.invites = new LogInvites(storage.sql);
    this.reactions = new LogReactions(storage.sql);
    this.pins = new LogPins(storage.sql);
    this.archive = new LogArchive(storage, {
      room: () => this.#open(),
      invites: this.invites,
      floorRose: (floor) => {
        this.#open().floor = floor;
      },
    });
    this.#load();
  }

  /** The conversation as it is now; undefined in an object that holds none. */
  get room(): Room | undefined {
    return this.#room;
  }

  #load(): void {
    if (!migrate(this.#sql, versions)) return;
    const stored = readRoom(this.#sql);
    if (!stored) return;
    const { drained, fanned, version, is_complete, ...room } = stored;
    const newest = this.#sql.exec<{ head: number | null }>("select max(sequence) as head from events").one().head;
    const members = new Map<string, Membership>();
    for (const row of this.#sql.exec("select * from members where left_at is null order by joined_sequence, rowid")) {
      const member = readMember(row);
      members.set(member.user_id, member);
    }
    this.#room = { ...room, head: Math.max(room.floor, newest ?? 0), members };
    this.archive.begin({ drained, fanned, version, isComplete: is_complete });
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

  /** The conversation is gone for good, and with it what is stored. */
  end(): void {
    this.#room = undefined;
    this.frames.end();
  }

  /** Begins the log: a new conversation, or one rebuilt from the archive, whose head becomes its floor. */
  begin(room: Room, cursors: Cursors, { barred, invites, pins }: Besides = nothingElse): void {
    create(this.#sql, versions);
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        `insert into room (id, kind, title, description, avatar_url, public, epoch, floor, created_by, body_hash,
           created_at, updated_at, deleted_at, drained, fanned, version, is_complete, revision)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
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
        room.deleted_at,
        cursors.drained,
        cursors.fanned,
        cursors.version,
        Number(cursors.isComplete),
      );
      for (const member of room.members.values()) this.#writeMember(member);
      for (const userId of barred) this.#bar(userId);
      for (const invite of invites) this.invites.write(invite, 0);
      for (const pin of pins) this.pins.write(pin);
    });
    this.#room = { ...room, members: new Map(room.members) };
    this.archive.begin(cursors);
  }

  /** Writes what a rule decided and moves the room on. Only within a transaction of the caller's. */
  apply({ events, members, room: changes, invite, forgotten }: Outcome, now: number): SequencedFrame[] {
    const room = this.#open();
    const written = events.map((draft) => this.#append(draft, now));
    for (const write of members) this.#change(write);
    if (changes) this.#writeRoom(changes);
    if (invite) this.invites.write(invite);
    if (forgotten) this.#unname(forgotten);
    const last = written.at(-1);
    if (last) room.head = last.sequence;
    return written;
  }

  #change(write: MemberWrite): void {
    const { members } = this.#open();
    if ("set" in write) {
      this.#writeMember(write.set);
      if (!members.has(write.set.user_id)) this.#sql.exec("delete from barred where user_id = ?", write.set.user_id);
      members.set(write.set.user_id, write.set);
    } else if ("know" in write) {
      this.#writeFacts(write.know);
      members.set(write.know.user_id, write.know);
    } else {
      this.#sql.exec(
        "update members set left_at = ?, revision = revision + 1 where user_id = ?",
        write.at,
        write.remove,
      );
      if (write.isBarred) this.#bar(write.remove);
      members.delete(write.remove);
    }
  }

  #bar(userId: string): void {
    this.#sql.exec("insert or ignore into barred (user_id) values (?)", userId);
  }

  #writeRoom(changes: RoomWrite): void {
    const room = Object.assign(this.#open(), changes);
    this.#sql.exec(
      `update room set title = ?, description = ?, avatar_url = ?, public = ?, deleted_at = ?, updated_at = ?, revision = revision + 1`,
      room.title,
      room.description,
      room.avatar_url,
      Number(room.public),
      room.deleted_at,
      room.updated_at,
    );
  }

  /** Of one who has left, too, the name goes. */
  #unname(forgotten: NonNullable<Outcome["forgotten"]>): void {
    this.frames.unname(forgotten);
    this.#sql.exec("update members set name = '' where user_id = ? and name <> ''", forgotten.user_id);
  }

  #append(draft: Draft, now: number): SequencedFrame {
    const { frame, body_hash } = draft;
    const text = frameText(frame);
    const { id, target, sender } = keysOf(draft);
    this.#sql.exec(
      "insert into events (sequence, type, id, target, sender, body_hash, created_at, frame) values (?, ?, ?, ?, ?, ?, ?, ?)",
      frame.sequence,
      frame.type,
      id,
      target,
      sender,
      body_hash ?? null,
      now,
      text,
    );
    if (id !== null) this.#raise(sender, frame.sequence);
    this.#keep(frame, now);
    const event = { sequence: frame.sequence, text };
    this.frames.append(event);
    return event;
  }

  /** What the event changes of what is kept beside the events. */
  #keep(frame: EventFrame, at: number): void {
    if (frame.type === "reaction") this.reactions.write(frame);
    if (frame.type === "pin") this.pins.write({ ...frame, at, is_on: frame.on });
    if (frame.type !== "message_delete") return;
    this.frames.redact(frame.message_id);
    this.reactions.forget(frame.message_id);
    this.pins.forget(frame.message_id);
  }

  #writeMember(member: Membership): void {
    this.#sql.exec(
      `insert into members (user_id, name, is_deleted, shows_reading, shows_presence, blocks, facts_revision, role, joined_at,
         joined_sequence, read, delivered, announced, muted_until, archived, pinned, hidden, left_at, revision)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, 1)
       on conflict (user_id) do update set name = excluded.name, is_deleted = excluded.is_deleted,
         shows_reading = excluded.shows_reading, shows_presence = excluded.shows_presence, blocks = excluded.blocks,
         facts_revision = excluded.facts_revision, role = excluded.role, joined_at = excluded.joined_at,
         joined_sequence = excluded.joined_sequence, read = excluded.read, delivered = excluded.delivered,
         announced = excluded.announced, muted_until = excluded.muted_until, archived = excluded.archived,
         pinned = excluded.pinned, hidden = excluded.hidden, left_at = null, revision = revision + 1`,
      ...factsOf(member),
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

  /** What the archive has from elsewhere: no revision, nothing to drain. */
  #writeFacts(member: Membership): void {
    this.#sql.exec(
      `update members set name = ?2, is_deleted = ?3, shows_reading = ?4, shows_presence = ?5, blocks = ?6,
         facts_revision = ?7
       where user_id = ?1`,
      ...factsOf(member),
    );
  }
}

/** What a rebuilt conversation has besides its members. */
interface Besides {
  barred: string[];
  invites: Invite[];
  pins: PinRow[];
}

const nothingElse: Besides = { barred: [], invites: [], pins: [] };

/** What a stored event is found by. */
function keysOf({ frame, sender = "" }: Draft): { id: string | null; target: string | null; sender: string } {
  if ("sender_id" in frame) return { id: frame.id, target: null, sender: frame.sender_id };
  if (frame.type === "message_edit") return { id: null, target: frame.message_id, sender };
  if (frame.type === "message_delete") return { id: null, target: frame.message_id, sender: frame.deleted_by };
  if (frame.type === "reaction" || frame.type === "pin") return { id: null, target: frame.message_id, sender };
  return { id: null, target: "user_id" in frame ? frame.user_id : null, sender: frame.by };
}

function factsOf({ user_id, name, is_deleted, shows_reading, shows_presence, blocks, revision }: Membership) {
  const shown = [Number(is_deleted), Number(shows_reading), Number(shows_presence)];
  return [user_id, name, ...shown, JSON.stringify([...blocks]), revision];
}
