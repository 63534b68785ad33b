/** Who is typing now, in memory: a sleeping object has nobody, since its timer keeps it awake. */

interface Typist {
  /** ms */
  endsAt: number;
  /** The direct socket they type on; undefined for a user socket, whose object tells of its end. */
  socket: WebSocket | undefined;
}

export class Typing {
  readonly #typists = new Map<string, Typist>();
  readonly #timeoutMs: number;
  readonly #over: (userId: string) => void;
  #timer: number | undefined;

  /** @param over is told of each who has not gone on for so long, or whose socket is gone */
  constructor(timeoutMs: number, over: (userId: string) => void) {
    this.#timeoutMs = timeoutMs;
    this.#over = over;
  }

  has(userId: string): boolean {
    return this.#typists.has(userId);
  }

  begin(userId: string, socket: WebSocket | undefined): void {
    this.#typists.set(userId, { endsAt: Date.now() + this.#timeoutMs, socket });
    this.#timer ??= setTimeout(() => this.#look(), this.#timeoutMs);
  }

  end(userId: string): void {
    this.#typists.delete(userId);
  }

  closed(socket: WebSocket): void {
    for (const [userId, typist] of this.#typists) if (typist.socket === socket) this.#end(userId);
  }

  #end(userId: string): void {
    this.#typists.delete(userId);
    this.#over(userId);
  }

  /** One timer for all, set again for who has the least left. */
  #look(): void {
    const now = Date.now();
    const left = [...this.#typists].map(([userId, { endsAt }]) => ({ userId, ms: endsAt - now }));
    for (const { userId, ms } of left) if (ms <= 0) this.#end(userId);
    const next = Math.min(...left.map(({ ms }) => ms).filter((ms) => ms > 0));
    this.#timer = Number.isFinite(next) ? setTimeout(() => this.#look(), next) : undefined;
  }
}

/** Where each user socket has begun to type: when it is gone, so is what it typed. The conversation's own timer is the net. */
export class TypedIn {
  readonly #conversations = new Map<WebSocket, Set<string>>();

  begin(socket: WebSocket, conversationId: string): void {
    this.#conversations.set(socket, (this.#conversations.get(socket) ?? new Set()).add(conversationId));
  }

  /** @returns where */
  end(socket: WebSocket): string[] {
    const typedIn = [...(this.#conversations.get(socket) ?? [])];
    this.#conversations.delete(socket);
    return typedIn;
  }
}
