import type { Carried } from "../protocol/commands.ts";
import type { SequencedFrame } from "../protocol/deliveries.ts";
import { limits } from "../protocol/limits.ts";

interface Waiting {
  /** Answers that are out. */
  out: number;
  frames: SequencedFrame[];
  /** What the answers that came have carried. */
  carried: Carried[];
}

interface Released {
  before: SequencedFrame[];
  behind: SequencedFrame[];
}

/** While a `subscribe` or `sync` of a socket is out, events of that conversation wait behind its answer. */
export class Held {
  readonly #waiting = new Map<WebSocket, Map<string, Waiting>>();

  begin(socket: WebSocket, conversationId: string): void {
    const ofSocket = this.#waiting.get(socket) ?? new Map<string, Waiting>();
    this.#waiting.set(socket, ofSocket);
    const waiting = ofSocket.get(conversationId) ?? { out: 0, frames: [], carried: [] };
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

  /** An answer came. @returns what waited for it and is not in it: what goes before it, and behind */
  end(socket: WebSocket, conversationId: string, carried: readonly Carried[]): Released {
    const ofSocket = this.#waiting.get(socket);
    const waiting = ofSocket?.get(conversationId);
    if (!ofSocket || !waiting) return { before: [], behind: [] };
    waiting.out -= 1;
    waiting.carried.push(...carried);
    if (waiting.out > 0) return { before: [], behind: [] };
    ofSocket.delete(conversationId);
    const missing = waiting.frames.filter((frame) => !waiting.carried.some((one) => isIn(frame, one)));
    const isBefore = ({ sequence }: SequencedFrame) => sequence <= (carried[0]?.from ?? 0);
    return { before: missing.filter(isBefore), behind: missing.filter((frame) => !isBefore(frame)) };
  }

  forget(socket: WebSocket): void {
    this.#waiting.delete(socket);
  }
}

function isIn({ sequence }: SequencedFrame, { from, to }: Carried): boolean {
  return sequence > from && sequence <= to;
}
