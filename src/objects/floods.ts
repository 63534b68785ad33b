/** What keeps a flood cheap for everybody else: who was told to wait is not asked about until then, and who goes on is closed. */
import { type Refusal, type Result, refuse } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { bucketOf } from "./meter.ts";

/** Buckets of conversations that a user's object knows to be empty: what is sent meanwhile need not go there. */
export class Waits {
  /** ms, by conversation and bucket. */
  readonly #until = new Map<string, number>();

  /** A conversation answered a command. */
  learn(conversationId: string, type: string, result: Result<unknown>): void {
    const waitMs = result.ok || result.code !== "RATE_LIMIT_EXCEEDED" ? undefined : result.details?.retry_after_ms;
    if (waitMs === undefined) return;
    if (this.#until.size >= limits.recent) this.#until.clear();
    this.#until.set(keyOf(conversationId, type), Date.now() + waitMs);
  }

  /** @returns what the conversation would answer; undefined where it has to be asked */
  refusalOf(conversationId: string, type: string): Refusal | undefined {
    const until = this.#until.get(keyOf(conversationId, type));
    const waitMs = until === undefined ? 0 : until - Date.now();
    if (waitMs > 0) return refuse("RATE_LIMIT_EXCEEDED", "Too often; wait a little", { retry_after_ms: waitMs });
    if (until !== undefined) this.#until.delete(keyOf(conversationId, type));
    return undefined;
  }
}

function keyOf(conversationId: string, type: string): string {
  return `${conversationId} ${bucketOf(type)}`;
}

/** Sockets on which frames are refused for their rate again and again. */
export class Floods {
  readonly #refusals = new WeakMap<WebSocket, { since: number; count: number }>();

  /** A frame was refused. @returns whether it is one too many */
  refused(socket: WebSocket): boolean {
    const now = Date.now();
    const known = this.#refusals.get(socket);
    const refusals = known && now - known.since < limits.refusedMs ? known : { since: now, count: 0 };
    this.#refusals.set(socket, refusals);
    refusals.count += 1;
    return refusals.count > limits.refusedFrames;
  }
}
