/**
 * Whom the sockets of an object watch, each by its attachment, which also says what it was shown: so each change is said
 * once, over sleep too. In the object of a conversation the sockets are of many users, who see different things.
 */
import { changeFrame, newer, stateFrame, unseen } from "../core/presence.ts";
import type { Seen } from "../protocol/attendance.ts";
import type { Result } from "../protocol/errors.ts";
import { type ClientFrame, errorFrame, frameText } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import { deliver, type Sockets } from "./sockets.ts";

export type PresenceFrame = Extract<ClientFrame, { type: "presence" }>;

interface Question {
  viewerId: string;
  ids: string[];
}

export class Watches {
  readonly #sockets: Sockets;
  /** What was heard last, by who sees and who is seen; the latest last. */
  readonly #latest = new Map<string, Seen>();
  /** Questions that are out: what is heard meanwhile counts. */
  readonly #out = new Set<Question>();

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  /**
   * From now on the socket watches these, and nobody else.
   * @returns what says the answer
   */
  async ask(
    { socket, viewerId }: { socket: WebSocket; viewerId: string },
    { user_ids, ref }: PresenceFrame,
    look: (ids: string[]) => Promise<Result<Seen[]>>,
  ): Promise<() => void> {
    const question = { viewerId, ids: [...new Set(user_ids)] };
    this.#out.add(question);
    const answer = await look(question.ids);
    return () => {
      this.#out.delete(question);
      if (!answer.ok) return deliver(socket, errorFrame(answer, ref));
      const seen = new Map(answer.value.map((one) => [one.user_id, this.#note(viewerId, one)]));
      this.#watch(socket, [...seen.values()]);
      deliver(
        socket,
        frameText(
          stateFrame(
            user_ids.map((id) => seen.get(id) ?? unseen(id)),
            ref,
          ),
        ),
      );
    };
  }

  #watch(socket: WebSocket, seen: Seen[]): void {
    const who = this.#sockets.of(socket);
    const watches = Object.fromEntries(seen.map(({ user_id, online }) => [user_id, online]));
    if (who) this.#sockets.identify(socket, { ...who, watches });
  }

  /** Somebody has come or gone: sockets that watch them, and were shown otherwise, are told. @returns whether any watches them */
  hear(viewerId: string, news: Seen): boolean {
    const seen = this.#note(viewerId, news);
    const { user_id, online } = seen;
    let isWatched = this.#isAsked(viewerId, user_id);
    for (const socket of this.#sockets.ofUser(viewerId)) {
      const who = this.#sockets.of(socket);
      const shown = who?.watches[user_id];
      if (!who || shown === undefined) continue;
      isWatched = true;
      if (shown === online) continue;
      this.#sockets.identify(socket, { ...who, watches: { ...who.watches, [user_id]: online } });
      deliver(socket, frameText(changeFrame(seen)));
    }
    return isWatched;
  }

  /** All whom a user's sockets here watch, or have asked for. */
  of(viewerId: string): string[] {
    const own = this.#sockets.ofUser(viewerId).map((socket) => Object.keys(this.#sockets.of(socket)?.watches ?? {}));
    const asked = [...this.#out].filter((question) => question.viewerId === viewerId).map(({ ids }) => ids);
    return [...new Set([...own, ...asked].flat())];
  }

  #isAsked(viewerId: string, userId: string): boolean {
    return [...this.#out].some((question) => question.viewerId === viewerId && question.ids.includes(userId));
  }

  /** @returns what is known now */
  #note(viewerId: string, seen: Seen): Seen {
    const key = `${viewerId} ${seen.user_id}`;
    const latest = newer(this.#latest.get(key), seen);
    this.#latest.delete(key);
    this.#latest.set(key, latest);
    const [oldest] = this.#latest.keys();
    if (this.#latest.size > limits.watched && oldest !== undefined) this.#latest.delete(oldest);
    return latest;
  }
}
