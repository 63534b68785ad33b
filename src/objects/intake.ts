/**
 * What user sockets send, each socket's frames in their order. What follows each other to one conversation goes there in
 * one call. While it is looked up where a message is, the frames behind wait.
 */
import { placed, type Unplaced, unplaced } from "../core/places.ts";
import type { Command } from "../protocol/commands.ts";
import { type Close, closes, type Refusal, refuse } from "../protocol/errors.ts";
import { errorFrame } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import type { Parsed } from "../protocol/parsing.ts";
import { commandOf, framesIn } from "./door.ts";
import type { Waits } from "./floods.ts";
import { type Here, isForHere } from "./here.ts";
import type { Places } from "./places.ts";
import type { Identity, Sockets } from "./sockets.ts";

/** Commands of a socket to one conversation. */
export interface Ask {
  socket: WebSocket;
  who: Identity;
  conversationId: string;
  commands: Command[];
}

export interface IntakeParts {
  sockets: Sockets;
  places: Places;
  here: Here;
  waits: Waits;
  maxBytes: number;
  ask(ask: Ask): void;
  close(socket: WebSocket, close: Close): void;
  waitUntil(promise: Promise<unknown>): void;
}

interface Waiting {
  frames: Parsed[];
  /** UTF-16 units that came meanwhile. */
  units: number;
}

/** @returns whether what follows has to wait */
type Step = () => boolean;

export class Intake {
  readonly #parts: IntakeParts;
  readonly #waiting = new Map<WebSocket, Waiting>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  receive(socket: WebSocket, data: string | ArrayBuffer): void {
    const { sockets, maxBytes, close } = this.#parts;
    const who = sockets.of(socket);
    if (!who) return;
    const frames = framesIn(data, who, maxBytes);
    if (!Array.isArray(frames)) return close(socket, frames);
    const waiting = this.#waiting.get(socket);
    if (!waiting) return this.#run(socket, who, frames);
    waiting.units += typeof data === "string" ? data.length : 0;
    if (waiting.units > limits.waitingUnits) return close(socket, closes.tooMany);
    waiting.frames.push(...frames);
  }

  forget(socket: WebSocket): void {
    this.#waiting.delete(socket);
  }

  #run(socket: WebSocket, who: Identity, frames: readonly Parsed[]): void {
    let pending: Ask | undefined;
    const launch = () => {
      if (pending) this.#parts.ask(pending);
      pending = undefined;
    };
    for (const [at, parsed] of frames.entries()) {
      const taken = this.#take(socket, who, this.#placed(parsed));
      if (typeof taken !== "function" && pending?.conversationId === taken.conversationId) {
        pending.commands.push(...taken.commands);
        continue;
      }
      launch();
      if (typeof taken !== "function") pending = taken;
      else if (taken()) return void this.#waiting.get(socket)?.frames.push(...frames.slice(at + 1));
    }
    launch();
  }

  /** A frame that leaves its conversation out, as if it had said it, where it is known. */
  #placed(parsed: Parsed): Parsed {
    const sought = parsed.ok ? unplaced(parsed.frame) : undefined;
    const known = sought && this.#parts.places.known(sought.messageId);
    if (!sought || known === undefined) return parsed;
    return { ok: true, frame: placed(sought, known) };
  }

  /** What a frame asks of a conversation; or what answers it here. */
  #take(socket: WebSocket, who: Identity, parsed: Parsed): Ask | Step {
    const { here, places, waits } = this.#parts;
    const refused = (refusal: Refusal, ref: string | undefined) => at(() => here.refuse(socket, who, refusal, ref));
    if (!parsed.ok) return refused(parsed.refusal, parsed.ref);
    const { frame } = parsed;
    if (isForHere(frame)) return at(() => here.take(socket, who, frame));
    const sought = unplaced(frame);
    if (sought) return () => this.#begin(socket, who, sought);
    const { conversation_id: conversationId, ref } = frame;
    if (conversationId === undefined) return refused(refuse("INVALID_MESSAGE", "conversation_id is missing"), ref);
    if (frame.type === "unsubscribe") return at(() => here.unfollow(socket, who, conversationId, ref));
    const command = commandOf(frame);
    const wait = waits.refusalOf(conversationId, command.type);
    if (wait) return at(() => here.limit(socket, wait, ref));
    places.expect(command, conversationId);
    return { socket, who, conversationId, commands: [command] };
  }

  /** Looking up counts in the general limit, found or not. @returns whether it has begun */
  #begin(socket: WebSocket, who: Identity, sought: Unplaced): boolean {
    if (this.#parts.here.isOver(socket, who, sought.frame.ref)) return false;
    this.#waiting.set(socket, { frames: [], units: 0 });
    this.#parts.waitUntil(this.#seek(socket, who.user_id, sought));
    return true;
  }

  async #seek(socket: WebSocket, userId: string, sought: Unplaced): Promise<void> {
    const { sockets, places, here } = this.#parts;
    const follows = [...sockets.entries()].flatMap(([, who]) => who.follows);
    const found = await places.find(userId, sought.messageId, [...new Set(follows)]);
    const waiting = this.#waiting.get(socket);
    const who = sockets.of(socket);
    this.#waiting.delete(socket);
    if (!waiting || !who) return; // it was closed meanwhile
    if (!found.ok) here.say(socket, errorFrame(found, sought.frame.ref));
    const first: Parsed[] = found.ok ? [{ ok: true, frame: placed(sought, found.value) }] : [];
    this.#run(socket, who, [...first, ...waiting.frames]);
  }
}

/** A step that nothing waits for. */
function at(step: () => void): Step {
  return () => {
    step();
    return false;
  };
}
