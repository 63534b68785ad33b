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

  /** @param socket undefined: on a user socket */
  isOn(userId: string, socket: WebSocket | undefined): boolean {
    const typist = this.#typists.get(userId);
    return typist !== undefined && typist.socket === socket;
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

/** Where each user socket types: when it is gone, so is what it typed. The conversation's own timer is the net. */
export class TypedIn {
  readonly #timeoutMs: number;
  /** When it ends by itself (ms), by conversation. */
  readonly #endsAt = new Map<WebSocket, Map<string, number>>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Of several sockets, the last to begin somewhere types there. */
  begin(socket: WebSocket, conversationId: string): void {
    this.end(conversationId);
    const ends = this.#endsAt.get(socket) ?? new Map<string, number>();
    this.#endsAt.set(socket, ends.set(conversationId, Date.now() + this.#timeoutMs));
  }

  end(conversationId: string): void {
    for (const ends of this.#endsAt.values()) ends.delete(conversationId);
  }

  /** @returns where it was typing */
  closed(socket: WebSocket): string[] {
    const now = Date.now();
    const ends = [...(this.#endsAt.get(socket) ?? [])];
    this.#endsAt.delete(socket);
    return ends.filter(([, at]) => at > now).map(([conversationId]) => conversationId);
  }
}
