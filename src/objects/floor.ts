/**
 * Where commands take their turn: each is limited, decided and written in the order of arrival; all of a turn in one
 * transaction; then the sockets are told, then who waits for an answer, then the members' objects.
 */

import { newId } from "../chance.ts";
import type { Turnover } from "../core/audience.ts";
import { mineOf } from "../core/record.ts";
import { decide } from "../core/room.ts";
import { decideSystem, type SystemCommand } from "../core/system.ts";
import { type Known, type Outcome, type Room, refuseStranger, type View } from "../core/view.ts";
import type { Database } from "../db/connect.ts";
import { type ArchivedMessage, messagesByIds } from "../db/messages.ts";
import { describeError, log as writeLog } from "../log.ts";
import { Fault, type Refusal, type Result, refusalOf, refuse } from "../protocol/errors.ts";
import { errorFrame, frameText } from "../protocol/frames.ts";
import type { Answer, Command, OwnChange, SequencedFrame } from "../protocol/rpc.ts";
import type { Fanout } from "./fanout.ts";
import type { Log } from "./log.ts";
import type { BucketKind, Meter } from "./meter.ts";
import type { Outgoing, Sockets } from "./sockets.ts";
import { Turn } from "./turn.ts";

/** A command and where its answer goes: to a direct socket, or to who called. */
export interface Entry {
  userId: string;
  /** A frame that never became a command waits its turn as what it was refused with. */
  command: Command | Refusal;
  ref?: string | undefined;
  /** `isHub`: the user's object asks, and tells the user's other sockets itself. */
  to: WebSocket | { isHub: boolean; settle: (result: Result<Answer>) => void };
  isMetered?: boolean;
  /** What was fetched for it from the archive: messages by id. */
  facts?: Map<string, ArchivedMessage | undefined>;
}

/** What the server itself has to say. */
export interface SystemEntry {
  system: SystemCommand;
  settle: () => void;
}

/** What a turn has to tell, gathered while it writes. */
interface Telling {
  now: number;
  outgoing: Outgoing[];
  written: SequencedFrame[];
  turnovers: Turnover[];
  /** Who was removed earlier in this turn: what follows is not for them. */
  gone: ReadonlySet<string>;
  passing: { text: string; hideFrom: string | undefined }[];
  inboxes: { userId: string; text: string }[];
  settle: (() => void)[];
  changed: boolean;
}

export interface FloorParts {
  ctx: DurableObjectState;
  log: Log;
  db: Database;
  meter: Meter;
  sockets: Sockets;
  fanout: Fanout;
  /** Something was written that the archive does not have. */
  changed(): void;
  /** A member left: their direct sockets end. */
  removed(userId: string): void;
}

export class Floor {
  readonly #parts: FloorParts;
  readonly #turn = new Turn<Entry | SystemEntry>((entries) => this.#take(entries));
  /** Users one of whose commands is out for a fact: what they send meanwhile waits behind it. */
  readonly #waiting = new Map<string, Entry[]>();

  constructor(parts: FloorParts) {
    this.#parts = parts;
  }

  submit(entry: Entry | SystemEntry): void {
    this.#turn.submit(entry);
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
    fanout.tell(telling.written, telling.turnovers);
    for (const { text, hideFrom } of telling.passing) fanout.pass(text, hideFrom);
    for (const { userId, text } of telling.inboxes) fanout.inbox(userId, text);
    if (telling.changed) this.#parts.changed();
  }

  #perform(entry: Entry, telling: Telling): void {
    const behind = this.#waiting.get(entry.userId);
    if (behind) {
      behind.push(entry);
      return;
    }
    const refusal = this.#meter(entry, telling.now);
    if (refusal) return this.#answer(entry, refusal, telling);
    if ("ok" in entry.command) return this.#answer(entry, entry.command, telling);
    const { room } = this.#parts.log;
    if (!room) return this.#answer(entry, refuseStranger(entry.command.type), telling);
    const missing = this.#missing(entry, entry.command);
    if (missing.length > 0) return this.#fetch(entry, missing, room);
    const outcome = decide(entry.command, entry.userId, this.#viewFor(entry.facts, room, telling.now));
    if (outcome.ok && outcome.repeat && this.#isPruned(outcome.repeat, entry)) {
      return this.#fetch(entry, [outcome.repeat.id], room);
    }
    if (outcome.ok) this.#apply(entry, outcome, telling);
    this.#answer(entry, outcome, telling);
  }

