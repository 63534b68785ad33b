/**
 * Carries events to the members' objects: in sequence order, one call at a time for a member, what arrives meanwhile
 * rides in the next. After the acknowledgement, never in its way, nor in that of whoever speaks next: they wait their
 * turn (`queue.ts`). At-least-once: the `fanned` cursor says up to where all have everything; who is behind after a crash
 * is worked back from the log.
 */
import { audience, hears, type Span, type Turnover } from "../core/audience.ts";
import { backoffMs } from "../core/backoff.ts";
import { describeError, log } from "../log.ts";
import type { Presence } from "../protocol/attendance.ts";
import type { SequencedFrame } from "../protocol/deliveries.ts";
import { limits } from "../protocol/limits.ts";
import type { UserRpc } from "../protocol/rpc.ts";
import type { Log } from "./log.ts";
import type { Passed } from "./passing.ts";
import { Queue } from "./queue.ts";

/** What the object knows of one member's object. */
interface Reach {
  /** The newest event their object has, or need not be told. */
  cursor: number;
  spans: Span[];
  isCalling: boolean;
  attempts: number;
  passing: string[];
  inbox: string | undefined;
  presence: (Presence & { until: number }) | undefined;
  /** Devices of theirs show something of this conversation, or are about to. */
  isNotified: boolean;
}

export interface FanoutPorts {
  users: DurableObjectNamespace<UserRpc>;
  /** Somebody looks at a direct socket of theirs here, which has all events. */
  isActiveHere(userId: string): boolean;
  /**
   * The `inbox` frame of a conversation new to a member as of the event that brought them in, 0: the creation;
   * undefined for one who has left meanwhile.
   */
  arrival(userId: string, at: number): Promise<string | undefined>;
  /** Somebody who was behind has caught up: the cursor may have risen. */
  caughtUp(): void;
  retry(ms: number): void;
}

export class Fanout {
  readonly #log: Log;
  readonly #ports: FanoutPorts;
  readonly #reaches = new Map<string, Reach>();
  readonly #queue = new Queue((userId) => this.#carry(userId));

  constructor(log: Log, ports: FanoutPorts) {
    this.#log = log;
    this.#ports = ports;
    this.#reckon();
  }

  /** Who still has to hear what, from the log alone: on waking, and when the conversation begins. */
  #reckon(): void {
    const { room } = this.#log;
    const { fanned } = this.#log.archive;
    if (!room) return;
    const spans = audience(room.members.keys(), this.#log.rows.turnovers(fanned));
    for (const [userId, heard] of spans) {
      this.#reaches.set(userId, newReach(Math.max(fanned, (heard[0]?.from ?? 0) - 1), heard));
    }
  }

