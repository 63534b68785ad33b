/**
 * Whom a user watches: by sockets here, and by direct ones, for which their conversations ask. Who may be seen is asked of
 * Postgres; nobody else's object is touched, so not even the time of an answer tells of them.
 */
import { unseen } from "../core/presence.ts";
import type { Database } from "../db/connect.ts";
import { visibleTo } from "../db/presence.ts";
import { describeError, log } from "../log.ts";
import type { Look, Seen } from "../protocol/attendance.ts";
import type { SequencedFrame } from "../protocol/deliveries.ts";
import { answering, type Result } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { ConversationRpc, UserRpc } from "../protocol/rpc.ts";
import type { Asked, InboxPresence } from "./inbox-presence.ts";
import { eachOf, inTime } from "./patience.ts";
import type { Sockets } from "./sockets.ts";
import { type PresenceFrame, Watches } from "./watches.ts";

export interface WatchingParts {
  sockets: Sockets;
  inbox: InboxPresence;
  db: Database;
  users: DurableObjectNamespace<UserRpc>;
  conversations: DurableObjectNamespace<ConversationRpc>;
  renewWithin(ms: number): void;
}

export class Watching {
  readonly #parts: WatchingParts;
  readonly #watches: Watches;
  /** Looked up, and not to be seen: a telling that was on its way does not count. */
  readonly #hidden = new Set<string>();

  constructor(parts: WatchingParts) {
    this.#parts = parts;
    this.#watches = new Watches(parts.sockets);
  }

  /** A user socket asks. @returns what says the answer */
  ask(socket: WebSocket, viewerId: string, frame: PresenceFrame): Promise<() => void> {
    return this.#watches.ask({ socket, viewerId }, frame, (ids) => this.#answer(viewerId, ids));
  }

  /** A direct socket asks. */
  async askFrom(userId: string, conversationId: string, { asked, watched }: Look): Promise<Result<Seen[]>> {
    this.#parts.inbox.asked(conversationId, watched);
    return await this.#answer(userId, asked);
  }

  /** Somebody has come or gone. @returns whether they are watched still */
  async hear(userId: string, seen: Seen): Promise<boolean> {
    if (this.#hidden.has(seen.user_id)) return this.#doubt(seen);
    const places = this.#parts.inbox.places().filter((place) => place.user_id === seen.user_id);
    const isWatchedHere = this.#watches.hear(userId, seen);
    const passed = await Promise.all(places.map((place) => this.#pass(place.conversation_id, [seen])));
    return isWatchedHere || passed.some((ids) => ids.length > 0);
  }

  /** Somebody who was not to be seen is told of: it was on its way, or they may be seen again. Postgres knows. */
  #doubt({ online }: Seen): boolean {
    if (online) this.renewSoon(limits.jobSoonMs);
    return true;
  }

  /** People have met or parted, maybe: who may be seen is looked up, as soon as Postgres can know. */
  moved(frames: readonly SequencedFrame[]): void {
    if (frames.some(({ text }) => companyChanges.test(text))) this.renewSoon(limits.partedMs);
  }

  /** Those who are watched are looked up anew, even if all is killed now. */
  renewSoon(ms: number): void {
    const { inbox } = this.#parts;
    if (inbox.state.renew_at === null) return;
    inbox.renewAt(Date.now() + ms);
    this.schedule();
  }

  schedule(): void {
    const { renew_at } = this.#parts.inbox.state;
    if (renew_at !== null) this.#parts.renewWithin(Math.max(limits.jobSoonMs, renew_at - Date.now()));
  }

  /** Says again to those who are watched that they are, and sees what has changed unheard. */
  async renew(): Promise<void> {
    const { inbox } = this.#parts;
    const { renew_at, user_id } = inbox.state;
    if (user_id === null || renew_at === null || renew_at > Date.now()) return this.schedule();
    const places = inbox.places();
    const ids = [...new Set([...this.#watches.of(user_id), ...places.map((place) => place.user_id)])];
    const retryAt = Date.now() + limits.rewatchRetryMs;
    inbox.renewAt(ids.length > 0 ? retryAt : null);
    const isDone = await this.#renewAll(user_id, ids.slice(0, limits.watched), places);
    // Unless somebody asked for it sooner meanwhile.
    if (isDone && inbox.state.renew_at === retryAt) inbox.renewAt(Date.now() + limits.rewatchMs);
    this.schedule();
  }

  /** @returns whether all could be asked, and told here */
  async #renewAll(userId: string, ids: string[], places: Asked[]): Promise<boolean> {
    try {
      const { seen, isWhole } = await this.#look(ids);
      for (const one of seen) this.#watches.hear(userId, one);
      const byPlace = Map.groupBy(places, (place) => place.conversation_id);
      await Promise.all(
        [...byPlace].map(([conversationId, asked]) => {
          const there = new Set(asked.map((one) => one.user_id));
          const theirs = seen.filter((one) => there.has(one.user_id));
          return this.#pass(conversationId, theirs);
        }),
      );
      return isWhole;
    } catch (error) {
      log("warn", "renewal_failed", { user_id: userId, ...describeError(error) });
      return false;
    }
  }

  async #answer(userId: string, ids: string[]): Promise<Result<Seen[]>> {
    if (ids.length === 0) return { ok: true, value: [] };
    this.#parts.inbox.own(userId);
    return await answering(async () => {
      const { seen, isWhole } = await this.#look(ids);
      this.#renewBy(Date.now() + (isWhole ? limits.rewatchMs : limits.rewatchRetryMs));
      return seen;
    });
  }

  /** @throws Fault UNAVAILABLE where Postgres is away */
  async #look(ids: string[]): Promise<{ seen: Seen[]; isWhole: boolean }> {
    const visible = new Set(await visibleTo(this.#parts.db, this.#parts.inbox.userId, ids));
    this.#hide(ids.filter((id) => !visible.has(id)));
    const found = new Map<string, Seen>();
    await eachOf([...visible], limits.presenceCallsAtOnce, async (id) => {
      this.#hidden.delete(id);
      const one = await this.#watch(id);
      if (one) found.set(id, one);
    });
    return { seen: ids.map((id) => found.get(id) ?? unseen(id)), isWhole: found.size === visible.size };
  }

  #hide(ids: string[]): void {
    if (this.#hidden.size > limits.watched) this.#hidden.clear();
    for (const id of ids) this.#hidden.add(id);
  }

  /** One that cannot be asked is as offline until it can. */
  async #watch(id: string): Promise<Seen | undefined> {
    const { users, inbox } = this.#parts;
    try {
      return await inTime(limits.lookMs, users.get(users.idFromName(id)).watch(id, inbox.userId));
    } catch (error) {
      log("warn", "watch_failed", { user_id: id, ...describeError(error) });
      return undefined;
    }
  }

  #renewBy(at: number): void {
    const { inbox } = this.#parts;
    const known = inbox.state.renew_at;
    if (known === null || known > at) inbox.renewAt(at);
    this.schedule();
  }

  /** @returns whom direct sockets there watch still. @throws where the conversation is away */
  async #pass(conversationId: string, seen: Seen[]): Promise<string[]> {
    const { conversations, inbox } = this.#parts;
    const conversation = conversations.get(conversations.idFromName(conversationId));
    return await inTime(limits.tellMs, conversation.seen(inbox.userId, seen));
  }
}

/** Frames begin with their type. */
const companyChanges = /^\{"type":"(member_added|member_removed|conversation_deleted|inbox)"/;
