/** The user's sockets: commands go out to conversations, their events come in, and a socket sees both in order. */
import type { Services } from "../connect.ts";
import { echoOf } from "../core/closing.ts";
import { describeError, log } from "../log.ts";
import { type Close, closes, type Refusal, type Result, refuse } from "../protocol/errors.ts";
import { type ClientFrame, errorFrame, frameText, isLonger, type Parsed, parseFrames } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type {
  Answer,
  Command,
  ConversationRpc,
  Delivery,
  Head,
  Position,
  Presence,
  SequencedFrame,
} from "../protocol/rpc.ts";
import { commandOf, reauth } from "./door.ts";
import { Meter } from "./meter.ts";
import { deliver, type Identity, inArrays, type Sockets } from "./sockets.ts";

export interface HubParts {
  sockets: Sockets;
  services: Services;
  conversations: DurableObjectNamespace<ConversationRpc>;
  presence(): Presence;
  /** A socket is gone. */
  closed(): void;
  /** A socket has a fresh token. */
  renewed(): void;
  waitUntil(promise: Promise<unknown>): void;
}

/** While a `subscribe` or `sync` of a socket is out, events of that conversation wait behind its answer. */
interface Held {
  out: number;
  frames: SequencedFrame[];
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
  /** The newest event heard of, by conversation, the latest last. */
  readonly #heads = new Map<string, Head>();
  /** Conversations marked as read, and when (ms). */
  readonly #marked = new Map<string, number>();
  readonly #held = new Map<WebSocket, Map<string, Held>>();

  constructor(parts: HubParts) {
    this.#parts = parts;
    const wokenAt = parts.sockets.size > 0 ? Date.now() : undefined;
    this.#meter = new Meter(parts.services.config, wokenAt, () => []);
  }

  // -- From the sockets ----------------------------------------------------------------------------------------------

  receive(socket: WebSocket, data: string | ArrayBuffer): void {
    const who = this.#parts.sockets.of(socket);
    if (!who) return;
    if (typeof data !== "string") return this.close(socket, closes.binary);
    if (isLonger(data, limits.frameCloseBytes)) return this.close(socket, closes.tooBig);
    const maxBytes = this.#parts.services.config.WS_MAX_MESSAGE_SIZE;
    const asks: Ask[] = [];
    for (const parsed of parseFrames(data, { batch: who.batch, maxBytes })) {
      const ask = this.#take(socket, who, parsed);
      const last = asks.at(-1);
      if (ask && last?.conversationId === ask.conversationId) last.commands.push(...ask.commands);
      else if (ask) asks.push(ask);
    }
    for (const ask of asks) this.#parts.waitUntil(this.#ask(ask));
  }

