import { limits } from "../protocol/limits.ts";

/** What a reader was sent and has not shown to have. */
export interface Behind {
  /** Of all frames, since it last said anything. */
  unheardBytes: number;
  /** Live events since the last one it acknowledged; undefined for one that acknowledges nothing. */
  unacked?: { events: number; bytes: number };
}

export function isTooSlow({ unheardBytes, unacked }: Behind): boolean {
  if (unheardBytes > limits.unheardBytes) return true;
  return unacked !== undefined && (unacked.events > limits.behindEvents || unacked.bytes > limits.behindBytes);
}
