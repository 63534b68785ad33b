/** The sockets on a conversation's own address: opened, read, checked every minute, ended. */
import type { Services } from "../connect.ts";
import { echoOf } from "../core/closing.ts";
import type { Command } from "../protocol/commands.ts";
import { type Close, closes, Fault, type Refusal, refuse } from "../protocol/errors.ts";
import type { ClientFrame } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import type { Parsed } from "../protocol/parsing.ts";
import type { Attendance } from "./attendance.ts";
import { acceptUpgrade, commandOf, cursorOf, framesIn, freshen, identityOf } from "./door.ts";
import type { Fanout } from "./fanout.ts";
import { Floods } from "./floods.ts";
import type { Log } from "./log.ts";
import type { Peers } from "./peers.ts";
import { memberOf } from "./reading.ts";
import type { Sequencer } from "./sequencer.ts";
import type { Identity, Sockets } from "./sockets.ts";
import type { Typing } from "./typing.ts";

export interface DirectParts {
  log: Log;
  sockets: Sockets;
  peers: Peers;
  sequencer: Sequencer;
  fanout: Fanout;
  typing: Typing;
  attendance: Attendance;
  services: Services;
  beatWithin(ms: number): void;
  waitUntil(promise: Promise<unknown>): void;
}

export class DirectSockets {
  readonly #parts: DirectParts;
  readonly #floods = new Floods();

  constructor(parts: DirectParts) {
    this.#parts = parts;
  }

  /** @throws Fault CONVERSATION_NOT_FOUND, AUTH_FAILED for an ended session, UNAVAILABLE */
  async open(request: Request): Promise<Response> {
    const who = identityOf(request);
    try {
      return await this.#admit(who, request);
    } finally {
      this.#parts.attendance.arrived(who);
    }
  }

  async #admit(who: Identity, request: Request): Promise<Response> {
    const { log, sockets, peers, sequencer, fanout, attendance } = this.#parts;
    const { room } = memberOf(log, who.user_id);
    // Before the socket is open, so that ending the session ends the socket.
    const { ended, presence } = await attendance.arrive(room.id, who);
    if (ended) throw new Fault("AUTH_FAILED", "The session has ended");
    memberOf(log, who.user_id); // they may have been removed meanwhile
    fanout.learn(who.user_id, presence);
    const { socket, response } = acceptUpgrade(sockets, who, request);
    if (sockets.ofUser(who.user_id).length > limits.socketsPerUser) {
      this.close(socket, closes.tooMany);
      return response;
    }
    peers.opened(socket);
    const cursor = cursorOf(request);
    if (cursor) sequencer.submit({ userId: who.user_id, command: { type: "subscribe", ...cursor }, to: socket });
    this.#scheduleBeat([[socket, who]]);
    return response;
  }

  receive(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#parts.peers.heard(socket);
    const who = this.#parts.sockets.of(socket);
    if (!who) return;
    const frames = framesIn(data, who, this.#parts.services.config.WS_MAX_MESSAGE_SIZE);
    if (!Array.isArray(frames)) return this.close(socket, frames);
    for (const parsed of frames) this.#take(socket, who, parsed);
  }

  #take(socket: WebSocket, who: Identity, parsed: Parsed): void {
    const { sequencer } = this.#parts;
    const entry = { userId: who.user_id, to: socket };
    if (!parsed.ok) return sequencer.submit({ ...entry, command: parsed.refusal, ref: parsed.ref });
    const { frame } = parsed;
    if (frame.type === "auth") return this.#parts.waitUntil(this.#reauthenticate(socket, frame));
    if (frame.type === "presence" || frame.type === "client_state")
      return this.#parts.attendance.take(socket, who, frame);
    const isElsewhere =
      "conversation_id" in frame &&
      frame.conversation_id !== undefined &&
      frame.conversation_id !== this.#parts.log.room?.id;
    if (isElsewhere) {
      const refusal = refuse("INVALID_MESSAGE", "conversation_id is not this socket's conversation");
      return sequencer.submit({ ...entry, command: refusal, ref: frame.ref });
    }
    sequencer.submit({ ...entry, command: commandOf(frame) });
  }

  async #reauthenticate(socket: WebSocket, { token, ref }: Extract<ClientFrame, { type: "auth" }>): Promise<void> {
    const { sockets, services, sequencer } = this.#parts;
    const fresh = await freshen(sockets, services, socket, token);
    const who = sockets.of(socket);
    if (!fresh || !who) return;
    const command: Command | Refusal = fresh.ok ? { type: "reauth", expires_at: fresh.value.expires_at, ref } : fresh;
    if (fresh.ok) this.#scheduleBeat();
    sequencer.submit({ userId: who.user_id, to: socket, command, ref });
  }

  /** A frame was refused for its rate. */
  refused(socket: WebSocket): void {
    if (this.#floods.refused(socket)) this.close(socket, closes.tooMany);
  }

  /** Ends a user's sockets here. */
  end(userId: string, close: Close): void {
    for (const socket of this.#parts.sockets.ofUser(userId)) this.close(socket, close);
  }

  endAll(close: Close): void {
    for (const [socket] of [...this.#parts.sockets.entries()]) this.close(socket, close);
  }

  endSession(userId: string, sessionId: string): void {
    for (const socket of this.#parts.sockets.ofUser(userId)) {
      if (this.#parts.sockets.of(socket)?.session_id === sessionId) this.close(socket, closes.signIn);
    }
  }

  closed(socket: WebSocket, code: number): void {
    // Also one that is closing: the runtime leaves the answer to us, and a closed one ignores it.
    const who = this.#parts.sockets.forget(socket);
    socket.close(echoOf(code));
    this.#gone(socket, who);
  }

  close(socket: WebSocket, close: Close): void {
    const who = this.#parts.sockets.of(socket);
    this.#parts.sockets.close(socket, close);
    this.#gone(socket, who);
  }

  #gone(socket: WebSocket, who: Identity | undefined): void {
    const { typing, attendance, waitUntil } = this.#parts;
    if (!who) return;
    typing.closed(socket);
    waitUntil(attendance.left(who));
  }

  /** Every minute while sockets are open, or sooner: tokens that have ended, peers that are gone, sessions still told of. */
  async beat(): Promise<void> {
    const {
      sockets,
      peers,
      fanout,
      attendance,
      log: { room },
    } = this.#parts;
    if (!room) return;
    peers.look();
    const sessions = new Map([...sockets.entries()].map(([, who]) => [who.session_id, who]));
    await Promise.all(
      [...sessions.values()].map(async (who) => {
        const told = await attendance.attach(room.id, who, attendance.isActive(who)).catch(() => undefined); // said in the log; told again at the next beat
        if (told?.ended) this.endSession(who.user_id, who.session_id);
        if (told) fanout.learn(who.user_id, told.presence);
      }),
    );
    this.#scheduleBeat();
  }

  /** @param opened of which alone the beat may have to come sooner */
  #scheduleBeat(opened?: [WebSocket, Identity][]): void {
    const { sockets, peers } = this.#parts;
    if (sockets.size > 0) this.#parts.beatWithin(Math.min(limits.retellMs, peers.nextOverMs(opened)));
  }
}
