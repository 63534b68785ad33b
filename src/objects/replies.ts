/** What keeps the answers of a user socket in the order of what they answer. */
import { limits } from "../protocol/limits.ts";

/** Says things to a socket in the order they were asked for, though some are ready later. */
export class Replies {
  readonly #last = new Map<WebSocket, Promise<void>>();

  /** At once, where no answer is out; else behind it. */
  say(socket: WebSocket, say: () => void): void {
    const last = this.#last.get(socket);
    if (last) this.#put(socket, last.then(say));
    else say();
  }

  /** When it is ready, and all before it was said. @param ready never rejects */
  async sayWhen(socket: WebSocket, ready: Promise<() => void>): Promise<void> {
    const before = this.#last.get(socket) ?? Promise.resolve();
    const turn = Promise.all([ready, before]).then(([say]) => say());
    this.#put(socket, turn);
    await turn;
  }

  #put(socket: WebSocket, turn: Promise<void>): void {
    this.#last.set(socket, turn);
    void turn.finally(() => {
      if (this.#last.get(socket) === turn) this.#last.delete(socket);
    });
  }
}

interface Awaited {
  sequence: number;
  came: () => void;
}

/** Lets a command's answer wait for the event it made, which comes by another call. */
export class Arrivals {
  readonly #awaited = new Map<string, Set<Awaited>>();

  /** Resolves when the event is here; or after a moment, since the answer is not lost for it. */
  async until(conversationId: string, sequence: number): Promise<void> {
    const waiting = this.#awaited.get(conversationId) ?? new Set<Awaited>();
    this.#awaited.set(conversationId, waiting);
    await new Promise<void>((came) => {
      const entry = { sequence, came };
      const timer = setTimeout(came, limits.ownEventMs);
      entry.came = () => {
        clearTimeout(timer);
        waiting.delete(entry);
        came();
      };
      waiting.add(entry);
    });
    if (waiting.size === 0) this.#awaited.delete(conversationId);
  }

  came(conversationId: string, sequence: number): void {
    for (const entry of [...(this.#awaited.get(conversationId) ?? [])]) if (entry.sequence <= sequence) entry.came();
  }
}
