/** What a conversation's object and its members' objects say to each other of direct sockets: who is there, who watches whom. */
import { refuseUnseen } from "../core/view.ts";
import { describeError, log as writeLog } from "../log.ts";
import type { Presence, Seen } from "../protocol/attendance.ts";
import { Fault, type Result, refuse } from "../protocol/errors.ts";
import type { ClientFrame } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import type { UserRpc } from "../protocol/rpc.ts";
import type { Log } from "./log.ts";
import type { Meter } from "./meter.ts";
import { inTime } from "./patience.ts";
import { Replies } from "./replies.ts";
import type { Sequencer } from "./sequencer.ts";
import type { Identity, Sockets } from "./sockets.ts";
import { Stubs } from "./stubs.ts";
import { type PresenceFrame, Watches } from "./watches.ts";

export type OwnFrame = PresenceFrame | Extract<ClientFrame, { type: "client_state" }>;

export interface AttendanceParts {
  log: Log;
  sockets: Sockets;
  sequencer: Sequencer;
  meter: Meter;
  users: DurableObjectNamespace<UserRpc>;
  waitUntil(promise: Promise<unknown>): void;
}

export class Attendance {
  readonly #parts: AttendanceParts;
  readonly #watches: Watches;
  /** Answers to `presence`, each socket's in order. */
  readonly #replies = new Replies();
  /** Of sockets that are about to open. */
  readonly #arriving = new Set<Identity>();
  readonly #users: Stubs<UserRpc>;

  constructor(parts: AttendanceParts) {
    this.#parts = parts;
    this.#users = new Stubs(parts.users);
    this.#watches = new Watches(parts.sockets);
  }

  /**
   * A socket is about to open: until it has `arrived`, another one of the session that closes is not its last.
   * @throws Fault UNAVAILABLE
   */
  async arrive(conversationId: string, who: Identity): Promise<{ ended: boolean; presence: Presence }> {
    this.#arriving.add(who);
    return await this.attach(conversationId, who, true);
  }

  /** It is open, or came to nothing. */
  arrived(who: Identity): void {
    this.#arriving.delete(who);
    this.#parts.waitUntil(this.left(who));
  }

  /** A session has sockets here, or is about to. @throws Fault UNAVAILABLE */
  async attach(
    conversationId: string,
    who: Identity,
    isActive: boolean,
  ): Promise<{ ended: boolean; presence: Presence }> {
    const { user_id, session_id } = who;
    try {
      const told = this.#users.of(user_id).attached(conversationId, session_id, isActive);
      return await inTime(limits.tellMs, told);
    } catch (error) {
      this.#failed("attach_failed", user_id, error);
      throw new Fault("UNAVAILABLE", "Try again in a moment", { retry_after_ms: limits.unavailableRetryMs });
    }
  }

  /** A socket of the session is gone, if it is; its user's object need not call here any more when it was the last. */
  async left({ user_id, session_id, is_active }: Identity): Promise<void> {
    const { room } = this.#parts.log;
    if (!room) return;
    const { id: conversation_id, epoch, head: sequence } = room;
    const others = this.#ofSession(user_id, session_id);
    const isLast = others.length === 0;
    if (!isLast && (!is_active || others.some((who) => who.is_active))) return;
    try {
      const user = this.#users.of(user_id);
      if (isLast) await user.detached(session_id, { conversation_id, epoch, sequence });
      else await user.attached(conversation_id, session_id, false);
    } catch (error) {
      // A telling that is not taken back ends by itself; one that is not told is told with the next beat.
      this.#failed("detach_failed", user_id, error);
    }
  }

  /** Whether somebody looks at one of the session's sockets here. */
  isActive({ user_id, session_id }: Identity): boolean {
    return this.#ofSession(user_id, session_id).some((who) => who.is_active);
  }

  /** What is the user's own affair takes no turn, but counts like all else. */
  take(socket: WebSocket, who: Identity, frame: OwnFrame): void {
    const { meter, sequencer, waitUntil } = this.#parts;
    const limited = meter.take(who.user_id, "general", Date.now());
    if (limited) {
      return sequencer.submit({ userId: who.user_id, to: socket, command: limited, ref: frame.ref, isMetered: true });
    }
    if (frame.type === "presence") waitUntil(this.#replies.sayWhen(socket, this.#look(socket, who, frame)));
    else this.#attend(socket, who, frame.state === "active");
  }

  /** People whom a member's sockets here watch have come or gone. @returns who is watched still */
  seen(viewerId: string, seen: Seen[]): string[] {
    return seen.filter((one) => this.#watches.hear(viewerId, one)).map((one) => one.user_id);
  }

  /** The user's object knows whom they may see. @returns what says the answer */
  #look(socket: WebSocket, { user_id }: Identity, frame: PresenceFrame): Promise<() => void> {
    const { room } = this.#parts.log;
    return this.#watches.ask({ socket, viewerId: user_id }, frame, async (asked): Promise<Result<Seen[]>> => {
      if (!room) return refuseUnseen();
      try {
        return await this.#users.of(user_id).look(user_id, room.id, { asked, watched: this.#watches.of(user_id) });
      } catch (error) {
        this.#failed("look_failed", user_id, error);
        return refuse("UNAVAILABLE", "Try again in a moment", { retry_after_ms: limits.unavailableRetryMs });
      }
    });
  }

  /** Where that makes a difference for the session, its user's object hears of it. */
  #attend(socket: WebSocket, who: Identity, isActive: boolean): void {
    const { sockets, log, waitUntil } = this.#parts;
    const before = this.isActive(who);
    sockets.attend(socket, isActive);
    if (!log.room || this.isActive(who) === before) return;
    // One that fails is in the log, and told again with the next beat.
    waitUntil(this.attach(log.room.id, who, !before).catch(() => undefined));
  }

  #ofSession(userId: string, sessionId: string): Identity[] {
    const { sockets } = this.#parts;
    const open = sockets.ofUser(userId).flatMap((socket) => sockets.of(socket) ?? []);
    return [...open, ...this.#arriving].filter((who) => who.user_id === userId && who.session_id === sessionId);
  }

  #failed(what: string, user_id: string, error: unknown): void {
    this.#users.drop(user_id);
    writeLog("warn", what, { conversation_id: this.#parts.log.room?.id, user_id, ...describeError(error) });
  }
}
