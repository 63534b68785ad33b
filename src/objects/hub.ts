/** The user's sockets: commands go out to conversations, their events come in, and a socket sees both in order. */
import type { Services } from "../connect.ts";
import { echoOf } from "../core/closing.ts";
import { isSaying } from "../core/places.ts";
import type { Presence } from "../protocol/attendance.ts";
import type { Answer, Carried, Command, OwnChange } from "../protocol/commands.ts";
import type { Delivery, SequencedFrame } from "../protocol/deliveries.ts";
import { type Close, closes, type Result } from "../protocol/errors.ts";
import { errorFrame } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import type { Backlog } from "./backlog.ts";
import { Calls } from "./calls.ts";
import { Floods, Waits } from "./floods.ts";
import { Heads } from "./heads.ts";
import { Held } from "./held.ts";
import { Here } from "./here.ts";
import { type Ask, Intake } from "./intake.ts";
import { Meter } from "./meter.ts";
import { Places } from "./places.ts";
import { Arrivals, Replies } from "./replies.ts";
import { deliver, type Identity, inArrays, type Sockets } from "./sockets.ts";
import { TypedIn } from "./typing.ts";
import type { Watching } from "./watching.ts";

export interface HubParts {
  sockets: Sockets;
  backlog: Backlog;
  services: Services;
  conversations: DurableObjectNamespace<ConversationRpc>;
  presence(): Presence;
  /** A socket is gone, or somebody looks at it, or away. */
  moved(): void;
  /** The user has read there. */
  read(conversationId: string): void;
  watching: Watching;
  /** A socket has a fresh token. */
  renewed(): void;
  waitUntil(promise: Promise<unknown>): void;
}

export class Hub {
  readonly #parts: HubParts;
  readonly heads = new Heads();
  readonly #held = new Held();
  readonly #calls: Calls;
  readonly #replies = new Replies();
  readonly #arrivals = new Arrivals();
  readonly #typing: TypedIn;
  readonly #places: Places;
  readonly #intake: Intake;
  readonly #waits = new Waits();
  readonly #floods = new Floods();
  /** Calls that are not answered. */
  #out = 0;

  constructor(parts: HubParts) {
    this.#parts = parts;
    const wokenAt = parts.sockets.size > 0 ? Date.now() : undefined;
    this.#calls = new Calls(parts.conversations);
    this.#typing = new TypedIn(parts.services.config.WS_TYPING_TIMEOUT * 1_000);
    const { config, db } = parts.services;
    const meter = new Meter(config, wokenAt, () => []);
    this.#places = new Places({ db, conversations: parts.conversations });
    this.#intake = new Intake({
      ...parts,
      places: this.#places,
      here: new Here({ ...parts, meter, replies: this.#replies, refused: (socket) => this.#refused(socket) }),
      waits: this.#waits,
      maxBytes: config.WS_MAX_MESSAGE_SIZE,
      ask: (ask) => this.#launch(ask),
      close: (socket, close) => this.close(socket, close),
    });
  }

  // -- From the sockets ----------------------------------------------------------------------------------------------

  receive(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#intake.receive(socket, data);
  }