  /** The least sequence every member's object has. */
  get cursor(): number {
    let least = this.#log.room?.head ?? 0;
    for (const reach of this.#reaches.values()) least = Math.min(least, reach.cursor);
    return least;
  }

  /** A conversation has begun: its other members hear of it. */
  begin(creator: string | undefined): void {
    this.#reckon();
    const reach = creator === undefined ? undefined : this.#reaches.get(creator);
    if (reach) reach.cursor = Math.max(reach.cursor, 0);
    this.resume();
  }

  /**
   * Events were written and told to the direct sockets: now the members' objects.
   * @param speaking whose event is the answer their user socket waits for
   */
  tell(written: readonly SequencedFrame[], turnovers: readonly Turnover[], speaking: ReadonlySet<string>): void {
    for (const turnover of turnovers) this.#turnOver(turnover);
    const last = written.at(-1);
    if (last === undefined) return;
    // Who has parted may be seen by the others no more: all their objects look.
    const isParting = turnovers.some(({ joined }) => !joined);
    for (const [userId, reach] of this.#reaches) {
      if (!isParting && !reach.isCalling && this.#isSpared(userId, reach, written[0]?.sequence ?? last.sequence))
        reach.cursor = last.sequence;
      else this.#enqueue(userId, reach, speaking.has(userId));
    }
    this.#queue.begin();
  }

  /** Frames without a sequence, to those who may have a user socket. */
  pass(frames: readonly Passed[]): void {
    if (frames.length === 0) return;
    for (const [userId, reach] of this.#reaches) {
      if (!this.#isTold(userId, reach)) continue;
      for (const { text, isFor } of frames) if (isFor(userId)) reach.passing.push(text);
      this.#enqueue(userId, reach);
    }
    this.#queue.begin();
  }

  /** Where a member stands was changed elsewhere: the newest word counts. */
  inbox(userId: string, text: string): void {
    const reach = this.#reaches.get(userId);
    if (!reach || !(this.#isTold(userId, reach) || this.#isNotified(userId, reach))) return;
    reach.inbox = text;
    this.#enqueue(userId, reach);
    this.#queue.begin();
  }

  /** What a member's object says of its sockets; the higher number wins. */
  learn(userId: string, presence: Presence): void {
    const reach = this.#reaches.get(userId);
    if (!reach || (reach.presence && reach.presence.number > presence.number)) return;
    reach.presence = { ...presence, until: Date.now() + limits.leaseMs };
  }

  isOnline(userId: string): boolean {
    const presence = this.#reaches.get(userId)?.presence;
    return presence?.isActive === true && presence.until > Date.now();
  }

  /** Whether an event is still on its way to a member's object. */
  isOnItsWay(userId: string, sequence: number): boolean {
    const reach = this.#reaches.get(userId);
    return reach !== undefined && reach.cursor < sequence;
  }

  /** The conversation is gone: nobody is owed anything. */
  end(): void {
    this.#reaches.clear();
    this.#queue.clear();
  }

  /** Calls all who are behind. */
  resume(): void {
    for (const [userId, reach] of this.#reaches) this.#enqueue(userId, reach);
    this.#queue.begin();
  }

  #turnOver({ user_id, joined, sequence }: Turnover): void {
    const reach = this.#reaches.get(user_id);
    if (joined && reach) reach.spans.push({ from: sequence, to: Number.POSITIVE_INFINITY });
    if (joined && !reach)
      this.#reaches.set(user_id, newReach(sequence - 1, [{ from: sequence, to: Number.POSITIVE_INFINITY }]));
    const last = reach?.spans.at(-1);
    if (!joined && last) last.to = sequence;
  }

  /** A direct socket took the events, and there is no user socket that could miss them, nor a device that shows them. */
  #isSpared(userId: string, reach: Reach, first: number): boolean {
    if (reach.cursor < first - 1 || mayHaveSockets(reach) || reach.isNotified) return false;
    return this.#ports.isActiveHere(userId);
  }

  /** Whether what has no sequence is for them: one who has left may still be owed events, but nothing more. */
  #isTold(userId: string, reach: Reach): boolean {
    return mayHaveSockets(reach) && (this.#log.room?.members.has(userId) ?? false);
  }

  /** What they read here takes it from their devices. */
  #isNotified(userId: string, reach: Reach): boolean {
    return reach.isNotified && (this.#log.room?.members.has(userId) ?? false);
  }

  /** Who had a user socket when last heard of comes before the others. */
  #enqueue(userId: string, reach: Reach, isSpeaking = false): void {
    if (reach.isCalling || !this.#isBehind(reach)) return;
    const isListening = reach.presence?.hasSockets ?? false;
    this.#queue.add(userId, isSpeaking ? "speaking" : isListening ? "listening" : "others");
  }

  async #carry(userId: string): Promise<void> {
    const reach = this.#reaches.get(userId);
    if (!reach) return;
    reach.isCalling = true;
    try {
      // Again at once, unless others wait: then they have their turn first.
      do await this.#deliver(userId, reach);
      while (this.#isBehind(reach) && this.#queue.isEmpty);
      reach.attempts = 0;
      if (reach.cursor > this.#log.archive.fanned) this.#ports.caughtUp();
    } catch (error) {
      reach.attempts += 1;
      reach.passing = []; // they are of the moment; watermarks are in the next `subscribed`
      log("warn", "deliver_failed", {
        conversation_id: this.#log.room?.id,
        attempt: reach.attempts,
        ...describeError(error),
      });
      this.#ports.retry(backoffMs(reach.attempts, Math.random()));
    } finally {
      // At once: what is written before another microtask must find nobody calling.
      reach.isCalling = false;
      if (this.#isDone(reach)) this.#reaches.delete(userId);
      else if (reach.attempts === 0) this.#enqueue(userId, reach);
    }
  }

  #isBehind(reach: Reach): boolean {
    const { room } = this.#log;
    if (!room) return false;
    return reach.passing.length > 0 || reach.inbox !== undefined || reach.cursor < room.head || reach.cursor < 0;
  }

  /** Someone who has left and heard of it. */
  #isDone(reach: Reach): boolean {
    return reach.spans.every((span) => span.to <= reach.cursor);
  }

  async #deliver(userId: string, reach: Reach): Promise<void> {
    const { room } = this.#log;
    if (!room) return;
    const { frames, upTo } = await this.#framesFor(userId, reach);
    const passing = reach.passing.splice(0);
    const { inbox } = reach;
    reach.inbox = undefined;
    if (frames.length > 0 || passing.length > 0 || inbox !== undefined) {
      const stub = this.#ports.users.get(this.#ports.users.idFromName(userId));
      const heard = await stub.deliver({
        conversation_id: room.id,
        epoch: room.epoch,
        isTaken: this.#ports.isActiveHere(userId),
        frames,
        passing,
        inbox,
      });
      reach.isNotified = heard.isNotified;
      this.learn(userId, heard);
    }
    reach.cursor = Math.max(reach.cursor, upTo);
  }

  async #framesFor(userId: string, reach: Reach): Promise<{ frames: SequencedFrame[]; upTo: number }> {
    const head = this.#log.room?.head ?? 0;
    if (reach.cursor < 0) {
      const text = await this.#ports.arrival(userId, 0);
      return { frames: text === undefined ? [] : [{ sequence: 0, text }], upTo: 0 };
    }
    const events = this.#log.frames.between(reach.cursor, head, limits.deliverFrames, limits.deliverBytes);
    const heard = events.filter((event) => hears(reach.spans, event.sequence));
    const frames: SequencedFrame[] = [];
    for (const event of heard) {
      const isArrival = reach.spans.some((span) => span.from === event.sequence);
      const after = isArrival ? await this.#ports.arrival(userId, event.sequence) : undefined;
      frames.push(after === undefined ? event : { ...event, after });
    }
    return { frames, upTo: events.at(-1)?.sequence ?? head };
  }
}

function newReach(cursor: number, spans: Span[]): Reach {
  return {
    cursor,
    spans,
    isCalling: false,
    attempts: 0,
    passing: [],
    inbox: undefined,
    presence: undefined,
    isNotified: false,
  };
}

/** Not known, or no longer sure, counts as yes. */
function mayHaveSockets({ presence }: Reach): boolean {
  return presence === undefined || presence.hasSockets || presence.until <= Date.now();
}
