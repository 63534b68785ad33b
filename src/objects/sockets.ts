/** The WebSockets an object holds: who is behind each, and the one way frames leave. They outlive hibernation. */
import { z } from "zod";
import type { Close } from "../protocol/errors.ts";
import { exactPing, exactPong } from "../protocol/frames.ts";
import { id } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { actor } from "../protocol/users.ts";

/** Who is behind a socket: kept in its attachment, so it is parsed when the object wakes. */
export const identity = actor.extend({
  /** `pingme.batch` was agreed. */
  batch: z.boolean(),
  /** On a user socket: conversations whose typing and receipts it hears, the latest last. */
  follows: z.array(id),
  /** Somebody looks at it: it is not in the background. */
  is_active: z.boolean(),
  /** Whom it watches, and whether they were shown as online last. */
  watches: z.record(id, z.boolean()),
  /** When something was heard on it (ms), or a little earlier. */
  heard_at: z.number(),
  /** It has sent an `ack`: more are expected. */
  acks: z.boolean(),
});
export type Identity = z.infer<typeof identity>;

/** A frame to be sent: to all sockets, to `only` one, or to all but `except`. */
export interface Outgoing {
  text: string;
  only?: WebSocket;
  except?: (socket: WebSocket, who: Identity) => boolean;
}

// A UTF-16 unit is at most 3 bytes of UTF-8: this many are surely within the limit of an array frame.
const batchUnits = Math.floor(limits.batchBytes / 3);

export class Sockets {
  readonly #ctx: DurableObjectState;
  readonly #who = new Map<WebSocket, Identity>();
  readonly #ofUser = new Map<string, Set<WebSocket>>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(exactPing, exactPong));
    for (const socket of ctx.getWebSockets()) this.#know(socket, identity.parse(socket.deserializeAttachment()));
  }

  accept(socket: WebSocket, who: Identity): void {
    this.#ctx.acceptWebSocket(socket);
    this.identify(socket, who);
  }

  identify(socket: WebSocket, who: Identity): void {
    socket.serializeAttachment(who);
    this.#know(socket, who);
  }

  #know(socket: WebSocket, who: Identity): void {
    this.#who.set(socket, who);
    const own = this.#ofUser.get(who.user_id) ?? new Set();
    this.#ofUser.set(who.user_id, own.add(socket));
  }

  /** It hears what passes in a conversation, or not any more. */
  follow(socket: WebSocket, conversationId: string, on: boolean): void {
    const who = this.#who.get(socket);
    if (!who || who.follows.includes(conversationId) === on) return;
    const others = who.follows.filter((followed) => followed !== conversationId);
    this.identify(socket, { ...who, follows: on ? [...others, conversationId].slice(-limits.followed) : others });
  }

  /** Somebody looks at it, or away. @returns whether that is a change */
  attend(socket: WebSocket, isActive: boolean): boolean {
    const who = this.#who.get(socket);
    if (!who || who.is_active === isActive) return false;
    this.identify(socket, { ...who, is_active: isActive });
    return true;
  }

  of(socket: WebSocket): Identity | undefined {
    return this.#who.get(socket);
  }

  get size(): number {
    return this.#who.size;
  }

  entries(): IterableIterator<[WebSocket, Identity]> {
    return this.#who.entries();
  }

  ofUser(userId: string): WebSocket[] {
    return [...(this.#ofUser.get(userId) ?? [])];
  }

  has(userId: string): boolean {
    return this.#ofUser.has(userId);
  }

  /** Whether somebody looks at one of theirs. */
  isActive(userId: string): boolean {
    return this.ofUser(userId).some((socket) => this.#who.get(socket)?.is_active);
  }

  close(socket: WebSocket, { code, reason }: Pick<Close, "code" | "reason">): void {
    this.forget(socket);
    if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
  }

  forget(socket: WebSocket): Identity | undefined {
    const who = this.#who.get(socket);
    this.#who.delete(socket);
    const own = who && this.#ofUser.get(who.user_id);
    own?.delete(socket);
    if (who && own?.size === 0) this.#ofUser.delete(who.user_id);
    return who;
  }

  /** Sends a turn's frames in order. What all get is made once for all; who gets another selection gets their own. */
  send(frames: readonly Outgoing[]): void {
    if (frames.length === 0) return;
    const [lone] = frames;
    if (frames.length === 1 && lone?.only) return deliver(lone.only, lone.text);
    const answered = new Set(frames.map((frame) => frame.only));
    const common = frames.filter((frame) => !frame.only);
    const choosy = common.filter((frame) => frame.except);
    const texts = common.map((frame) => frame.text);
    let arrays: string[] | undefined;
    for (const [socket, who] of this.#who) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      if (answered.has(socket) || !choosy.every((frame) => isFor(frame, socket, who))) {
        const own = frames.filter((frame) => isFor(frame, socket, who)).map((frame) => frame.text);
        sendAll(socket, who.batch ? inArrays(own) : own);
      } else if (who.batch) {
        arrays ??= inArrays(texts);
        sendAll(socket, arrays);
      } else sendAll(socket, texts);
    }
  }
}

function isFor(frame: Outgoing, socket: WebSocket, who: Identity): boolean {
  if (frame.only) return frame.only === socket;
  return !frame.except?.(socket, who);
}

function sendAll(socket: WebSocket, texts: readonly string[]): void {
  for (const text of texts) socket.send(text);
}

/** One text frame a socket; a socket that is closing takes none. */
export function deliver(socket: WebSocket, text: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(text);
}

/** Frames joined into array frames within the limits; a lone one goes as it is. */
export function inArrays(texts: readonly string[]): string[] {
  const arrays: string[] = [];
  let group: string[] = [];
  let units = 0;
  const flush = () => {
    const [first] = group;
    if (first !== undefined) arrays.push(group.length === 1 ? first : `[${group.join(",")}]`);
    group = [];
    units = 0;
  };
  for (const text of texts) {
    if (group.length === limits.batchFrames || units + text.length + 1 > batchUnits) flush();
    group.push(text);
    units += text.length + 1;
  }
  flush();
  return arrays;
}
