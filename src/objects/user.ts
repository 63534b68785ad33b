/**
 * One user: owns their sockets on `/api/v1/ws`, whether they are there, and knows where their direct sockets are. Events
 * come by `deliver` only, the user's own included, so the order of a conversation is the order of the calls. It keeps no
 * log: a frame lost between the two objects is a gap the client sees and repairs.
 */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { describeError, log } from "../log.ts";
import type { Heard, Look, Presence, Seen } from "../protocol/attendance.ts";
import type { Delivery, Heads, Position } from "../protocol/deliveries.ts";
import { answering, closes, Fault, type Result } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { UserRpc } from "../protocol/rpc.ts";
import { endAccount } from "./account.ts";
import { acceptUpgrade, identityOf, refuseUpgrade } from "./door.ts";
import { waitAtMost } from "./patience.ts";
import { assembleUser, type UserParts } from "./user-parts.ts";

export class UserObject extends DurableObject<Env> implements UserRpc {
  readonly #parts: UserParts;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#parts = assembleUser(ctx, env, {
      beat: () => this.#beat(),
      moved: () => this.#moved(),
      renewed: () => this.#scheduleBeat(),
      revoke: (userId, sessionIds) => this.#revoke(userId, sessionIds),
      erase: () => this.#erase(),
    });
    void ctx.blockConcurrencyWhile(() => this.#wake());
  }

  async #wake(): Promise<void> {
    const { sockets, alarms, jobs, watched, watching, pushes } = this.#parts;
    const firesInMs = await alarms.wake();
    // The beat was what the alarm was set for, at the latest: put off at each waking it would never come.
    if (sockets.size > 0) alarms.byAlarm("beat", firesInMs);
    jobs.schedule();
    watched.schedule();
    watching.schedule();
    pushes.schedule();
  }

  /** The user's id is the object's name. */
  get #id(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error("A user's object is addressed by name");
    return name;
  }

  override async fetch(request: Request): Promise<Response> {
    const opened = await answering(() => this.#open(request));
    return opened.ok ? opened.value : refuseUpgrade(opened);
  }

  /** @throws Fault AUTH_FAILED for a session that has ended */
  async #open(request: Request): Promise<Response> {
    const { sockets, peers, hub, openings } = this.#parts;
    const who = identityOf(request);
    if (this.#hasEnded(who.session_id)) throw new Fault("AUTH_FAILED", "The session has ended");
    const { socket, response } = acceptUpgrade(sockets, who, request);
    peers.opened(socket);
    this.#moved();
    if (sockets.size > limits.socketsPerUser) {
      hub.close(socket, closes.tooMany);
      return response;
    }
    if (sockets.size === 1) await openings.announce(who.user_id);
    this.#scheduleBeat();
    return response;
  }

  // -- Calls from conversations --------------------------------------------------------------------------------------

  async deliver(delivery: Delivery): Promise<Heard> {
    const { hub, watching, pushes, openings } = this.#parts;
    hub.deliver(delivery);
    watching.moved(delivery.frames);
    pushes.hear(delivery);
    return { ...openings.presence, isNotified: pushes.isNotified(delivery.conversation_id) };
  }

  async attached(
    conversationId: string,
    sessionId: string,
    isActive: boolean,
  ): Promise<{ ended: boolean; presence: Presence }> {
    const { inbox, watched, openings } = this.#parts;
    const ended = this.#hasEnded(sessionId);
    if (!ended) {
      inbox.attach(conversationId, sessionId, { now: Date.now(), isActive });
      watched.changed();
    }
    return { ended, presence: openings.presence };
  }

  async detached(sessionId: string, at: Position): Promise<void> {
    const { inbox, watched, sockets, hub } = this.#parts;
    inbox.detach(at.conversation_id, sessionId);
    watched.changed();
    // With sockets open here the events come by `deliver`, and none of those on their way may be dropped.
    if (sockets.size === 0) hub.heads.note(at);
  }

  async look(userId: string, conversationId: string, question: Look): Promise<Result<Seen[]>> {
    return await this.#parts.watching.askFrom(userId, conversationId, question);
  }

  // -- Calls from users' objects -------------------------------------------------------------------------------------

  async watch(userId: string, watcherId: string): Promise<Seen> {
    return this.#parts.watched.watch(userId, watcherId);
  }

  async seen(userId: string, seen: Seen): Promise<boolean> {
    return await this.#parts.watching.hear(userId, seen);
  }

  // -- Calls from REST -----------------------------------------------------------------------------------------------

  async revoke(sessionIds: string[]): Promise<void> {
    this.#revoke(this.#id, sessionIds);
  }

  #revoke(userId: string, sessionIds: string[]): void {
    if (sessionIds.length === 0) return;
    const { inbox, jobs, hub } = this.#parts;
    const now = Date.now();
    inbox.end(sessionIds, now);
    for (const name of ["refusals", "endings"] as const) inbox.jobs.begin(name, { userId, erase: false, now });
    jobs.schedule();
    for (const sessionId of sessionIds) hub.endSession(sessionId);
  }

  async heads(): Promise<Heads> {
    const { hub, inbox } = this.#parts;
    return { heard: hub.heads.heard(), attached: inbox.attached(Date.now()), marked: hub.heads.marked() };
  }

  async marked(conversationId: string): Promise<void> {
    this.#parts.hub.heads.mark(conversationId);
    this.#parts.pushes.look(conversationId);
  }

  async pushable(): Promise<void> {
    this.#parts.inbox.pushes.begin(this.#id);
  }

  async factsChanged(): Promise<void> {
    const { inbox, jobs, watched, watching } = this.#parts;
    if (inbox.jobs.find("forget")) return;
    inbox.jobs.begin("facts", { userId: this.#id, erase: false, now: Date.now() });
    jobs.schedule();
    watched.review();
    watching.renewSoon(0);
    // What is said next is said under the new name, where the conversations are not too many or too slow.
    await waitAtMost(limits.factsWaitMs, jobs.first("facts"));
  }

  async forget(erase: boolean): Promise<{ begun: boolean; ended: string[] }> {
    const { inbox, jobs, sockets, account } = this.#parts;
    const begun = inbox.jobs.find("forget") === undefined;
    inbox.jobs.end("facts");
    inbox.jobs.begin("forget", { userId: this.#id, erase, now: Date.now() });
    jobs.schedule();
    const here = [...sockets.entries()].map(([, who]) => who.session_id);
    this.#revoke(this.#id, [...new Set([...here, ...inbox.sessions()])]);
    try {
      await endAccount(account, this.#id);
    } catch (error) {
      // The job does it as soon as it can.
      log("warn", "account_end_failed", { user_id: this.#id, ...describeError(error) });
    }
    return { begun, ended: inbox.ended() };
  }

  /** Where the account ends, so has every session of it. */
  #hasEnded(sessionId: string): boolean {
    const { inbox } = this.#parts;
    return inbox.hasEnded(sessionId) || inbox.jobs.find("forget") !== undefined;
  }

  async #erase(): Promise<void> {
    this.#parts.alarms.end();
    this.#parts.inbox.erased();
    // Asked for in one breath with the above: nothing can be remembered in between.
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()]);
  }

  // -- Sockets -------------------------------------------------------------------------------------------------------

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#parts.peers.heard(socket);
    this.#parts.hub.receive(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#parts.hub.ended(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#parts.hub.ended(socket, closes.protocol.code);
  }

  override alarm(): Promise<void> {
    return this.#parts.alarms.fire();
  }

  #moved(): void {
    this.#parts.openings.moved();
    this.#parts.watched.changed();
  }

  #beat(): void {
    this.#parts.peers.look();
    this.#parts.watched.beat();
    this.#scheduleBeat();
  }

  #scheduleBeat(): void {
    const { sockets, peers, alarms } = this.#parts;
    if (sockets.size > 0) alarms.byAlarm("beat", peers.nextOverMs());
  }
}