  #performSystem({ system, settle }: SystemEntry, telling: Telling): void {
    const { room } = this.#parts.log;
    if (room) this.#write(decideSystem(system, this.#viewFor(undefined, room, telling.now)), telling);
    telling.settle.push(settle);
  }

  #meter(entry: Entry, now: number): Refusal | undefined {
    if (entry.isMetered) return undefined;
    entry.isMetered = true;
    return this.#parts.meter.take(entry.userId, bucketOf(entry.command), now);
  }

  #write(outcome: Outcome, telling: Telling): void {
    const { log } = this.#parts;
    const written = log.apply(outcome.events, outcome.members, telling.now);
    telling.written.push(...written);
    const { gone } = telling;
    telling.outgoing.push(...written.map(({ text }) => (gone.size === 0 ? { text } : { text, except: isOf(gone) })));
    telling.changed ||= outcome.events.length > 0 || outcome.members.some((write) => !("know" in write));
    for (const { frame } of outcome.events) {
      if (frame.type === "message") continue;
      const { user_id, sequence } = frame;
      const joined = frame.type === "member_added";
      telling.turnovers.push({ user_id, sequence, joined });
      if (!joined) telling.gone = new Set([...telling.gone, user_id]);
    }
  }

  #apply({ userId, to }: Entry, outcome: Outcome, telling: Telling): void {
    this.#write(outcome, telling);
    if (!outcome.passing) return;
    const { gone } = telling;
    const text = frameText(outcome.passing.frame);
    const isWholeUser = outcome.passing.hideFrom === "user";
    const isHub = !(to instanceof WebSocket) && to.isHub;
    telling.outgoing.push({
      text,
      except: (socket, who) => socket === to || (isWholeUser && who.user_id === userId) || gone.has(who.user_id),
    });
    telling.passing.push({ text, hideFrom: isWholeUser || isHub ? userId : undefined });
    if (outcome.isOwnChange && !isHub) telling.inboxes.push({ userId, text: this.#inboxOf(userId) });
  }

  #answer(entry: Entry, outcome: Outcome | Refusal, telling: Telling): void {
    const { to } = entry;
    if (to instanceof WebSocket) {
      for (const text of this.#repliesOf(entry, outcome)) telling.outgoing.push({ text, only: to });
      return;
    }
    const result: Result<Answer> = outcome.ok ? this.#answerOf(entry, outcome, telling) : outcome;
    telling.settle.push(() => to.settle(result));
  }

  #repliesOf(entry: Entry, outcome: Outcome | Refusal): string[] {
    if (!outcome.ok) return [errorFrame(outcome, refOf(entry))];
    return outcome.repeat ? [this.#firstFrame(entry, outcome.repeat)] : outcome.replies;
  }

  #answerOf(entry: Entry, outcome: Outcome, telling: Telling): { ok: true; value: Answer } {
    const repeated = outcome.repeat && this.#firstFrame(entry, outcome.repeat);
    const count = outcome.events.length;
    const written = count > 0 ? telling.written.slice(-count) : [];
    const isComing = outcome.repeat && this.#parts.fanout.isOnItsWay(entry.userId, outcome.repeat.sequence);
    const made = isComing ? outcome.repeat?.sequence : written.at(-1)?.sequence;
    const answer: Answer = {
      replies: repeated ? [repeated] : outcome.replies,
      events: repeated ? [repeated] : written.map((event) => event.text),
      ...(made !== undefined && { made }),
      ...(outcome.mark && { mark: outcome.mark }),
      ...(outcome.upTo !== undefined && { upTo: outcome.upTo }),
    };
    const others = this.#othersOf(entry, outcome);
    return { ok: true, value: others ? { ...answer, others } : answer };
  }

  /** What the actor's other user sockets are to hear: their object asked, so it tells them itself. */
  #othersOf({ userId, to }: Entry, outcome: Outcome): OwnChange | undefined {
    if (to instanceof WebSocket || !to.isHub || outcome.passing?.hideFrom !== "socket") return undefined;
    const passing = [frameText(outcome.passing.frame)];
    return outcome.isOwnChange ? { passing, inbox: this.#inboxOf(userId) } : { passing };
  }

  #inboxOf(userId: string): string {
    const { log } = this.#parts;
    const member = log.room?.members.get(userId);
    if (!log.room || !member) throw new Error("Only a member's command changes where they stand");
    const unread = log.rows.unread(member);
    const { id: conversation_id, head: sequence } = log.room;
    return frameText({ type: "inbox", conversation_id, sequence, unread, me: mineOf(member, unread) });
  }

  /** A message's frame as first sent; below the floor, as history shows it. */
  #firstFrame({ facts }: Entry, { id }: Known): string {
    const frame = this.#parts.log.rows.known(id)?.frame;
    if (frame) return frame;
    const archived = facts?.get(id);
    if (!archived) throw new Error("A repeat below the floor was decided without its message");
    const { body_hash: _hash, ...message } = archived;
    return frameText({ type: "message", ...message });
  }

  #viewFor(facts: Entry["facts"], room: Room, now: number): View {
    const { log, sockets, fanout } = this.#parts;
    return {
      room,
      now,
      get freshId() {
        return newId(now);
      },
      known: (messageId) => log.rows.known(messageId) ?? facts?.get(messageId),
      messageAt: (sequence) => log.rows.messageAt(sequence),
      unread: (member) => log.rows.unread(member),
      replay: (from, to) => log.frames(from, to).map((event) => event.text),
      online() {
        return [...room.members.keys()].filter((userId) => sockets.has(userId) || fanout.isOnline(userId));
      },
    };
  }

  // -- Facts from the archive ---------------------------------------------------------------------------------------

  /** Ids the rule will ask for and the log cannot answer, because not all of the archive's ids are here yet. */
  #missing({ facts }: Entry, command: Command): string[] {
    const { log } = this.#parts;
    if (log.archive.isComplete) return [];
    const isOpen = (id: string | undefined): id is string => id !== undefined && !facts?.has(id) && !log.rows.known(id);
    if (command.type === "mark_read" || command.type === "ack") return [command.message_id].filter(isOpen);
    if (command.type !== "message") return [];
    return [command.id, command.reply_to].filter(isOpen);
  }

  /** A repeat's message lies below the floor: its text is in the archive only. */
  #isPruned({ id }: Known, { facts }: Entry): boolean {
    return !facts?.has(id) && this.#parts.log.rows.known(id)?.frame === null;
  }

  #fetch(entry: Entry, ids: string[], room: Room): void {
    this.#waiting.set(entry.userId, [entry]);
    const fetched = messagesByIds(this.#parts.db, room.id, room.epoch, ids);
    void fetched.then(
      (messages) => {
        const found = new Map(messages.map((message) => [message.id, message]));
        entry.facts = new Map([...(entry.facts ?? []), ...ids.map((id) => [id, found.get(id)] as const)]);
        this.#release(entry.userId);
      },
      (error: unknown) => {
        entry.ref = refOf(entry);
        entry.command = refusalOfFailure(error, room.id);
        this.#release(entry.userId);
      },
    );
  }

  #release(userId: string): void {
    const entries = this.#waiting.get(userId) ?? [];
    this.#waiting.delete(userId);
    for (const entry of entries) this.#turn.submit(entry);
  }
}

function refusalOfFailure(error: unknown, conversation_id: string): Refusal {
  if (error instanceof Fault) return refusalOf(error);
  writeLog("error", "fact_failed", { conversation_id, ...describeError(error) });
  return refuse("INTERNAL_ERROR", "The command failed");
}

function newTelling(now: number): Telling {
  return {
    now,
    outgoing: [],
    written: [],
    turnovers: [],
    gone: new Set(),
    passing: [],
    inboxes: [],
    settle: [],
    changed: false,
  };
}

function isOf(users: ReadonlySet<string>): NonNullable<Outgoing["except"]> {
  return (_socket, who) => users.has(who.user_id);
}

function bucketOf(command: Command | Refusal): BucketKind {
  return "type" in command && command.type === "message" ? "message" : "general";
}

function refOf({ command, ref }: Entry): string | undefined {
  return "type" in command ? command.ref : ref;
}
