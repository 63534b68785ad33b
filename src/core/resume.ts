import { limits } from "../protocol/limits.ts";

export interface Cursor {
  epoch?: string | undefined;
  since: number;
}

/** What of the log can be replayed: events with floor < sequence <= head. */
export interface Extent {
  epoch: string;
  floor: number;
  head: number;
}

export type Resume = { status: "live" | "reset" } | { status: "recovered" | "more"; from: number; to: number };

/** What a client at `cursor` is sent: events after `from` up to `to`. A cursor without epoch is of the present one. */
export function resume(cursor: Cursor, log: Extent): Resume {
  const { since } = cursor;
  const isForeign = cursor.epoch !== undefined && cursor.epoch !== log.epoch;
  const isOutside = since < log.floor || since > log.head || log.head - since > limits.resetBehind;
  if (isForeign || isOutside) return { status: "reset" };
  if (since === log.head) return { status: "live" };
  const to = Math.min(log.head, since + limits.replayPage);
  return { status: to < log.head ? "more" : "recovered", from: since, to };
}

export type Sync = { status: "reset" } | { status: "recovered"; from: number; to: number; more: boolean };

/** What a `sync` gets: like a resume, but it may be any distance back above the floor, and end at `until`. */
export function sync(range: { since: number; until?: number | undefined }, log: Extent): Sync {
  if (range.since < log.floor || range.since > log.head) return { status: "reset" };
  const end = Math.max(range.since, Math.min(log.head, range.until ?? log.head));
  const to = Math.min(end, range.since + limits.replayPage);
  return { status: "recovered", from: range.since, to, more: to < end };
}
