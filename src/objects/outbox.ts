/** Drains the log into Postgres: one round trip a batch, the cursor moves after it, a replay changes nothing. */
import { backoffMs } from "../core/backoff.ts";
import { archive, type Drain } from "../db/archive.ts";
import type { Database } from "../db/connect.ts";
import { describeError, log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Lag } from "../services/lag.ts";
import type { Log } from "./log.ts";
import type { Undrained } from "./log-archive.ts";
import { waitAtMost } from "./patience.ts";

export class Outbox {
  readonly #log: Log;
  readonly #db: Database;
  readonly #lag: Lag;
  readonly #fanned: () => number;
  readonly #retry: (ms: number) => void;
  #draining: Promise<void> | undefined;
  /** Somebody waits for what is written by now. */
  #isAsked = false;
  #attempts = 0;
  #hasReported = false;
  #telling: Promise<void> = Promise.resolve();

  /**
   * @param at.fanned the sequence every member's object has by now; stored with the cursor
   * @param at.retry asks for the next drain
   */
  constructor(
    log: Log,
    { db, lag }: { db: Database; lag: Lag },
    at: { fanned: () => number; retry: (ms: number) => void },
  ) {
    this.#log = log;
    this.#db = db;
    this.#lag = lag;
    this.#fanned = at.fanned;
    this.#retry = at.retry;
  }

  /** Everything written so far is in Postgres when it resolves, or a next try is set. Calls join the one under way. */
  drain(): Promise<void> {
    this.#isAsked = true;
    this.#draining ??= this.#run()
      .finally(() => {
        this.#draining = undefined;
      })
      .then(() => this.#tellLag());
    return this.#draining;
  }

  /** {@link drain}, but not for long: a structural change is answered all the same, and drained later. */
  async drainSoon(): Promise<void> {
    await waitAtMost(limits.drainWaitMs, this.drain());
  }

  async #run(): Promise<void> {
    try {
      let wanted = 0;
      for (let batch = this.#log.archive.undrained(); batch; batch = this.#log.archive.undrained()) {
        if (this.#isAsked) wanted = batch.room.head;
        this.#isAsked = false;
        await archive(this.#db, drainOf(batch, this.#log.archive.nextVersion()));
        this.#log.archive.drainedTo(batch, this.#fanned());
        // What was written since somebody asked has a deadline of its own: a trickle must not be a round trip each.
        if (!batch.isCut && !this.#isAsked && this.#log.archive.drained >= wanted) break;
      }
      if (this.#fanned() > this.#log.archive.fanned) this.#log.archive.fannedTo(this.#fanned());
      this.#attempts = 0;
    } catch (error) {
      // Whatever it was, the log keeps its rows and the drain is tried again; a bug among the causes shows in the log.
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { room } = this.#log;
    this.#attempts += 1;
    this.#retry(backoffMs(this.#attempts, Math.random()));
    if (!room) return;
    log(error instanceof Fault ? "warn" : "error", "drain_failed", {
      conversation_id: room.id,
      attempt: this.#attempts,
      behind: room.head - this.#log.archive.drained,
      ...describeError(error),
    });
  }

  /**
   * What `/ready` shows. Not a part of the drain: a Redis that hangs must not swallow the next try. One word at a time,
   * so that the last one heard is the newest.
   */
  #tellLag(): Promise<void> {
    this.#telling = this.#telling.then(async () => {
      const { room } = this.#log;
      if (!room || (this.#attempts === 0 && !this.#hasReported)) return;
      this.#hasReported = this.#attempts > 0;
      if (this.#hasReported) await this.#lag.report(room.id, this.#log.archive.undrainedSince() ?? Date.now());
      else await this.#lag.clear(room.id);
    });
    return this.#telling;
  }
}

function drainOf({ room, events, members, invites, upTo }: Undrained, version: number): Drain {
  const messages = events.flatMap(({ frame, body_hash }) => (body_hash === null ? [] : [{ frame, body_hash }]));
  return {
    conversation: {
      id: room.id,
      kind: room.kind,
      title: room.title,
      description: room.description,
      avatar_url: room.avatar_url,
      public: room.public,
      epoch: room.epoch,
      sequence: upTo,
      member_count: room.members.size,
      created_by: room.created_by,
      body_hash: room.body_hash,
      created_at: new Date(room.created_at),
      updated_at: new Date(room.updated_at),
      active_at: new Date(events.findLast((event) => event.body_hash !== null)?.created_at ?? room.created_at),
      deleted_at: dateOf(room.deleted_at),
      version,
    },
    members: members.map(({ membership, left_at, is_barred }) => ({
      conversation_id: room.id,
      user_id: membership.user_id,
      role: membership.role,
      joined_at: new Date(membership.joined_at),
      joined_sequence: membership.joined_sequence,
      read: membership.read,
      delivered: membership.delivered,
      muted_until: dateOf(membership.muted_until),
      archived: membership.archived,
      pinned: membership.pinned,
      hidden: membership.hidden,
      left_at: dateOf(left_at),
      is_barred,
      version,
    })),
    invites: invites.map(({ invite }) => ({
      ...invite,
      conversation_id: room.id,
      created_at: new Date(invite.created_at),
      expires_at: dateOf(invite.expires_at),
      ended_at: dateOf(invite.ended_at),
      version,
    })),
    messages,
    edits: newestEdits(events),
    deleted: events.flatMap(({ type, target }) => (type === "message_delete" && target !== null ? [target] : [])),
  };
}

function newestEdits(events: Undrained["events"]): string[] {
  const edits = events.filter(({ type }) => type === "message_edit");
  return [...new Map(edits.map(({ target, frame }) => [target, frame])).values()];
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
