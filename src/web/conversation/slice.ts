/** Which part of a long history is on the page: what is near the row in the middle of it, or the end. */
import type { Row } from "./rows.ts";

/** Rows on either side: more than any screen shows, and few enough to be drawn at once. */
const reach = 120;

export interface Slice {
  from: number;
  to: number;
}

/** @param centre a row's key; undefined, or one that is gone: the end */
export function sliceOf(rows: readonly Row[], centre: string | undefined): Slice {
  const at = centre === undefined ? -1 : rows.findIndex(({ key }) => key === centre);
  if (at < 0) return { from: Math.max(0, rows.length - 2 * reach), to: rows.length };
  return { from: Math.max(0, at - reach), to: Math.min(rows.length, at + reach) };
}

/** Whether the row in view has come so far from the centre that it should be the new one. */
export function isFar(rows: readonly Row[], centre: string | undefined, seen: string): boolean {
  const { from, to } = sliceOf(rows, centre);
  const at = rows.findIndex(({ key }) => key === seen);
  if (at < 0) return false;
  return (from > 0 && at - from < reach / 2) || (to < rows.length && to - at < reach / 2);
}

export interface Day {
  key: string;
  /** When it was; undefined above the first day, where only events are. */
  at: number | undefined;
  rows: Row[];
}

/** The rows of a slice under their days, the first day named too where the slice begins within it. */
export function daysOf(rows: readonly Row[], { from, to }: Slice): Day[] {
  const days: Day[] = [startOf(rows, from)];
  for (const row of rows.slice(from, to)) {
    if (row.kind === "day") days.push({ key: row.key, at: row.at, rows: [] });
    else days.at(-1)?.rows.push(row);
  }
  return days.filter((day) => day.rows.length > 0);
}

function startOf(rows: readonly Row[], from: number): Day {
  const row = rows.slice(0, from).findLast(({ kind }) => kind === "day");
  return row?.kind === "day" ? { key: row.key, at: row.at, rows: [] } : { key: "day", at: undefined, rows: [] };
}