  /** Answers what concerns no conversation; @returns what does. */
  #take(socket: WebSocket, who: Identity, parsed: Parsed): Ask | undefined {
    if (!parsed.ok) return this.#refuse(socket, who, parsed.refusal, parsed.ref);
    const { frame } = parsed;
    if (frame.type === "ping") return this.#answerHere(socket, who, frame, { type: "pong" });
    if (frame.type === "auth") {
      this.#parts.waitUntil(this.#reauthenticate(socket, frame));
      return undefined;
    }
    const { conversation_id: conversationId } = frame;
    if (conversationId === undefined) {
      return this.#refuse(socket, who, refuse("INVALID_MESSAGE", "conversation_id is missing"), frame.ref);
    }
    if (frame.type === "unsubscribe") {
      const refusal = this.#meter.take(who.user_id, "general", Date.now());
      if (refusal) deliver(socket, errorFrame(refusal, frame.ref));
      else this.#follow(socket, conversationId, false);
      return undefined;
    }
    return { socket, who, conversationId, commands: [commandOf(frame)] };
  }

  /** A frame that enters no conversation counts here. */
  #refuse(socket: WebSocket, who: Identity, refusal: Refusal, ref: string | undefined): undefined {
    const limited = this.#meter.take(who.user_id, "general", Date.now());
    deliver(socket, errorFrame(limited ?? refusal, ref));
  }

  #answerHere(
    socket: WebSocket,
    who: Identity,
    { ref }: { ref?: string | undefined },
    frame: { type: "pong" },
  ): undefined {
    const limited = this.#meter.take(who.user_id, "general", Date.now());
    deliver(socket, limited ? errorFrame(limited, ref) : frameText({ ...frame, ...(ref !== undefined && { ref }) }));
  }

  async #reauthenticate(socket: WebSocket, { token, ref }: Extract<ClientFrame, { type: "auth" }>): Promise<void> {
    const { sockets, services } = this.#parts;
    const before = sockets.of(socket);
    if (!before) return;
    const outcome = await reauth(services, before, token);
    const who = sockets.of(socket);
    if (!who) return;
    if (!("actor" in outcome)) return this.#refuse(socket, who, outcome, ref);
    sockets.identify(socket, { ...who, ...outcome.actor });
    this.#parts.renewed();
    const { user_id, user_name, expires_at } = outcome.actor;
    const text = frameText({
      type: "auth_success",
      user_id,
      user_name,
      expires_at: isoTime(expires_at),
      ...(ref !== undefined && { ref }),
    });
    deliver(socket, text);
  }

  async #ask({ socket, who, conversationId, commands }: Ask): Promise<void> {
    const isReading = commands.some(({ type }) => type === "subscribe" || type === "sync");
    if (isReading) this.#hold(socket, conversationId);
    const results = await this.#execute(who, conversationId, commands);
    const texts: string[] = [];
    let upTo: number | undefined;
    commands.forEach((command, index) => {
      const result = results[index];
      if (!result) return;
      texts.push(...repliesOf(result, command));
      if (!result.ok) return;
      if (command.type === "subscribe" || command.type === "follow" || command.type === "message") {
        this.#follow(socket, conversationId, true);
      }
      upTo = result.value.upTo ?? upTo;
      if (command.type === "mark_read") this.mark(conversationId);
      if (result.value.others) this.#tellOthers(socket, conversationId, result.value.others);
    });
    this.#send(socket, texts);
    if (isReading) this.#release(socket, conversationId, upTo ?? 0);
  }

  async #execute(who: Identity, conversationId: string, commands: Command[]): Promise<Result<Answer>[]> {
    const { conversations, presence } = this.#parts;
    try {
      return await conversations.get(conversations.idFromName(conversationId)).execute(who, commands, presence());
    } catch (error) {
      log("error", "execute_failed", { conversation_id: conversationId, ...describeError(error) });
      const refusal = refuse("UNAVAILABLE", "The conversation is away", { retry_after_ms: limits.unavailableRetryMs });
      return commands.map(() => refusal);
    }
  }

  #tellOthers(asking: WebSocket, conversationId: string, { passing, inbox }: NonNullable<Answer["others"]>): void {
    for (const [socket, who] of this.#parts.sockets.entries()) {
      if (socket === asking) continue;
      const texts = who.follows.includes(conversationId) ? [...passing] : [];
      if (inbox !== undefined) texts.push(inbox);
      this.#send(socket, texts);
    }
  }

  // -- From the conversations ----------------------------------------------------------------------------------------

  deliver({ conversation_id, epoch, frames, passing, inbox }: Delivery): void {
    const known = this.#heads.get(conversation_id);
    const passed = known?.epoch === epoch ? known.sequence : -1;
    const fresh = frames.filter((frame) => frame.sequence > passed);
    const last = fresh.at(-1);
    if (last) this.note({ conversation_id, epoch, sequence: last.sequence });
    for (const [socket, who] of this.#parts.sockets.entries()) {
      const held = this.#held.get(socket)?.get(conversation_id);
      const texts: string[] = [];
      if (held) held.frames.push(...fresh);
      else texts.push(...fresh.flatMap(textsOf));
      if (fresh.length > 0) this.#follow(socket, conversation_id, true);
      if (who.follows.includes(conversation_id)) texts.push(...passing);
      if (inbox !== undefined) texts.push(inbox);
      this.#send(socket, texts);
    }
  }

  /** Events up to here need not be told here again. */
  note(at: Position): void {
    this.#heads.delete(at.conversation_id);
    this.#heads.set(at.conversation_id, { ...at, heard_at: Date.now() });
    const [oldest] = this.#heads.keys();
    if (this.#heads.size > limits.recent && oldest !== undefined) this.#heads.delete(oldest);
  }

  /** The user has read there: a list fetched next is to show it. */
  mark(conversationId: string): void {
    this.#marked.set(conversationId, Date.now());
  }

  marked(): string[] {
    const lately = Date.now() - limits.markedMs;
    for (const [id, at] of this.#marked) if (at < lately) this.#marked.delete(id);
    return [...this.#marked.keys()];
  }

  heard(): Head[] {
    return [...this.#heads.values()];
  }

  #hold(socket: WebSocket, conversationId: string): void {
    const ofSocket = this.#held.get(socket) ?? new Map<string, Held>();
    this.#held.set(socket, ofSocket);
    const held = ofSocket.get(conversationId) ?? { out: 0, frames: [] };
    held.out += 1;
    ofSocket.set(conversationId, held);
  }

  #release(socket: WebSocket, conversationId: string, upTo: number): void {
    const held = this.#held.get(socket)?.get(conversationId);
    if (!held) return;
    held.out -= 1;
    if (held.out > 0) return;
    this.#held.get(socket)?.delete(conversationId);
    this.#send(socket, held.frames.filter((frame) => frame.sequence > upTo).flatMap(textsOf));
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
    this.#parts.sockets.close(socket, close);
    this.#forget(socket);
  }

  /** The peer closed it. */
  ended(socket: WebSocket, code: number): void {
    // Also one that is closing: the runtime leaves the answer to us, and a closed one ignores it.
    socket.close(echoOf(code));
    if (this.#parts.sockets.forget(socket)) this.#forget(socket);
  }

  #forget(socket: WebSocket): void {
    this.#held.delete(socket);
    this.#parts.closed();
  }
}

function textsOf({ text, after }: SequencedFrame): string[] {
  return after === undefined ? [text] : [text, after];
}

function repliesOf(result: Result<Answer>, { ref }: Command): string[] {
  return result.ok ? result.value.replies : [errorFrame(result, ref)];
}
