/**
 * Where commands take their turn: each is limited, decided and written in the order of arrival; all of a turn in one
 * transaction; then the sockets are told, then who waits for an answer, then the members' objects.
 */
import { newId } from "../chance.ts";
import type { Turnover } from "../core/audience.ts";
import { decide } from "../core/room.ts";
import { decideSystem, type SystemCommand } from "../core/system.ts";
import { type Outcome, type Room, refuseStranger, type View } from "../core/view.ts";
import { describeError, log as writeLog } from "../log.ts";
import type { Answer, Command } from "../protocol/commands.ts";
import type { SequencedFrame } from "../protocol/deliveries.ts";
import type { Refusal, Result } from "../protocol/errors.ts";
import { answerOf, inboxOf, repliesOf } from "./answers.ts";
import { type Entry, knownOf, refOf, type SystemEntry, socketOf } from "./entry.ts";
import type { Fanout } from "./fanout.ts";
import { type LookupParts, Lookups } from "./lookups.ts";
import { bucketOf, type Meter } from "./meter.ts";
import { type Acting, type Passed, passOn } from "./passing.ts";
import type { Peers } from "./peers.ts";
import type { Receipts } from "./receipts.ts";
import type { Outgoing, Sockets } from "./sockets.ts";
import { Turn } from "./turn.ts";
import type { Typing } from "./typing.ts";

/** What a turn has to tell, gathered while it writes. */
interface Telling {
  now: number;
  outgoing: Outgoing[];
  written: SequencedFrame[];
  turnovers: Turnover[];
  /** Who made events by their user socket. */
  speaking: Set<string>;
  /** Who was removed earlier in this turn: what follows is not for them. */
  gone: ReadonlySet<string>;
  passing: Passed[];
  inboxes: { userId: string; text: string }[];
  settle: (() => void)[];
  changed: boolean;
  /** The conversation was deleted in this turn. */
  isDeleted: boolean;
}

export interface SequencerParts extends LookupParts {
  ctx: DurableObjectState;
  meter: Meter;
  sockets: Sockets;
  peers: Peers;
  fanout: Fanout;
  typing: Typing;
  receipts: Receipts;
  /** Something was written that the archive does not have. */
  changed(): void;
  /** A frame of a direct socket was refused for its rate. */
  refused(socket: WebSocket): void;
  /** A member left: their direct sockets end. */
  removed(userId: string): void;
  /** The conversation was deleted: all direct sockets end. */
  deleted(): void;
}

export class Sequencer {
  readonly #parts: SequencerParts;
  readonly #turn = new Turn<Entry | SystemEntry>((entries) => this.#take(entries));
  readonly #lookups: Lookups;

  constructor(parts: SequencerParts) {
    this.#parts = parts;
    this.#lookups = new Lookups(parts, (entries) => this.#turn.resume(entries));
  }

  submit(entry: Entry): void {
    this.#turn.submit(entry);
  }

  /** Its answer goes to who called. */
  ask({ userId, command, isHub }: { userId: string; command: Command; isHub: boolean }): Promise<Result<Answer>> {
    return new Promise((settle) => this.submit({ userId, command, to: { isHub, settle } }));
  }

  /** What the server itself has to say takes its turn like all else; no limit is for it. */
  submitSystem(system: SystemCommand): Promise<Outcome | undefined> {
    return new Promise((settle) => this.#turn.submit({ system, settle }));
  }

  #take(entries: (Entry | SystemEntry)[]): void {
    const { ctx, log, sockets, fanout } = this.#parts;
    const telling = newTelling(Date.now());
    try {
      ctx.storage.transactionSync(() => {
        for (const entry of entries) {
          if ("system" in entry) this.#performSystem(entry, telling);
          else this.#perform(entry, telling);
        }
      });
    } catch (error) {
      // The room in memory may be ahead of what was written: only a fresh start from the log is safe.
      writeLog("error", "turn_failed", { conversation_id: log.room?.id, ...describeError(error) });
      ctx.abort("A turn failed");
      throw error;
    }
    sockets.send(telling.outgoing);
    for (const settle of telling.settle) settle();
    for (const { user_id, joined } of telling.turnovers) if (!joined) this.#parts.removed(user_id);
    if (telling.isDeleted) this.#parts.deleted();
    fanout.tell(telling.written, telling.turnovers, telling.speaking);
    fanout.pass(telling.passing);
    const passing = telling.passing.map(({ text }) => text);
    this.#parts.peers.backlog.told(telling.written, passing);
    for (const { userId, text } of telling.inboxes) fanout.inbox(userId, text);
    if (telling.changed) this.#parts.changed();
  }

  #performSystem({ system, settle }: SystemEntry, telling: Telling): void {
    const { room } = this.#parts.log;
    const outcome = room && decideSystem(system, this.#viewFor(undefined, room, telling.now));
    if (outcome) this.#write(outcome, telling);
    if (outcome && "user_id" in system) this.#pass(outcome, { userId: system.user_id, isHub: false }, telling);
    telling.settle.push(() => settle(outcome));
  }

