/**
 * Who is still there. A socket whose token has ended is closed, and one that has said nothing for too long: any frame
 * counts, and the exact pings that the runtime answers in our sleep. When a frame was heard is in memory, and now and
 * then in the attachment, which is no write to storage.
 */
import { isSilent, lookAt, notedEveryMs } from "../core/silence.ts";
import type { Config } from "../protocol/config.ts";
import { type Close, closes } from "../protocol/errors.ts";
import { Backlog } from "./backlog.ts";
import type { Identity, Sockets } from "./sockets.ts";

export class Peers {
  readonly #ctx: DurableObjectState;
  readonly #sockets: Sockets;
  readonly #config: Config;
  readonly #end: (socket: WebSocket, close: Close) => void;
  readonly #heardAt = new WeakMap<WebSocket, number>();
  readonly backlog: Backlog;

  /** @param end closes a socket, and all that hangs on it */
  constructor(
    ctx: DurableObjectState,
    sockets: Sockets,
    { config, end }: { config: Config; end: (socket: WebSocket, close: Close) => void },
  ) {
    this.#ctx = ctx;
    this.#sockets = sockets;
    this.#config = config;
    this.#end = end;
    this.backlog = new Backlog({
      sockets,
      pingedAt: (socket) => this.#pingedAt(socket),
      slow: (socket) => end(socket, closes.slow),
    });
  }

  get #timeoutMs(): number {
    return this.#config.WS_HEARTBEAT_TIMEOUT * 1_000;
  }

  opened(socket: WebSocket): void {
    this.#heardAt.set(socket, Date.now());
    this.backlog.opened(socket);
  }

  heard(socket: WebSocket): void {
    this.backlog.heard(socket);
    const now = Date.now();
    this.#heardAt.set(socket, now);
    const who = this.#sockets.of(socket);
    if (who && now - who.heard_at >= notedEveryMs(this.#timeoutMs)) {
      this.#sockets.identify(socket, { ...who, heard_at: now });
    }
  }

  /** Closes those who are over. */
  look(): void {
    const now = Date.now();
    for (const [socket, who] of [...this.#sockets.entries()]) {
      if (who.expires_at <= now) this.#end(socket, closes.signIn);
      else if (isSilent(this.#lastHeard(socket, who), this.#timeoutMs, now)) this.#end(socket, closes.silent);
    }
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
    return Math.max(this.#pingedAt(socket), this.#heardAt.get(socket) ?? heard_at + notedEveryMs(this.#timeoutMs));
  }
  #pingedAt(socket: WebSocket): number {
    return this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
  }
}
