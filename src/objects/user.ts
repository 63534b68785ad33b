/**
 * One user: owns their sockets on `/api/v1/ws`, and knows where their direct sockets are. Events come by `deliver` only,
 * the user's own included, so the order of a conversation is the order of the calls. It keeps no log: a frame lost
 * between the two objects is a gap the client sees and repairs.
 */
import { DurableObject } from "cloudflare:workers";
import { connect, type Services } from "../connect.ts";
import type { Env } from "../env.ts";
import { describeError, log } from "../log.ts";
import { answering, closes, Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Delivery, Heads, Position, Presence, UserRpc } from "../protocol/rpc.ts";
import { type AccountParts, accountWorks, endAccount } from "./account.ts";
import { Alarms } from "./alarms.ts";
import { acceptUpgrade, identityOf, refuseUpgrade } from "./door.ts";
import { endingWorks } from "./endings.ts";
import { Hub } from "./hub.ts";
import { Inbox } from "./inbox.ts";
import { Jobs } from "./jobs.ts";
import { inTime, waitAtMost } from "./patience.ts";
import { Sockets } from "./sockets.ts";

export class UserObject extends DurableObject<Env> implements UserRpc {
  readonly #services: Services;
  readonly #inbox: Inbox;
  readonly #sockets: Sockets;
  readonly #alarms: Alarms<"beat" | "jobs">;
  readonly #account: AccountParts;
  readonly #jobs: Jobs;
  readonly #hub: Hub;
  /** Rises at each opening and closing, over sleep too: it starts from the clock. */
  #number = Date.now();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#services = connect(env);
    this.#inbox = new Inbox(ctx.storage.sql);
    this.#sockets = new Sockets(ctx);
    this.#alarms = new Alarms(ctx.storage, { beat: () => this.#beat(), jobs: () => this.#jobs.run() });
    this.#account = {
      services: this.#services,
      revoke: (userId, sessionIds) => this.#revoke(userId, sessionIds),
      erase: () => this.#erase(),
    };
    this.#jobs = new Jobs({
      inbox: this.#inbox.jobs,
      conversations: env.CONVERSATIONS,
      works: { ...accountWorks(this.#account), ...endingWorks(this.#inbox, this.#services.cache) },
      runWithin: (ms) => this.#alarms.within("jobs", ms),
    });
    this.#hub = new Hub({
      sockets: this.#sockets,
      services: this.#services,
      conversations: env.CONVERSATIONS,
      presence: () => this.#presence,
      closed: () => this.#closed(),
      renewed: () => this.#scheduleBeat(),
      waitUntil: (promise) => ctx.waitUntil(promise),
    });
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarms.wake();
      this.#scheduleBeat();
      this.#jobs.schedule();
    });
  }

  /** The user's id is the object's name. */
  get #id(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error("A user's object is addressed by name");
    return name;
  }

  get #presence(): Presence {
    return { hasSockets: this.#sockets.size > 0, number: this.#number };
  }

  override async fetch(request: Request): Promise<Response> {
    const opened = await answering(() => this.#open(request));
    return opened.ok ? opened.value : refuseUpgrade(opened);
  }

  /** @throws Fault AUTH_FAILED for a session that has ended */
  async #open(request: Request): Promise<Response> {
    const who = identityOf(request);
    if (this.#hasEnded(who.session_id)) throw new Fault("AUTH_FAILED", "The session has ended");
    const { socket, response } = acceptUpgrade(this.#sockets, who, request);
    this.#number += 1;
    if (this.#sockets.size > limits.socketsPerUser) {
      this.#hub.close(socket, closes.tooMany);
      return response;
    }
    if (this.#sockets.size === 1) await this.#announce(who.user_id);
    this.#scheduleBeat();
    return response;
  }

  /** Conversations with a direct socket of this user may have stopped calling here: before the first socket is open, they start again. */
  async #announce(userId: string): Promise<void> {
    const presence = this.#presence;
    await Promise.all(
      this.#inbox.attached(Date.now()).map((id) => this.#tell(id, (stub) => stub.attend(userId, presence))),
    );
  }

  async #tell(
    conversationId: string,
    call: (stub: ReturnType<Env["CONVERSATIONS"]["get"]>) => Promise<void>,
  ): Promise<void> {
    const { CONVERSATIONS } = this.env;
    try {
      await inTime(limits.tellMs, call(CONVERSATIONS.get(CONVERSATIONS.idFromName(conversationId))));
    } catch (error) {
      // Its lease ends by itself, and its next telling asks here again.
      log("warn", "tell_failed", { conversation_id: conversationId, ...describeError(error) });
    }
  }

  // -- Calls from conversations --------------------------------------------------------------------------------------

  async deliver(delivery: Delivery): Promise<Presence> {
    this.#hub.deliver(delivery);
    return this.#presence;
  }

  async attached(conversationId: string, sessionId: string): Promise<{ ended: boolean; presence: Presence }> {
    const ended = this.#hasEnded(sessionId);
    if (!ended) this.#inbox.attach(conversationId, sessionId, Date.now());
    return { ended, presence: this.#presence };
  }

  async detached(sessionId: string, at: Position): Promise<void> {
    this.#inbox.detach(at.conversation_id, sessionId);
    // With sockets open here the events come by `deliver`, and none of those on their way may be dropped.
    if (this.#sockets.size === 0) this.#hub.heads.note(at);
  }

  // -- Calls from REST -----------------------------------------------------------------------------------------------

  async revoke(sessionIds: string[]): Promise<void> {
    this.#revoke(this.#id, sessionIds);
  }

  #revoke(userId: string, sessionIds: string[]): void {
    if (sessionIds.length === 0) return;
    const now = Date.now();
    this.#inbox.end(sessionIds, now);
    for (const name of ["refusals", "endings"] as const) this.#inbox.jobs.begin(name, { userId, erase: false, now });
    this.#jobs.schedule();
    for (const sessionId of sessionIds) this.#hub.endSession(sessionId);
  }

  async heads(): Promise<Heads> {
    return {
      heard: this.#hub.heads.heard(),
      attached: this.#inbox.attached(Date.now()),
      marked: this.#hub.heads.marked(),
    };
  }

  async marked(conversationId: string): Promise<void> {
    this.#hub.heads.mark(conversationId);
  }

  async factsChanged(): Promise<void> {
    const { jobs } = this.#inbox;
    if (jobs.find("forget")) return;
    jobs.begin("facts", { userId: this.#id, erase: false, now: Date.now() });
    this.#jobs.schedule();
    // What is said next is said under the new name, where the conversations are not too many or too slow.
    await waitAtMost(limits.factsWaitMs, this.#jobs.first("facts"));
  }

  async forget(erase: boolean): Promise<{ begun: boolean; ended: string[] }> {
    const { jobs } = this.#inbox;
    const begun = jobs.find("forget") === undefined;
    jobs.end("facts");
    jobs.begin("forget", { userId: this.#id, erase, now: Date.now() });
    this.#jobs.schedule();
    const here = [...this.#sockets.entries()].map(([, who]) => who.session_id);
    this.#revoke(this.#id, [...new Set([...here, ...this.#inbox.sessions()])]);
    try {
      await endAccount(this.#account, this.#id);
    } catch (error) {
      // The job does it as soon as it can.
      log("warn", "account_end_failed", { user_id: this.#id, ...describeError(error) });
    }
    return { begun, ended: this.#inbox.ended() };
  }

  /** Where the account ends, so has every session of it. */
  #hasEnded(sessionId: string): boolean {
    return this.#inbox.hasEnded(sessionId) || this.#inbox.jobs.find("forget") !== undefined;
  }

  async #erase(): Promise<void> {
    this.#alarms.end();
    this.#inbox.erased();
    // Asked for in one breath with the above: nothing can be remembered in between.
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()]);
  }

  // -- Sockets -------------------------------------------------------------------------------------------------------

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#hub.receive(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#hub.ended(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#hub.ended(socket, closes.protocol.code);
  }

  override alarm(): Promise<void> {
    return this.#alarms.fire();
  }

  #closed(): void {
    this.#number += 1;
  }

  #beat(): void {
    const now = Date.now();
    for (const [socket, who] of [...this.#sockets.entries()]) {
      if (who.expires_at <= now) this.#hub.close(socket, closes.signIn);
    }
    this.#scheduleBeat();
  }

  #scheduleBeat(): void {
    const soonest = Math.min(...[...this.#sockets.entries()].map(([, who]) => who.expires_at));
    if (Number.isFinite(soonest)) this.#alarms.byAlarm("beat", Math.max(1_000, soonest - Date.now()));
  }
}