  #launch(ask: Ask): void {
    if (this.#out >= limits.asksOut) return this.close(ask.socket, closes.tooMany);
    this.#out += 1;
    const answered = this.#ask(ask).finally(() => {
      this.#out -= 1;
    });
    this.#parts.waitUntil(this.#replies.sayWhen(ask.socket, answered));
  }

  #refused(socket: WebSocket): void {
    if (this.#floods.refused(socket)) this.close(socket, closes.tooMany);
  }

  /** Runs commands of one conversation; @returns what says their answers, ready when the events they made are here. */
  async #ask(ask: Ask): Promise<() => void> {
    const { socket, who, conversationId, commands } = ask;
    if (commands.some(isReading)) this.#held.begin(socket, conversationId);
    for (const { type } of commands) {
      if (type === "typing_start") this.#typing.begin(socket, conversationId);
      if (type === "typing_stop" || isSaying(type)) this.#typing.end(conversationId);
    }
    const results = await this.#calls.execute(who, conversationId, commands, this.#parts.presence());
    const made = Math.max(...results.map((result) => (result.ok ? (result.value.made ?? 0) : 0)));
    if (made > (this.heads.of(conversationId)?.sequence ?? 0)) await this.#arrivals.until(conversationId, made);
    return () => this.#answer(ask, results);
  }

  #answer({ socket, conversationId, commands }: Ask, results: Result<Answer>[]): void {
    const texts: string[] = [];
    let others: OwnChange | undefined;
    const carried: Carried[] = [];
    commands.forEach((command, index) => {
      const result = results[index];
      if (!result) return;
      this.#places.settle(command, conversationId, result);
      texts.push(...repliesOf(result, command));
      this.#waits.learn(conversationId, command.type, result);
      if (!result.ok) return;
      if (startsFollowing(command.type)) this.#parts.sockets.follow(socket, conversationId, true);
      if (command.type === "mark_read") {
        this.heads.mark(conversationId);
        this.#parts.read(conversationId);
      }
      if (result.value.carries) carried.push(result.value.carries);
      const { acked: sequence } = result.value;
      const isAck = command.type === "ack";
      if (sequence !== undefined) this.#parts.backlog.acked(socket, { sequence, isAck, conversationId });
      others = result.value.others ?? others;
    });
    const { before, behind } = commands.some(isReading)
      ? this.#held.end(socket, conversationId, carried)
      : { before: [], behind: [] };
    this.#send(socket, [...before.flatMap(textsOf), ...texts, ...behind.flatMap(textsOf)]);
    if (others) this.#tellOthers(socket, conversationId, others);
    for (const result of results) if (isLimited(result)) this.#refused(socket);
  }

  /** Where the user stands now: of several changes, the last one says it. */
  #tellOthers(asking: WebSocket, conversationId: string, { passing, inbox }: OwnChange): void {
    for (const [socket, who] of this.#parts.sockets.entries()) {
      if (socket === asking) continue;
      const texts = who.follows.includes(conversationId) ? [...passing] : [];
      if (inbox !== undefined) texts.push(inbox);
      this.#send(socket, texts);
    }
  }

  // -- From the conversations ----------------------------------------------------------------------------------------

  deliver({ conversation_id, epoch, frames, passing, inbox }: Delivery): void {
    const known = this.heads.of(conversation_id);
    const passed = known?.epoch === epoch ? known.sequence : -1;
    const fresh = frames.filter((frame) => frame.sequence > passed);
    const last = fresh.at(-1);
    if (last) this.heads.note({ conversation_id, epoch, sequence: last.sequence });
    this.#places.hear(conversation_id, fresh);
    for (const [socket, who] of this.#parts.sockets.entries()) {
      const isHeld = this.#held.take(socket, conversation_id, fresh);
      const texts = isHeld ? [] : fresh.flatMap(textsOf);
      if (fresh.length > 0) this.#parts.sockets.follow(socket, conversation_id, true);
      if (who.follows.includes(conversation_id)) texts.push(...passing);
      if (inbox !== undefined) texts.push(inbox);
      this.#send(socket, texts);
    }
    if (last) this.#arrivals.came(conversation_id, last.sequence);
    this.#parts.backlog.told(fresh, inbox === undefined ? passing : [...passing, inbox], conversation_id);
  }

  // -- Sockets -------------------------------------------------------------------------------------------------------

  #send(socket: WebSocket, texts: string[]): void {
    const isBatch = this.#parts.sockets.of(socket)?.batch ?? false;
    for (const text of isBatch ? inArrays(texts) : texts) deliver(socket, text);
  }

  endSession(sessionId: string): void {
    for (const [socket, who] of [...this.#parts.sockets.entries()]) {
      if (who.session_id === sessionId) this.close(socket, closes.signIn);
    }
  }

  close(socket: WebSocket, close: Close): void {
    const who = this.#parts.sockets.of(socket);
    this.#parts.sockets.close(socket, close);
    this.#forget(socket, who);
  }

  /** The peer closed it. */
  ended(socket: WebSocket, code: number): void {
    // Also one that is closing: the runtime leaves the answer to us, and a closed one ignores it.
    const who = this.#parts.sockets.forget(socket);
    socket.close(echoOf(code));
    if (who) this.#forget(socket, who);
  }

  #forget(socket: WebSocket, who: Identity | undefined): void {
    this.#held.forget(socket);
    this.#intake.forget(socket);
    for (const conversationId of this.#typing.closed(socket)) {
      if (who)
        this.#parts.waitUntil(
          this.#calls.execute(who, conversationId, [{ type: "typing_stop" }], this.#parts.presence()),
        );
    }
    this.#parts.moved();
  }
}

/** Who sends there or asks for it hears what passes there. */
function startsFollowing(type: Command["type"]): boolean {
  return type === "subscribe" || type === "follow" || isSaying(type);
}

function isLimited(result: Result<Answer>): boolean {
  return !result.ok && result.code === "RATE_LIMIT_EXCEEDED";
}

function isReading({ type }: Command): boolean {
  return type === "subscribe" || type === "sync";
}

function textsOf({ text, after }: SequencedFrame): string[] {
  return after === undefined ? [text] : [text, after];
}

function repliesOf(result: Result<Answer>, { ref }: Command): string[] {
  return result.ok ? result.value.replies : [errorFrame(result, ref)];
}
