/**
 * Whether a user is there, and who is told of it: other users' objects that watch, for as long as they say so again.
 *
 * Somebody is there while an active socket of theirs is open. Who comes is told at once; who goes, when they have stayed
 * away for a moment. Before each telling Postgres is asked who may hear it. Nobody is called for whom nobody watches.
 */
import { backoffMs } from "../core/backoff.ts";
import { unseen } from "../core/presence.ts";
import type { Database } from "../db/connect.ts";
import { viewersOf } from "../db/presence.ts";
import { describeError, log } from "../log.ts";
import type { Seen } from "../protocol/attendance.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { UserRpc } from "../protocol/rpc.ts";
import type { Inbox } from "./inbox.ts";
import type { Watcher } from "./inbox-presence.ts";
import { eachOf, inTime } from "./patience.ts";
import type { Sockets } from "./sockets.ts";

export interface WatchedParts {
  sockets: Sockets;
  inbox: Inbox;
  db: Database;
  users: DurableObjectNamespace<UserRpc>;
  settleWithin(ms: number): void;
  settleByAlarm(ms: number): void;
}

export class Watched {
  readonly #parts: WatchedParts;
  #isHere: boolean;
  /** ms, when a socket last gave a sign. */
  #signAt = 0;
  #number = 0;
  #reviewedAt = 0;
  #attempts = 0;
  #settling: Promise<void> | undefined;
  #isStale = false;

  constructor(parts: WatchedParts) {
    this.#parts = parts;
    // A word that lapsed in our sleep counts until it is looked at, when it is noted since when they are gone.
    this.#isHere = this.#hasActive(0);
  }

  /** A socket was opened or closed, or somebody looks at it, or away. */
  changed(): void {
    const now = Date.now();
    this.#look(now);
    this.#signAt = now;
    this.schedule();
  }

  /** Who sees this user may have changed. */
  review(): void {
    this.#reviewedAt = Date.now();
    this.#parts.inbox.presence.review();
    this.schedule();
  }

  /** While somebody is here for long: what is known of it if all is killed now. */
  beat(): void {
    const now = Date.now();
    const { presence } = this.#parts.inbox;
    if (this.#isHere && now - (presence.state.last_seen ?? 0) > limits.seenEveryMs) presence.note(now);
  }

  /** Somebody watches from now on. They have just been found to be allowed to: unless that has just changed. */
  watch(userId: string, watcherId: string): Seen {
    const now = Date.now();
    const { presence } = this.#parts.inbox;
    presence.own(userId);
    const seen = this.#seen(now);
    if (!presence.isWatched(now)) presence.announce(seen.online);
    presence.watchedBy(watcherId, now);
    if (now - this.#reviewedAt < limits.profileChangedMs) presence.review();
    this.schedule();
    return seen;
  }

  /** Sees to it that what is untold is told: now, soon, or when a word of a conversation lapses. */
  schedule(): void {
    const { inbox, settleWithin, settleByAlarm } = this.#parts;
    const now = Date.now();
    if (!inbox.presence.isWatched(now)) return;
    const { announced, reviews, last_seen } = inbox.presence.state;
    if (reviews > 0) settleWithin(limits.jobSoonMs);
    if (this.#isHere !== (announced === 1)) {
      settleWithin(this.#isHere ? 0 : Math.max(0, (last_seen ?? 0) + limits.flapMs - now));
    } else if (inbox.presence.watchers(now).some((watcher) => watcher.is_owed)) {
      settleWithin(backoffMs(this.#attempts, Math.random()));
    }
    const until = inbox.activeUntil();
    if (until !== undefined && this.#isHere) settleByAlarm(Math.max(limits.jobSoonMs, until + 1 - now));
  }

  /** Tells who watches what they have not heard. One run at a time: what changes meanwhile is told behind it. */
  async settle(): Promise<void> {
    this.#isStale = true;
    this.#settling ??= this.#run().finally(() => {
      this.#settling = undefined;
    });
    await this.#settling;
  }

  async #run(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      await this.#tell();
    }
    this.schedule();
  }

  async #tell(): Promise<void> {
    const now = Date.now();
    const { presence } = this.#parts.inbox;
    const seen = this.#seen(now);
    const { announced, reviews } = presence.state;
    const isNews = seen.online !== (announced === 1);
    const due = presence.watchers(now).filter((one) => reviews > 0 || one.is_owed || (isNews && !one.is_hidden));
    const allowed = new Set(await this.#allowed(due));
    const isSame = ({ user_id, is_hidden }: Watcher) => is_hidden === !allowed.has(user_id);
    const untold = due.filter((one) => one.is_owed || !isSame(one) || (isNews && !one.is_hidden));
    await eachOf(untold, limits.presenceCallsAtOnce, ({ user_id }) => this.#call(user_id, seen, allowed.has(user_id)));
    presence.announce(seen.online);
    presence.reviewed(reviews);
    this.#attempts = presence.watchers(now).some((watcher) => watcher.is_owed) ? this.#attempts + 1 : 0;
  }

  async #allowed(watchers: Watcher[]): Promise<string[]> {
    if (watchers.length === 0) return [];
    const ids = watchers.map(({ user_id }) => user_id);
    return await viewersOf(this.#parts.db, this.#parts.inbox.presence.userId, ids);
  }

  /** Who may see this user no more is told once that they have gone; and how it is, when they may again. */
  async #call(watcherId: string, seen: Seen & { number: number }, isAllowed: boolean): Promise<void> {
    const { users, inbox } = this.#parts;
    const { user_id, number } = seen;
    try {
      const watcher = users.get(users.idFromName(watcherId));
      const told = watcher.seen(watcherId, isAllowed ? seen : { ...unseen(user_id), number });
      if (await inTime(limits.tellMs, told)) inbox.presence.told(watcherId, !isAllowed);
      else inbox.presence.unwatched(watcherId);
    } catch (error) {
      inbox.presence.owe(watcherId);
      log("warn", "presence_untold", { user_id, ...describeError(error) });
    }
  }

  #seen(now: number): Seen & { number: number } {
    this.#look(now);
    this.#number = Math.max(this.#number + 1, now);
    const { last_seen, user_id } = this.#parts.inbox.presence.state;
    const online = this.#isHere || (last_seen !== null && now - last_seen < limits.flapMs);
    const at = last_seen === null || online ? {} : { last_seen: isoTime(last_seen) };
    return { user_id: user_id ?? "", online, ...at, number: this.#number };
  }

  /** Comes and goes are noted when they happen; a conversation that died without a word was there when last heard. */
  #look(now: number): void {
    const { inbox } = this.#parts;
    const lapsedAt = inbox.lapse(now);
    const isHere = this.#hasActive(now);
    if (isHere === this.#isHere) return;
    this.#isHere = isHere;
    inbox.presence.note(isHere || lapsedAt === undefined ? now : Math.max(lapsedAt, this.#signAt));
  }

  #hasActive(now: number): boolean {
    const { sockets, inbox } = this.#parts;
    if ([...sockets.entries()].some(([, who]) => who.is_active)) return true;
    const until = inbox.activeUntil();
    return until !== undefined && until >= now;
  }
}
