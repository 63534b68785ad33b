/**
 * One conversation: owns its members, sequence, log, sockets and limits. The rules are in `core/room.ts`.
 *
 * From a command to its broadcast all is one synchronous turn: write, then tell. What follows (the members' objects, the
 * archive) is at-least-once and idempotent.
 */
import { DurableObject } from "cloudflare:workers";
import { may } from "../core/permission.ts";
import { rosterOf } from "../core/record.ts";
import type { Env } from "../env.ts";
import type { Presence, Seen } from "../protocol/attendance.ts";
import type { Answer, Caller, Command, Creation, JudgedAction, Person } from "../protocol/commands.ts";
import type { Conversation, Invite } from "../protocol/conversations.ts";
import { answering, closes, Fault, type Result } from "../protocol/errors.ts";
import type {
  Amendments,
  FilePage,
  FileQuery,
  Forgetting,
  HistoryPage,
  HistoryQuery,
  InviteQuery,
  Notable,
  NotableQuery,
  PinQuery,
  RosterEntry,
  RosterQuery,
} from "../protocol/lookups.ts";
import type { Pin, Reader, ShownMessage } from "../protocol/messages.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import type { Actor } from "../protocol/users.ts";
import { type Created, type CreationParts, create } from "./creation.ts";
import { refuseUpgrade } from "./door.ts";
import { end, expire } from "./ending.ts";
import { forgetSlice } from "./forgetting.ts";
import { notableFor } from "./notable.ts";
import { assemble, idOf, type Parts } from "./parts.ts";
import {
  amendmentsOf,
  filesOf,
  hasMessage,
  history,
  invitesOf,
  memberOf,
  messageById,
  pinsOf,
  readersAt,
} from "./reading.ts";
import { sparing, wholeRecord } from "./records.ts";
import { rebuild } from "./waking.ts";

/** Commands after which a list fetched next is to show what they did. */
const structural: ReadonlySet<Command["type"]> = new Set([
  ...(["add_members", "remove_member", "join", "leave", "set_role", "transfer", "invite", "end_invite"] as const),
  ...(["change", "change_mine", "delete", "restore"] as const),
]);

export class ConversationObject extends DurableObject<Env> implements ConversationRpc {
  readonly #parts: Parts;
  #rebuilding: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#parts = assemble(ctx, env);
    void ctx.blockConcurrencyWhile(() => this.#parts.upkeep.wake());
  }

  override alarm(): Promise<void> {
    return this.#parts.upkeep.fire();
  }

