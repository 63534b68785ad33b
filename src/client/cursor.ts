/** The client rules of the wire: drop what is known, apply the next, hold what comes after a gap, ask for what is missing. */
import type { EventFrame, ServerFrame } from "../protocol/frames.ts";

export interface Cursor {
  epoch: string;
  /** The last sequence applied. */
  last: number;
  /** The greatest that is known to be there. */
  head: number;
  /** Events after a gap, by sequence. */
  held: ReadonlyMap<number, EventFrame>;
}

export interface Step {
  cursor: Cursor;
  /** In their order. */
  apply: EventFrame[];
  /** Heard, and not to be applied: known, or of an epoch that is over. */
  passed: EventFrame[];
  /** The epoch is not the one known: `subscribe` again. */
  isForeign?: boolean;
  /** What was missed is not replayed: the newest page is to be loaded. */
  isReset?: boolean;
}

export function cursorAt({ epoch, sequence }: { epoch: string; sequence: number }): Cursor {
  return { epoch, last: sequence, head: sequence, held: new Map() };
}

export function isBehind({ last, head }: Cursor): boolean {
  return last < head;
}

const step = (cursor: Cursor, more: Partial<Step> = {}): Step => ({ cursor, apply: [], passed: [], ...more });

/** An event. Of a conversation that was not known it is where one begins. */
export function take(cursor: Cursor | undefined, frame: EventFrame): Step {
  if (!cursor) return step(cursorAt(frame), { apply: [frame] });
  const isForeign = frame.epoch !== cursor.epoch;
  if (isForeign || frame.sequence <= cursor.last) return step(cursor, { passed: [frame], isForeign });
  const held = new Map(cursor.held).set(frame.sequence, frame);
  const apply: EventFrame[] = [];
  let { last } = cursor;
  for (let next = held.get(last + 1); next; next = held.get(last + 1)) {
    apply.push(next);
    held.delete(++last);
  }
  return step({ ...cursor, last, head: Math.max(cursor.head, frame.sequence), held }, { apply });
}

/** The answer to a `subscribe` or a `sync`. */
export function answered(
  cursor: Cursor | undefined,
  frame: Extract<ServerFrame, { type: "subscribed" | "synced" }>,
): Step {
  const isReset = frame.status === "reset";
  if (!cursor) return step(cursorAt(frame));
  if (!isReset || frame.type === "synced") return told(cursor, frame, isReset);
  return step(cursorAt(frame), { passed: [...cursor.held.values()], isReset });
}

/** That there is something up to a sequence, as a record says. */
export function told(cursor: Cursor, place: { epoch: string; sequence: number }, isReset = false): Step {
  if (isReset || place.epoch !== cursor.epoch) return step(cursor, { isForeign: true });
  return step({ ...cursor, head: Math.max(cursor.head, place.sequence) });
}