  #perform(entry: Entry, telling: Telling): void {
    this.#meter(entry, telling.now);
    if (this.#lookups.holds(entry)) return;
    if ("ok" in entry.command) return this.#answer(entry, entry.command, telling);
    const { room } = this.#parts.log;
    if (!room) return this.#answer(entry, refuseStranger(entry.command.type), telling);
    if (this.#lookups.begin(entry, this.#lookups.missing(entry, entry.command), room)) return;
    const outcome = decide(entry.command, entry.userId, this.#viewFor(entry, room, telling.now));
    if (outcome.ok && this.#lookups.fetch(entry, outcome)) return;
    if (outcome.ok && this.#lookups.begin(entry, this.#lookups.pruned(entry, outcome), room)) return;
    if (outcome.ok) this.#apply(entry, outcome, telling);
    else this.#lookups.release(entry);
    this.#answer(entry, outcome, telling);
  }

  /** When it comes, also where it has to wait: one too many waits as what it is refused with. */
  #meter(entry: Entry, now: number): void {
    if (entry.isMetered) return;
    entry.isMetered = true;
    const { command } = entry;
    const limited = this.#parts.meter.take(entry.userId, "type" in command ? bucketOf(command.type) : "general", now);
    if (!limited) return;
    entry.ref = refOf(entry);
    entry.command = limited;
  }

  #write(outcome: Outcome, telling: Telling): void {
    const written = this.#parts.log.apply(outcome, telling.now);
    telling.written.push(...written);
    const { gone } = telling;
    telling.outgoing.push(...written.map(({ text }) => (gone.size === 0 ? { text } : { text, except: isOf(gone) })));
    telling.changed ||= isForArchive(outcome);
    if (outcome.room?.deleted_at !== undefined) telling.isDeleted = outcome.room.deleted_at !== null;
    for (const { frame } of outcome.events) {
      if (frame.type !== "member_added" && frame.type !== "member_removed") continue;
      const { user_id, sequence } = frame;
      const joined = frame.type === "member_added";
      telling.turnovers.push({ user_id, sequence, joined });
      if (!joined) telling.gone = new Set([...telling.gone, user_id]);
    }
  }

  #apply(entry: Entry, outcome: Outcome, telling: Telling): void {
    const { userId, to } = entry;
    this.#write(outcome, telling);
    const isHub = !(to instanceof WebSocket) && to.isHub;
    if (isHub && outcome.events.length > 0) telling.speaking.add(userId);
    const acting = { userId, isHub, socket: socketOf(entry) };
    this.#pass(outcome, acting, telling);
    if (outcome.acked !== undefined && acting.socket) this.#acked(acting.socket, entry.command, outcome.acked);
    if (outcome.receipt) this.#parts.receipts.owe(outcome.receipt, acting);
    else if (outcome.isOwnChange && !isHub) telling.inboxes.push({ userId, text: inboxOf(this.#parts.log, userId) });
  }

  #acked(socket: WebSocket, command: Entry["command"], sequence: number): void {
    const isAck = "type" in command && command.type === "ack";
    this.#parts.peers.backlog.acked(socket, { sequence, isAck });
  }

  /** What has no sequence: to sockets that follow, but not to the one that acted. */
  #pass({ passing, typing }: Outcome, acting: Acting, telling: Telling): void {
    if (typing === true) this.#parts.typing.begin(acting.userId, acting.socket);
    if (typing === false) this.#parts.typing.end(acting.userId);
    if (!passing) return;
    const { outgoing, passed } = passOn(passing, acting, telling.gone);
    telling.outgoing.push(outgoing);
    telling.passing.push(passed);
  }

  #answer(entry: Entry, outcome: Outcome | Refusal, telling: Telling): void {
    const { to } = entry;
    const { log, fanout } = this.#parts;
    if (to instanceof WebSocket) {
      for (const text of repliesOf(log, entry, outcome)) telling.outgoing.push({ text, only: to });
      if (!outcome.ok && outcome.code === "RATE_LIMIT_EXCEEDED") telling.settle.push(() => this.#parts.refused(to));
      return;
    }
    if (!outcome.ok) return void telling.settle.push(() => to.settle(outcome));
    const count = outcome.events.length;
    const written = count > 0 ? telling.written.slice(-count) : [];
    const value = answerOf({ log, fanout, isHub: to.isHub }, entry, { ...outcome, written });
    telling.settle.push(() => to.settle({ ok: true, value }));
  }

  /** @param entry what asks; undefined: the server itself */
  #viewFor(entry: Entry | undefined, room: Room, now: number): View {
    const { log, sockets, fanout, typing } = this.#parts;
    const found = entry?.found;
    const socket = entry && socketOf(entry);
    return {
      room,
      now,
      get freshId() {
        if (!entry) return newId(now);
        entry.freshId ??= newId(now);
        return entry.freshId;
      },
      known: (messageId) =>
        log.rows.known(messageId) ?? knownOf(found?.get(messageId), log.rows.deletionOf(messageId) !== undefined),
      source: entry?.source,
      media: entry?.media,
      reactions: log.archive.isComplete ? log.reactions : undefined,
      pins: log.pins,
      deletionOf: (messageId) => log.rows.deletionOf(messageId),
      messageAt: (sequence) => log.rows.messageAt(sequence),
      said: (userId, range, most) => log.rows.said(userId, range, most),
      unread: (member) => log.rows.unread(member),
      replay: (from, to) => log.frames.between(from, to).map((event) => event.text),
      isOnline: (userId) => sockets.isActive(userId) || fanout.isOnline(userId),
      isTyping: (userId, isHere) => (isHere ? typing.isOn(userId, socket) : typing.has(userId)),
      isBarred: (userId) => log.rows.isBarred(userId),
      invite: (by) => log.invites.find(by),
      usableInvites: () => log.invites.countUsable(now),
    };
  }
}

function newTelling(now: number): Telling {
  return {
    now,
    outgoing: [],
    written: [],
    turnovers: [],
    speaking: new Set(),
    gone: new Set(),
    passing: [],
    inboxes: [],
    settle: [],
    changed: false,
    isDeleted: false,
  };
}

/** What is only known of accounts the archive has from elsewhere. */
function isForArchive({ events, members, invite }: Outcome): boolean {
  return events.length > 0 || invite !== undefined || members.some((write) => !("know" in write));
}

function isOf(users: ReadonlySet<string>): NonNullable<Outgoing["except"]> {
  return (_socket, who) => users.has(who.user_id);
}
