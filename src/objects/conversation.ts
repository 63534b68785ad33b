/**
 * One conversation: owns its members, sequence, log, sockets and limits. The rules are in `core/room.ts`.
 *
 * From a command to its broadcast all is one synchronous turn: write, then tell. What follows (the members' objects, the
 * archive) is at-least-once and idempotent.
 */
import { DurableObject } from "cloudflare:workers";
import { connect, type Services } from "../connect.ts";
import { may } from "../core/permission.ts";
import { rosterOf } from "../core/record.ts";
import type { Env } from "../env.ts";
import type { Conversation, Invite } from "../protocol/conversations.ts";
import { answering, closes, Fault, type Result } from "../protocol/errors.ts";
import { frameText } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import type { Message } from "../protocol/messages.ts";
import type {
  Answer,
  Caller,
  Command,
  ConversationRpc,
  Creation,
  Forgetting,
  HistoryPage,
  HistoryQuery,
  InviteQuery,
  JudgedAction,
  Person,
  Presence,
  RosterEntry,
  RosterQuery,
} from "../protocol/rpc.ts";
import type { Actor } from "../protocol/users.ts";
import { type Created, type CreationParts, create } from "./creation.ts";
import { DirectSockets } from "./direct.ts";
import { refuseUpgrade } from "./door.ts";
import { type EndingParts, end, expire } from "./ending.ts";
import { Fanout } from "./fanout.ts";
import { forgetSlice } from "./forgetting.ts";
import { Log } from "./log.ts";
import { Meter } from "./meter.ts";
import { Outbox } from "./outbox.ts";
import { history, invitesOf, memberOf, messageById } from "./reading.ts";
import { arrivalRecord, sparing, wholeRecord } from "./records.ts";
import { Sequencer } from "./sequencer.ts";
import { Sockets } from "./sockets.ts";
import { Typing } from "./typing.ts";
import { Upkeep } from "./upkeep.ts";
import { rebuild } from "./waking.ts";

/** Commands after which a list fetched next is to show what they did. */
const structural: ReadonlySet<Command["type"]> = new Set([
  ...(["add_members", "remove_member", "join", "leave", "set_role", "transfer", "invite", "end_invite"] as const),
  ...(["change", "change_mine", "delete", "restore"] as const),
]);

