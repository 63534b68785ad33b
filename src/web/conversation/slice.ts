/** Which part of a long history is on the page: it grows before one comes to its edge, and is cut when one rests. */
import type { Row } from "./rows.ts";

/** Rows on either side of what is read: more than any screen shows, and few enough to be drawn at once. */
const reach = 80;
/** Rows from an edge at which there are more of them: about two screens. */
const near = reach / 2;
/** So many more than needed may stand until one rests, and never more than that. */
const slack = 20;
const most = 240;

/** The rows that are drawn, by the keys of the first and the last; undefined, or gone: as far as there are rows. */
export interface Span {
  first: string | undefined;
  last: string | undefined;
}

export interface Slice {
  from: number;
  to: number;
}

export function sliceOf(rows: readonly Row[], { first, last }: Span): Slice {
  const from =
    first === undefined
      ? 0
      : Math.max(
          0,
          rows.findIndex(({ key }) => key === first),
        );
  const to = last === undefined ? rows.length : rows.findIndex(({ key }) => key === last) + 1;
  return { from, to: to > from ? to : rows.length };
}

function spanOf(rows: readonly Row[], from: number, to: number): Span {
  return {
    first: from > 0 ? rows[from]?.key : undefined,
    last: to < rows.length ? rows[to - 1]?.key : undefined,
  };
}

export const atEnd = (rows: readonly Row[]): Span => spanOf(rows, rows.length - 2 * reach, rows.length);

export function around(rows: readonly Row[], key: string): Span {
  const at = rows.findIndex((row) => row.key === key);
  return at < 0 ? atEnd(rows) : spanOf(rows, at - reach, at + reach);
}

/** More at an edge that what is seen has come near to; else the very same. */
export function grown(rows: readonly Row[], span: Span, seen: string): Span {
  const { from, to } = sliceOf(rows, span);
  const at = rows.findIndex(({ key }) => key === seen);
  if (at < 0) return span;
  if (from > 0 && at - from < near) return spanOf(rows, from - near, Math.min(to, from - near + most));
  if (to < rows.length && to - at < near) return spanOf(rows, Math.max(from, to + near - most), to + near);
  return span;
}

/** Less, where far more is drawn than is needed; else the very same. */
export function cut(rows: readonly Row[], span: Span, seen: string | undefined): Span {
  const { from, to } = sliceOf(rows, span);
  if (to - from <= 2 * reach + slack) return span;
  return seen === undefined ? atEnd(rows) : around(rows, seen);
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
