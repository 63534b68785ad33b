/** What is said back of a conversation: what came, and what was read. */
import type { Mine } from "../protocol/conversations.ts";
import { alarm } from "./alarm.ts";
import type { House } from "./house.ts";

const ackEveryMs = 1_000;
const readEveryMs = 300;
const unackedMost = 200; // well before the server takes one for too slow

export interface Receipts {
  /** An event was applied: acknowledged at once, and then at most once a second, or whenever many are not. */
  heard(isOwn: boolean): void;
  /** What a record says: what came while one was away is acknowledged by knowing of it. */
  known(me: Mine): void;
  mark(sequence: number): void;
  /** Up to where it was read, until the server has confirmed it; else 0. */
  isMarking(): number;
  confirmed(sequence: number): void;
  /** @param afterMs when it may be said again */
  refused(afterMs: number): void;
  connected(): void;
  /** @param isForgotten what was read need not be said any more */
  end(isForgotten: boolean): void;
}

/** @param last the last sequence that was applied */
export function createReceipts(conversation_id: string, house: House, last: () => number): Receipts {
  let acked = 0;
  let wanted = 0;
  let said = 0;
  const acking = alarm(() => acknowledge());
  const marking = alarm(() => sayRead());

  function acknowledge(): void {
    const sequence = last();
    if (sequence <= acked || !house.say({ type: "ack", conversation_id, sequence })) return;
    acked = sequence;
    acking.set(ackEveryMs);
  }

  function sayRead(): void {
    const about = { conversation_id, sequence: wanted, ref: `read:${conversation_id}` };
    if (wanted <= said || !house.say({ type: "mark_read", ...about })) return;
    said = wanted;
    marking.set(readEveryMs);
  }

  return {
    heard(isOwn) {
      if (last() - acked >= unackedMost || !(isOwn || acking.isSet)) acknowledge();
    },
    known({ delivered, unread }) {
      acked = Math.max(acked, delivered);
      if (unread > 0) acknowledge();
    },
    mark(sequence) {
      wanted = Math.max(wanted, sequence);
      if (!marking.isSet) sayRead();
    },
    isMarking: () => wanted,
    confirmed(sequence) {
      if (sequence >= wanted) wanted = 0;
    },
    refused(afterMs) {
      said = 0;
      marking.set(afterMs);
    },
    connected() {
      said = 0;
      sayRead();
    },
    end(isForgotten) {
      if (isForgotten) wanted = 0;
      acking.clear();
      marking.clear();
    },
  };
}
