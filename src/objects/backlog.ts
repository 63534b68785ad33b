/**
 * How far behind each reader is. `send` has no back-pressure and its queue no bound, so who does not read is found by
 * what they say: how much was sent since they last acknowledged something, or since they said anything at all.
 *
 * What is sent to all is counted once. A socket has a place in that count, and is compared with it now and then: a frame
 * costs nothing a socket. In memory only: who sleeps begins anew. A reader that is silent as well is closed as silent
 * before it has slept through this often.
 */
import { type Behind, isTooSlow } from "../core/slowness.ts";
import type { SequencedFrame } from "../protocol/deliveries.ts";
import { limits } from "../protocol/limits.ts";
import { bytesOf } from "../protocol/parsing.ts";
import type { Identity, Sockets } from "./sockets.ts";

/** What was sent to all, up to some frame. */
interface Count {
  events: number;
  eventBytes: number;
  /** Of all frames. */
  bytes: number;
}

const zero: Count = { events: 0, eventBytes: 0, bytes: 0 };

/** Where a socket was in what was sent. */
interface Place {
  acked: Count;
  heard: Count;
  /** When it sent the last exact ping we know of (ms). */
  pingedAt: number;
}

export interface Acknowledgement {
  sequence: number;
  /** An `ack`, after which more are expected; a `mark_read` says as much, but promises nothing. */
  isAck: boolean;
  conversationId?: string;
}

interface Sent {
  conversationId: string;
  sequence: number;
  upTo: Count;
}

export interface BacklogPorts {
  sockets: Sockets;
  /** When the runtime last answered an exact ping on it (ms). */
  pingedAt(socket: WebSocket): number;
  /** It is too far behind. */
  slow(socket: WebSocket): void;
}

export class Backlog {
  readonly #ports: BacklogPorts;
  readonly #places = new WeakMap<WebSocket, Place>();
  #sent = zero;
  /** As of the last comparison. */
  #compared = zero;
  /** The newest events, so that an acknowledgement is found among them. */
  #events: Sent[] = [];

  constructor(ports: BacklogPorts) {
    this.#ports = ports;
  }

  opened(socket: WebSocket): void {
    this.#places.set(socket, { acked: this.#sent, heard: this.#sent, pingedAt: 0 });
  }

  /** A frame came by it. */
  heard(socket: WebSocket): void {
    this.#placeOf(socket).heard = this.#sent;
  }

  /** It has all that was sent to it up to this event: frames stay in order, those of other conversations among them. */
  acked(socket: WebSocket, { sequence, isAck, conversationId = "" }: Acknowledgement): void {
    const who = this.#ports.sockets.of(socket);
    if (!who || !(isAck || who.acks)) return;
    const place = this.#placeOf(socket);
    const known = this.#events.findLast((sent) => sent.sequence <= sequence && sent.conversationId === conversationId);
    if (!who.acks) {
      this.#ports.sockets.identify(socket, { ...who, acks: true });
      place.acked = known?.upTo ?? this.#sent;
    } else if (known && known.upTo.events > place.acked.events) place.acked = known.upTo;
  }

  /** What went to all, or to all who follow. @param conversationId where there are several */
  told(events: readonly SequencedFrame[], passing: readonly string[], conversationId = ""): void {
    for (const { sequence, text } of events) {
      const size = bytesOf(text);
      const { events: count, eventBytes, bytes } = this.#sent;
      this.#sent = { events: count + 1, eventBytes: eventBytes + size, bytes: bytes + size };
      this.#events.push({ conversationId, sequence, upTo: this.#sent });
    }
    const { events: count, eventBytes } = this.#sent;
    const bytes = passing.reduce((sum, text) => sum + bytesOf(text), this.#sent.bytes);
    this.#sent = { events: count, eventBytes, bytes };
    const isDue =
      count - this.#compared.events >= limits.compareEvents || bytes - this.#compared.bytes >= limits.compareBytes;
    if (isDue) this.#compare();
  }

  #compare(): void {
    const slow = [...this.#ports.sockets.entries()].filter(([socket, who]) => isTooSlow(this.#behind(socket, who)));
    this.#compared = this.#sent;
    // Those before are further behind than anybody may be.
    this.#events = this.#events.slice(-limits.behindEvents - limits.compareEvents);
    for (const [socket] of slow) this.#ports.slow(socket);
  }

  #behind(socket: WebSocket, { acks }: Identity): Behind {
    const place = this.#placeOf(socket);
    const pingedAt = this.#ports.pingedAt(socket);
    // It came after the last comparison, and nobody knows when.
    if (pingedAt > place.pingedAt && place.heard.bytes < this.#compared.bytes) place.heard = this.#compared;
    place.pingedAt = pingedAt;
    return {
      unheardBytes: this.#sent.bytes - place.heard.bytes,
      ...(acks && {
        unacked: {
          events: this.#sent.events - place.acked.events,
          bytes: this.#sent.eventBytes - place.acked.eventBytes,
        },
      }),
    };
  }

  /** One that was open when the object woke begins with all that was sent since. */
  #placeOf(socket: WebSocket): Place {
    const place = this.#places.get(socket) ?? { acked: zero, heard: zero, pingedAt: 0 };
    this.#places.set(socket, place);
    return place;
  }
}
