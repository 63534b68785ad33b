/** The user's sockets: commands go out to conversations, their events come in, and a socket sees both in order. */
import type { Services } from "../connect.ts";
import { echoOf } from "../core/closing.ts";
import { type Close, closes, type Refusal, type Result, refuse } from "../protocol/errors.ts";
import { type ClientFrame, errorFrame, frameText, type Parsed, type ServerFrame } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type {
  Answer,
  Carried,
  Command,
  ConversationRpc,
  Delivery,
  OwnChange,
  Presence,
  SequencedFrame,
} from "../protocol/rpc.ts";
import { Calls } from "./calls.ts";
import { commandOf, framesIn, freshen } from "./door.ts";
import { Heads } from "./heads.ts";
import { Held } from "./held.ts";
import { Meter } from "./meter.ts";
import { Arrivals, Replies } from "./replies.ts";
import { deliver, type Identity, inArrays, type Sockets } from "./sockets.ts";
import { TypedIn } from "./typing.ts";
import type { PresenceFrame } from "./watches.ts";
import type { Watching } from "./watching.ts";

export interface HubParts {
  sockets: Sockets;
  services: Services;
  conversations: DurableObjectNamespace<ConversationRpc>;
  presence(): Presence;
  /** A socket is gone, or somebody looks at it, or away. */
  moved(): void;
  watching: Watching;
  /** A socket has a fresh token. */
  renewed(): void;
  waitUntil(promise: Promise<unknown>): void;
}

interface Ask {
  socket: WebSocket;
  who: Identity;
  conversationId: string;
  commands: Command[];
}

export class Hub {
  readonly #parts: HubParts;
  readonly #meter: Meter;
  readonly heads = new Heads();
  readonly #held = new Held();
  readonly #calls: Calls;
  readonly #replies = new Replies();
  readonly #arrivals = new Arrivals();
  readonly #typing: TypedIn;

  constructor(parts: HubParts) {
    this.#parts = parts;
    const wokenAt = parts.sockets.size > 0 ? Date.now() : undefined;
    this.#calls = new Calls(parts.conversations);
    this.#typing = new TypedIn(parts.services.config.WS_TYPING_TIMEOUT * 1_000);
    this.#meter = new Meter(parts.services.config, wokenAt, () => []);
  }

  // -- From the sockets ----------------------------------------------------------------------------------------------

  receive(socket: WebSocket, data: string | ArrayBuffer): void {
    const who = this.#parts.sockets.of(socket);
    if (!who) return;
    const frames = framesIn(data, who, this.#parts.services.config.WS_MAX_MESSAGE_SIZE);
    if (!Array.isArray(frames)) return this.close(socket, frames);
    let pending: Ask | undefined;
    const launch = () => {
      if (pending) this.#parts.waitUntil(this.#replies.sayWhen(socket, this.#ask(pending)));
      pending = undefined;
    };
    for (const parsed of frames) {
      const taken = this.#take(socket, who, parsed);
      if (typeof taken !== "function" && pending?.conversationId === taken.conversationId) {
        pending.commands.push(...taken.commands);
        continue;
      }
      launch();
      if (typeof taken === "function") taken();
      else pending = taken;
    }
    launch();
  }

  /** What a frame asks of a conversation; or what answers it here. */
  #take(socket: WebSocket, who: Identity, parsed: Parsed): Ask | (() => void) {
    if (!parsed.ok) return () => this.#refuse(socket, who, parsed.refusal, parsed.ref);
    const { frame } = parsed;
    if (frame.type === "ping") {
      return () => this.#answerHere(socket, who, frame.ref, { type: "pong", ...refOf(frame.ref) });
    }
    if (frame.type === "auth") return () => this.#parts.waitUntil(this.#reauthenticate(socket, frame));
    if (frame.type === "presence") return () => this.#look(socket, who, frame);
    if (frame.type === "client_state") return () => this.#attend(socket, who, frame);
    const { conversation_id: conversationId } = frame;
    if (conversationId === undefined) {
      const refusal = refuse("INVALID_MESSAGE", "conversation_id is missing");
      return () => this.#refuse(socket, who, refusal, frame.ref);
    }
    if (frame.type === "unsubscribe") return () => this.#unfollow(socket, who, conversationId, frame.ref);
    return { socket, who, conversationId, commands: [commandOf(frame)] };
  }

