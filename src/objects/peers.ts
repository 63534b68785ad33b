/**
 * Who is still there. A socket whose token has ended is closed, and one that has said nothing for too long: any frame
 * counts, and the exact pings that the runtime answers in our sleep. When a frame was heard is in memory, and now and
 * then in the attachment, which is no write to storage.
 */
import { isSilent, lookAt, notedEveryMs } from "../core/silence.ts";
import type { Config } from "../protocol/config.ts";
import { type Close, closes } from "../protocol/errors.ts";
import type { Identity, Sockets } from "./sockets.ts";

export class Peers {
  readonly #ctx: DurableObjectState;
  readonly #sockets: Sockets;
  readonly #config: Config;
  readonly #heardAt = new WeakMap<WebSocket, number>();

  constructor(ctx: DurableObjectState, sockets: Sockets, config: Config) {
    this.#ctx = ctx;
    this.#sockets = sockets;
    this.#config = config;
  }

  get #timeoutMs(): number {
    return this.#config.WS_HEARTBEAT_TIMEOUT * 1_000;
  }

  heard(socket: WebSocket): void {
    const now = Date.now();
    this.#heardAt.set(socket, now);
    const who = this.#sockets.of(socket);
    if (who && now - who.heard_at >= notedEveryMs(this.#timeoutMs)) {
      this.#sockets.identify(socket, { ...who, heard_at: now });
    }
  }

  /** Those to be closed now, and why. */
  over(): [WebSocket, Close][] {
    const now = Date.now();
    const over: [WebSocket, Close][] = [];
    for (const [socket, who] of this.#sockets.entries()) {
      if (who.expires_at <= now) over.push([socket, closes.signIn]);
      else if (isSilent(this.#lastHeard(socket, who), this.#timeoutMs, now)) over.push([socket, closes.silent]);
    }
    return over;
  }

  /** In how many ms the next of all, or of these, may be over; infinity where there is none. */
  nextOverMs(sockets: Iterable<[WebSocket, Identity]> = this.#sockets.entries()): number {
    let soonest = Number.POSITIVE_INFINITY;
    for (const [socket, who] of sockets) {
      soonest = Math.min(soonest, who.expires_at, lookAt(this.#lastHeard(socket, who), this.#timeoutMs));
    }
    return Math.max(1_000, soonest - Date.now());
  }

  #lastHeard(socket: WebSocket, { heard_at }: Identity): number {
    const pingedAt = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
    return Math.max(pingedAt, this.#heardAt.get(socket) ?? heard_at + notedEveryMs(this.#timeoutMs));
  }
}
