/** Frames of a user socket that enter no conversation: answered by the user's object itself, within its general limit. */
import type { Services } from "../connect.ts";
import type { Refusal } from "../protocol/errors.ts";
import { type ClientFrame, errorFrame, frameText, type ServerFrame } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import { freshen } from "./door.ts";
import type { Meter } from "./meter.ts";
import type { Replies } from "./replies.ts";
import { deliver, type Identity, type Sockets } from "./sockets.ts";
import type { PresenceFrame } from "./watches.ts";
import type { Watching } from "./watching.ts";

export interface HereParts {
  sockets: Sockets;
  services: Services;
  meter: Meter;
  replies: Replies;
  watching: Watching;
  /** A socket is gone, or somebody looks at it, or away. */
  moved(): void;
  /** A socket has a fresh token. */
  renewed(): void;
  /** A frame was refused for its rate. */
  refused(socket: WebSocket): void;
  waitUntil(promise: Promise<unknown>): void;
}

type Own = "ping" | "auth" | "presence" | "client_state";
export type HereFrame = Extract<ClientFrame, { type: Own }>;

const own: ReadonlySet<string> = new Set<Own>(["ping", "auth", "presence", "client_state"]);

export function isForHere(frame: ClientFrame): frame is HereFrame {
  return own.has(frame.type);
}

export class Here {
  readonly #parts: HereParts;

  constructor(parts: HereParts) {
    this.#parts = parts;
  }

  take(socket: WebSocket, who: Identity, frame: HereFrame): void {
    const { waitUntil } = this.#parts;
    if (frame.type === "ping") this.#answer(socket, who, frame.ref, { type: "pong", ...refOf(frame.ref) });
    else if (frame.type === "auth") waitUntil(this.#reauthenticate(socket, frame));
    else if (frame.type === "presence") this.#look(socket, who, frame);
    else this.#attend(socket, who, frame);
  }

  /** Refuses a frame, unless it is one too many. */
  refuse(socket: WebSocket, who: Identity, refusal: Refusal, ref: string | undefined): void {
    if (!this.isOver(socket, who, ref)) this.say(socket, errorFrame(refusal, ref));
  }

  /** Takes a frame from the user's general bucket. @returns whether it was one too many, which is then said */
  isOver(socket: WebSocket, { user_id }: Identity, ref: string | undefined): boolean {
    const limited = this.#parts.meter.take(user_id, "general", Date.now());
    if (limited) this.limit(socket, limited, ref);
    return limited !== undefined;
  }

  /** Refuses a frame for its rate. */
  limit(socket: WebSocket, refusal: Refusal, ref: string | undefined): void {
    this.say(socket, errorFrame(refusal, ref));
    this.#parts.refused(socket);
  }

  /** Behind the answers that are out. */
  say(socket: WebSocket, text: string): void {
    this.#parts.replies.say(socket, () => deliver(socket, text));
  }

  unfollow(socket: WebSocket, who: Identity, conversationId: string, ref: string | undefined): void {
    if (this.isOver(socket, who, ref)) return;
    this.#parts.replies.say(socket, () => this.#parts.sockets.follow(socket, conversationId, false));
  }

  #answer(socket: WebSocket, who: Identity, ref: string | undefined, frame: ServerFrame): void {
    if (!this.isOver(socket, who, ref)) this.say(socket, frameText(frame));
  }

  #look(socket: WebSocket, who: Identity, frame: PresenceFrame): void {
    const { replies, watching, waitUntil } = this.#parts;
    if (this.isOver(socket, who, frame.ref)) return;
    waitUntil(replies.sayWhen(socket, watching.ask(socket, who.user_id, frame)));
  }

  #attend(socket: WebSocket, who: Identity, { state, ref }: Extract<HereFrame, { type: "client_state" }>): void {
    if (this.isOver(socket, who, ref)) return;
    if (this.#parts.sockets.attend(socket, state === "active")) this.#parts.moved();
  }

  async #reauthenticate(socket: WebSocket, { token, ref }: Extract<HereFrame, { type: "auth" }>): Promise<void> {
    const { sockets, services } = this.#parts;
    const fresh = await freshen(sockets, services, socket, token);
    const who = sockets.of(socket);
    if (!fresh || !who) return;
    if (!fresh.ok) return this.refuse(socket, who, fresh, ref);
    this.#parts.renewed();
    const { user_id, user_name, expires_at } = fresh.value;
    const success = { type: "auth_success" as const, user_id, user_name, expires_at: isoTime(expires_at) };
    this.#answer(socket, who, ref, { ...success, ...refOf(ref) });
  }
}

function refOf(ref: string | undefined): { ref?: string } {
  return ref === undefined ? {} : { ref };
}