  #unfollow(socket: WebSocket, who: Identity, conversationId: string, ref: string | undefined): void {
    const limited = this.#meter.take(who.user_id, "general", Date.now());
    this.#replies.say(socket, () => {
      if (limited) deliver(socket, errorFrame(limited, ref));
      else this.#follow(socket, conversationId, false);
    });
  }

  #look(socket: WebSocket, who: Identity, frame: PresenceFrame): void {
    const limited = this.#meter.take(who.user_id, "general", Date.now());
    if (limited) return this.#replies.say(socket, () => deliver(socket, errorFrame(limited, frame.ref)));
    this.#parts.waitUntil(this.#replies.sayWhen(socket, this.#parts.watching.ask(socket, who.user_id, frame)));
  }

  #attend(socket: WebSocket, { user_id }: Identity, frame: Extract<ClientFrame, { type: "client_state" }>): void {
    const limited = this.#meter.take(user_id, "general", Date.now());
    if (limited) return this.#replies.say(socket, () => deliver(socket, errorFrame(limited, frame.ref)));
    if (this.#parts.sockets.attend(socket, frame.state === "active")) this.#parts.moved();
  }

  /** A frame that enters no conversation counts here. */
  #refuse(socket: WebSocket, who: Identity, refusal: Refusal, ref: string | undefined): void {
    const limited = this.#meter.take(who.user_id, "general", Date.now());
    this.#replies.say(socket, () => deliver(socket, errorFrame(limited ?? refusal, ref)));
  }

  /** {@link #refuse} where there is nothing to refuse. */
  #answerHere(socket: WebSocket, who: Identity, ref: string | undefined, frame: ServerFrame): void {
    const limited = this.#meter.take(who.user_id, "general", Date.now());
    this.#replies.say(socket, () => deliver(socket, limited ? errorFrame(limited, ref) : frameText(frame)));
  }

  async #reauthenticate(socket: WebSocket, { token, ref }: Extract<ClientFrame, { type: "auth" }>): Promise<void> {
    const { sockets, services } = this.#parts;
    const fresh = await freshen(sockets, services, socket, token);
    const who = sockets.of(socket);
    if (!fresh || !who) return;
    if (!fresh.ok) return this.#refuse(socket, who, fresh, ref);
    this.#parts.renewed();
    const { user_id, user_name, expires_at } = fresh.value;
    const success = { type: "auth_success" as const, user_id, user_name, expires_at: isoTime(expires_at) };
    this.#answerHere(socket, who, ref, { ...success, ...refOf(ref) });
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
      texts.push(...repliesOf(result, command));
      if (!result.ok) return;
      if (startsFollowing(command.type)) this.#follow(socket, conversationId, true);
      if (command.type === "mark_read") this.heads.mark(conversationId);
      if (result.value.carries) carried.push(result.value.carries);
      others = result.value.others ?? others;
    });
    const { before, behind } = commands.some(isReading)
      ? this.#held.end(socket, conversationId, carried)
      : { before: [], behind: [] };
    this.#send(socket, [...before.flatMap(textsOf), ...texts, ...behind.flatMap(textsOf)]);
    if (others) this.#tellOthers(socket, conversationId, others);
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
    for (const [socket, who] of this.#parts.sockets.entries()) {
      const isHeld = this.#held.take(socket, conversation_id, fresh);
      const texts = isHeld ? [] : fresh.flatMap(textsOf);
      if (fresh.length > 0) this.#follow(socket, conversation_id, true);
      if (who.follows.includes(conversation_id)) texts.push(...passing);
      if (inbox !== undefined) texts.push(inbox);
      this.#send(socket, texts);
    }
    if (last) this.#arrivals.came(conversation_id, last.sequence);
  }

  // -- Sockets -------------------------------------------------------------------------------------------------------

  #send(socket: WebSocket, texts: string[]): void {
    const isBatch = this.#parts.sockets.of(socket)?.batch ?? false;
    for (const text of isBatch ? inArrays(texts) : texts) deliver(socket, text);
  }

  #follow(socket: WebSocket, conversationId: string, on: boolean): void {
    const { sockets } = this.#parts;
    const who = sockets.of(socket);
    if (!who || who.follows.includes(conversationId) === on) return;
    const others = who.follows.filter((followed) => followed !== conversationId);
    sockets.identify(socket, { ...who, follows: on ? [...others, conversationId].slice(-limits.followed) : others });
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

function isSaying(type: Command["type"]): boolean {
  return type === "message" || type === "message_forward";
}

function isReading({ type }: Command): boolean {
  return type === "subscribe" || type === "sync";
}

function textsOf({ text, after }: SequencedFrame): string[] {
  return after === undefined ? [text] : [text, after];
}

function refOf(ref: string | undefined): { ref?: string } {
  return ref === undefined ? {} : { ref };
}

function repliesOf(result: Result<Answer>, { ref }: Command): string[] {
  return result.ok ? result.value.replies : [errorFrame(result, ref)];
}
