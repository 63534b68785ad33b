import { limits } from "../protocol/limits.ts";
import type { SequencedFrame } from "../protocol/rpc.ts";

interface Waiting {
  /** Answers that are out. */
  out: number;
  frames: SequencedFrame[];
}

/** While a `subscribe` or `sync` of a socket is out, events of that conversation wait behind its answer. */
export class Held {
  readonly #waiting = new Map<WebSocket, Map<string, Waiting>>();

  begin(socket: WebSocket, conversationId: string): void {
    const ofSocket = this.#waiting.get(socket) ?? new Map<string, Waiting>();
    this.#waiting.set(socket, ofSocket);
    const waiting = ofSocket.get(conversationId) ?? { out: 0, frames: [] };
    waiting.out += 1;
    ofSocket.set(conversationId, waiting);
  }

  /**
   * Keeps events that have to wait; beyond the limit they are let go, a gap the client sees and repairs.
   * @returns whether an answer is out
   */
  take(socket: WebSocket, conversationId: string, frames: readonly SequencedFrame[]): boolean {
    const waiting = this.#waiting.get(socket)?.get(conversationId);
    if (!waiting) return false;
    waiting.frames.push(...frames.slice(0, limits.heldFrames - waiting.frames.length));
    return true;
  }

  /** An answer came, with all events up to `upTo`. @returns what waited for it and is later than that */
  end(socket: WebSocket, conversationId: string, upTo: number): SequencedFrame[] {
    const ofSocket = this.#waiting.get(socket);
    const waiting = ofSocket?.get(conversationId);
    if (!ofSocket || !waiting) return [];
    waiting.out -= 1;
    if (waiting.out > 0) return [];
    ofSocket.delete(conversationId);
    return waiting.frames.filter((frame) => frame.sequence > upTo);
  }

  forget(socket: WebSocket): void {
    this.#waiting.delete(socket);
  }
}
