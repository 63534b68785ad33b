/**
 * Receipts are told a moment after the command was answered, those of all members together: the newest of each member and
 * kind. In memory only: the watermarks themselves are stored with the command, and in the next `subscribed`.
 */
import { told } from "../core/receipts.ts";
import type { Receipt, Room } from "../core/view.ts";
import { limits } from "../protocol/limits.ts";
import { inboxOf } from "./answers.ts";
import type { Fanout } from "./fanout.ts";
import type { Log } from "./log.ts";
import { type Acting, type Passed, passOn } from "./passing.ts";
import type { Peers } from "./peers.ts";
import type { Outgoing, Sockets } from "./sockets.ts";

interface Owed {
  receipt: Receipt;
  acting: Acting;
}

export interface ReceiptParts {
  log: Log;
  sockets: Sockets;
  peers: Peers;
  fanout: Fanout;
}

export class Receipts {
  readonly #log: Log;
  readonly #sockets: Sockets;
  readonly #peers: Peers;
  readonly #fanout: Fanout;
  readonly #owed = new Map<string, Owed>();
  #timer: number | undefined;

  constructor({ log, sockets, peers, fanout }: ReceiptParts) {
    this.#log = log;
    this.#sockets = sockets;
    this.#peers = peers;
    this.#fanout = fanout;
  }

  /** One timer for all: it keeps the object awake until they are told. */
  owe(receipt: Receipt, acting: Acting): void {
    this.#owed.set(`${receipt.kind} ${receipt.user_id}`, { receipt, acting });
    this.#timer ??= setTimeout(() => this.#over(), limits.receiptsMs);
  }

  /** Beyond so many, the others wait once more: in a crowd, fewer and newer ones are told. */
  #over(): void {
    const due = [...this.#owed].slice(0, limits.receiptsAtOnce);
    for (const [key] of due) this.#owed.delete(key);
    this.#timer = this.#owed.size > 0 ? setTimeout(() => this.#over(), limits.receiptsMs) : undefined;
    if (this.#log.room)
      this.#tell(
        this.#log.room,
        due.map(([, owed]) => owed),
      );
  }

  #tell(room: Room, owed: readonly Owed[]): void {
    const outgoing: Outgoing[] = [];
    const passed: Passed[] = [];
    for (const { receipt, acting } of owed) {
      const passing = told(receipt, room);
      if (!passing) continue;
      const on = passOn(passing, acting);
      outgoing.push(on.outgoing);
      passed.push(on.passed);
      if (receipt.kind === "read" && !acting.isHub)
        this.#fanout.inbox(acting.userId, inboxOf(this.#log, acting.userId));
    }
    this.#sockets.send(outgoing);
    const texts = passed.map(({ text }) => text);
    this.#peers.backlog.told([], texts);
    this.#fanout.pass(passed);
  }
}
