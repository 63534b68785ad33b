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

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(exactPing, exactPong));
    for (const socket of ctx.getWebSockets()) this.#who.set(socket, identity.parse(socket.deserializeAttachment()));
  }

  accept(socket: WebSocket, who: Identity): void {
    this.#ctx.acceptWebSocket(socket);
    this.identify(socket, who);
  }

  identify(socket: WebSocket, who: Identity): void {
    socket.serializeAttachment(who);
    this.#who.set(socket, who);
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
    return [...this.#who].filter(([, who]) => who.user_id === userId).map(([socket]) => socket);
  }

  has(userId: string): boolean {
    for (const who of this.#who.values()) if (who.user_id === userId) return true;
    return false;
  }

  /** The user may have many: a set of ids is cheaper to ask than each socket. */
  users(): Set<string> {
    return new Set([...this.#who.values()].map((who) => who.user_id));
  }

  close(socket: WebSocket, { code, reason }: Pick<Close, "code" | "reason">): void {
    this.forget(socket);
    if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
  }

  forget(socket: WebSocket): Identity | undefined {
    const who = this.#who.get(socket);
    this.#who.delete(socket);
    return who;
  }

  /** Sends a turn's frames in order. Sockets with `pingme.batch` get them in arrays, made once for all who get the same. */
  send(frames: readonly Outgoing[]): void {
    if (frames.length === 0) return;
    const [lone] = frames;
    if (frames.length === 1 && lone?.only) return deliver(lone.only, lone.text);
    const isForAll = frames.every((frame) => !frame.only && !frame.except);
    const texts = frames.map((frame) => frame.text);
    let arrays: string[] | undefined;
    for (const [socket, who] of this.#who) {
      const own = isForAll ? texts : frames.filter((frame) => isFor(frame, socket, who)).map((frame) => frame.text);
      if (!who.batch) for (const text of own) deliver(socket, text);
      else if (own.length !== texts.length) for (const text of inArrays(own)) deliver(socket, text);
      else {
        arrays ??= inArrays(texts);
        for (const text of arrays) deliver(socket, text);
      }
    }
  }
}

function isFor(frame: Outgoing, socket: WebSocket, who: Identity): boolean {
  if (frame.only) return frame.only === socket;
  return !frame.except?.(socket, who);
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