  /** An empty log is asked of Postgres before anything is served. @throws Fault UNAVAILABLE */
  async #open(): Promise<void> {
    if (this.#parts.log.room) return;
    this.#rebuilding ??= rebuild(this.#parts.log, this.#parts.db, this.#id).finally(() => {
      this.#rebuilding = undefined;
    });
    await this.#rebuilding;
    if (this.#parts.log.room) await this.#begun(undefined);
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
    return idOf(this.ctx);
  }

  async #begun(creator: string | undefined): Promise<void> {
    this.#parts.fanout.begin(creator);
    await this.#parts.upkeep.wake();
  }

  async create(creation: Creation): Promise<Result<Created>> {
    const parts: CreationParts = {
      ...this.#parts,
      id: this.#id,
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
    if (caller !== "rest") this.#parts.fanout.learn(actor.user_id, caller);
    const isHub = caller !== "rest";
    const answers = await Promise.all(
      commands.map((command) => this.#parts.sequencer.ask({ userId: actor.user_id, command, isHub })),
    );
    const isStructural = ({ type }: Command, at: number) => structural.has(type) && answers[at]?.ok;
    const [shown] = await Promise.all([
      Promise.all(answers.map((answer) => this.#shown(actor.user_id, answer))),
      commands.some(isStructural) ? this.#parts.outbox.drainSoon() : undefined,
    ]);
    return shown;
  }

  async may(userId: string, action: JudgedAction): Promise<Result<null>> {
    return await this.#asked(async () => {
      const refusal = may(userId, action, memberOf(this.#parts.log, userId).room);
      if (refusal) throw Fault.from(refusal);
      return null;
    });
  }

  async record(userId: string): Promise<Result<Conversation>> {
    return await this.#asked(() => this.#whole(userId));
  }

  async history(userId: string, query: HistoryQuery): Promise<Result<HistoryPage>> {
    return await this.#asked(() => history(this.#parts.log, this.#parts.db, userId, query));
  }

  async message(userId: string, messageId: string): Promise<Result<ShownMessage>> {
    return await this.#asked(() => messageById(this.#parts.log, this.#parts.db, userId, messageId));
  }

  async pins(userId: string, wanted: PinQuery): Promise<Result<(Pin & { sequence: number })[]>> {
    return await this.#asked(() => pinsOf(this.#parts.log, this.#parts.db, userId, wanted));
  }

  async readers(userId: string, messageId: string): Promise<Result<Reader[]>> {
    return await this.#asked(() => readersAt(this.#parts.log, this.#parts.db, userId, messageId));
  }

  async has(userId: string, messageId: string): Promise<boolean> {
    return hasMessage(this.#parts.log, userId, messageId);
  }

  async amendments(userId: string, messageIds: string[]): Promise<Result<Amendments>> {
    return await this.#asked(async () => amendmentsOf(this.#parts.log, userId, messageIds));
  }

  async files(userId: string, wanted: FileQuery): Promise<Result<FilePage>> {
    return await this.#asked(async () => {
      // What was sent a moment ago is in the archive then.
      if (this.#parts.log.archive.undrained()) await this.#parts.outbox.drainSoon();
      return await filesOf(this.#parts.log, this.#parts.db, userId, wanted);
    });
  }

  async roster(userId: string, wanted: RosterQuery): Promise<Result<RosterEntry[]>> {
    return await this.#asked(async () => rosterOf(memberOf(this.#parts.log, userId).room, userId, wanted));
  }

  async invites(userId: string, wanted: InviteQuery): Promise<Result<Invite[]>> {
    return await this.#asked(async () => invitesOf(this.#parts.log, userId, wanted));
  }

  async notable(userId: string, wanted: NotableQuery): Promise<Result<Notable | null>> {
    return await this.#asked(async () => notableFor(this.#parts.log, userId, wanted, Date.now()));
  }

  async expire(): Promise<Result<boolean>> {
    return await this.#asked(() => expire(this.#parts, this.#id));
  }

  async attend(userId: string, presence: Presence): Promise<void> {
    this.#parts.fanout.learn(userId, presence);
  }

  async endSession(userId: string, sessionId: string): Promise<void> {
    this.#parts.direct.endSession(userId, sessionId);
  }

  async seen(viewerId: string, seen: Seen[]): Promise<string[]> {
    return this.#parts.attendance.seen(viewerId, seen);
  }

  async know(person: Person): Promise<void> {
    // One that is being rebuilt may have read what was before the change.
    await this.#rebuilding?.catch(() => undefined);
    await this.#parts.sequencer.submitSystem({ type: "know", person });
  }

  async forget(wanted: Forgetting): Promise<Result<number | null>> {
    return await this.#asked(async () => {
      const next = await forgetSlice({ ...this.#parts, abandoned: () => end(this.#parts, this.#id) }, wanted);
      this.#parts.direct.end(wanted.user_id, closes.signIn);
      return next;
    });
  }

  // -- Sockets -----------------------------------------------------------------------------------------------------

  override async fetch(request: Request): Promise<Response> {
    const opened = await this.#asked(() => this.#parts.direct.open(request));
    return opened.ok ? opened.value : refuseUpgrade(opened);
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#parts.direct.receive(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#parts.direct.closed(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#parts.direct.closed(socket, closes.protocol.code);
  }

  // -- Helpers of the above ----------------------------------------------------------------------------------------

  async #unhide(userId: string): Promise<void> {
    const command = { type: "change_mine" as const, change: { hidden: false } };
    await this.#parts.sequencer.ask({ userId, command, isHub: false });
    await this.#parts.outbox.drainSoon();
  }

  #whole(userId: string): Promise<Conversation> {
    return wholeRecord(this.#parts.log, this.#parts.services, userId);
  }

  async #shown(userId: string, answer: Result<Answer>): Promise<Result<Answer>> {
    if (!answer.ok || !answer.value.record) return answer;
    const record = await sparing(this.#parts.log, this.#parts.services, userId, answer.value.record);
    return { ok: true, value: { ...answer.value, record } };
  }
}