export class ConversationObject extends DurableObject<Env> implements ConversationRpc {
  readonly #services: Services;
  readonly #log: Log;
  readonly #upkeep: Upkeep;
  readonly #fanout: Fanout;
  readonly #outbox: Outbox;
  readonly #sequencer: Sequencer;
  readonly #direct: DirectSockets;
  #rebuilding: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const services = connect(env);
    const log = new Log(ctx.storage);
    const sockets = new Sockets(ctx);
    const upkeep = new Upkeep(ctx.storage, {
      log,
      db: services.db,
      sockets,
      drain: () => this.#outbox.drain(),
      fan: () => this.#fanout.resume(),
      beat: () => this.#direct.beat(),
    });
    const fanout = new Fanout(log, {
      users: env.USERS,
      hasDirectSocket: (userId) => sockets.has(userId),
      arrival: (userId, at) => this.#arrival(userId, at),
      caughtUp: () => upkeep.within("drain", limits.fannedSoonMs),
      retry: (ms) => upkeep.within("fan", ms),
    });
    this.#services = services;
    this.#log = log;
    this.#upkeep = upkeep;
    this.#fanout = fanout;
    this.#outbox = new Outbox(log, services, {
      fanned: () => fanout.cursor,
      retry: (ms) => upkeep.within("drain", ms),
    });
    const wokenAt = log.room ? Date.now() : undefined;
    const meter = new Meter(services.config, wokenAt, (since) => (log.room ? log.rows.doneSince(since) : []));
    const typing = new Typing(services.config.WS_TYPING_TIMEOUT * 1_000, (user_id) => {
      void this.#sequencer.submitSystem({ type: "typing_over", user_id });
    });
    this.#sequencer = new Sequencer({
      ctx,
      log,
      typing,
      db: services.db,
      meter,
      sockets,
      fanout,
      changed: () => upkeep.within("drain", limits.drainSoonMs),
      removed: (userId) => this.#direct.end(userId, closes.removed),
      deleted: () => this.#direct.endAll(closes.deleted),
    });
    this.#direct = new DirectSockets({
      log,
      sockets,
      sequencer: this.#sequencer,
      fanout,
      typing,
      services,
      users: env.USERS,
      beatWithin: (ms) => upkeep.beatWithin(ms),
      waitUntil: (promise) => ctx.waitUntil(promise),
    });
    void ctx.blockConcurrencyWhile(() => upkeep.wake());
  }

  override alarm(): Promise<void> {
    return this.#upkeep.fire();
  }

  /** An empty log is asked of Postgres before anything is served. @throws Fault UNAVAILABLE */
  async #open(): Promise<void> {
    if (this.#log.room) return;
    this.#rebuilding ??= rebuild(this.#log, this.#services.db, this.#id).finally(() => {
      this.#rebuilding = undefined;
    });
    await this.#rebuilding;
    if (this.#log.room) await this.#begun(undefined);
  }

  /** Answers from an open log. */
  #asked<T>(answer: () => Promise<T>): Promise<Result<T>> {
    return answering(async () => {
      await this.#open();
      return await answer();
    });
  }

  /** The conversation's id is the object's name. */
  get #id(): string {
    if (!this.ctx.id.name) throw new Error("A conversation's object is addressed by name");
    return this.ctx.id.name;
  }

  async #begun(creator: string | undefined): Promise<void> {
    this.#fanout.begin(creator);
    await this.#upkeep.wake();
  }

  async create(creation: Creation): Promise<Result<Created>> {
    const parts: CreationParts = {
      id: this.#id,
      log: this.#log,
      outbox: this.#outbox,
      open: () => this.#open(),
      begun: (creator) => this.#begun(creator),
      unhide: (userId) => this.#unhide(userId),
      whole: (userId) => this.#whole(userId),
    };
    return await answering(() => create(parts, creation));
  }

  async execute(actor: Actor, commands: Command[], caller: Caller): Promise<Result<Answer>[]> {
    const opened = await answering(() => this.#open());
    if (!opened.ok) return commands.map(() => opened);
    if (caller !== "rest") this.#fanout.learn(actor.user_id, caller);
    const isHub = caller !== "rest";
    const answers = await Promise.all(
      commands.map((command) => this.#sequencer.ask({ userId: actor.user_id, command, isHub })),
    );
    const isStructural = ({ type }: Command, at: number) => structural.has(type) && answers[at]?.ok;
    const [shown] = await Promise.all([
      Promise.all(answers.map((answer) => this.#shown(actor.user_id, answer))),
      commands.some(isStructural) ? this.#outbox.drainSoon() : undefined,
    ]);
    return shown;
  }

  async may(userId: string, action: JudgedAction): Promise<Result<null>> {
    return await this.#asked(async () => {
      const refusal = may(userId, action, memberOf(this.#log, userId).room);
      if (refusal) throw Fault.from(refusal);
      return null;
    });
  }

  async record(userId: string): Promise<Result<Conversation>> {
    return await this.#asked(() => this.#whole(userId));
  }

  async history(userId: string, query: HistoryQuery): Promise<Result<HistoryPage>> {
    return await this.#asked(() => history(this.#log, this.#services.db, userId, query));
  }

  async message(userId: string, messageId: string): Promise<Result<Message>> {
    return await this.#asked(() => messageById(this.#log, this.#services.db, userId, messageId));
  }

  async roster(userId: string, wanted: RosterQuery): Promise<Result<RosterEntry[]>> {
    return await this.#asked(async () => rosterOf(memberOf(this.#log, userId).room, userId, wanted));
  }

  async invites(userId: string, wanted: InviteQuery): Promise<Result<Invite[]>> {
    return await this.#asked(async () => invitesOf(this.#log, userId, wanted));
  }

  async expire(): Promise<Result<boolean>> {
    return await this.#asked(() => expire(this.#endingParts));
  }

  async attend(userId: string, presence: Presence): Promise<void> {
    this.#fanout.learn(userId, presence);
  }

  async endSession(userId: string, sessionId: string): Promise<void> {
    this.#direct.endSession(userId, sessionId);
  }

  async know(person: Person): Promise<void> {
    // One that is being rebuilt may have read what was before the change.
    await this.#rebuilding?.catch(() => undefined);
    await this.#sequencer.submitSystem({ type: "know", person });
  }

  async forget(wanted: Forgetting): Promise<Result<number | null>> {
    return await this.#asked(async () => {
      const { db } = this.#services;
      const next = await forgetSlice(
        {
          log: this.#log,
          db,
          sequencer: this.#sequencer,
          outbox: this.#outbox,
          abandoned: () => end(this.#endingParts),
        },
        wanted,
      );
      this.#direct.end(wanted.user_id, closes.signIn);
      return next;
    });
  }

  get #endingParts(): EndingParts {
    return {
      id: this.#id,
      db: this.#services.db,
      log: this.#log,
      outbox: this.#outbox,
      fanout: this.#fanout,
      direct: this.#direct,
      upkeep: this.#upkeep,
      storage: this.ctx.storage,
    };
  }

  // -- Sockets -----------------------------------------------------------------------------------------------------

  override async fetch(request: Request): Promise<Response> {
    const opened = await this.#asked(() => this.#direct.open(request));
    return opened.ok ? opened.value : refuseUpgrade(opened);
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#direct.receive(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#direct.closed(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#direct.closed(socket, closes.protocol.code);
  }

  // -- Helpers of the above ----------------------------------------------------------------------------------------

  async #unhide(userId: string): Promise<void> {
    const command = { type: "change_mine" as const, change: { hidden: false } };
    await this.#sequencer.ask({ userId, command, isHub: false });
    await this.#outbox.drainSoon();
  }

  #whole(userId: string): Promise<Conversation> {
    return wholeRecord(this.#log, this.#services, userId);
  }

  async #shown(userId: string, answer: Result<Answer>): Promise<Result<Answer>> {
    if (!answer.ok || !answer.value.record) return answer;
    const record = await sparing(this.#log, this.#services, userId, answer.value.record);
    return { ok: true, value: { ...answer.value, record } };
  }

  /** The `inbox` that tells a member of a conversation new to them, if they still are one. */
  async #arrival(userId: string, at: number): Promise<string | undefined> {
    const conversation = await arrivalRecord(this.#log, this.#services, userId, at);
    if (!conversation) return undefined;
    const { id: conversation_id, sequence, me } = conversation;
    return frameText({ type: "inbox", conversation_id, sequence, unread: me.unread, me, conversation });
  }
}
