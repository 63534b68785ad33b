/** The list in its parts, and what became of the order. */
import type { ListItem } from "../../client/api.ts";

export interface Sections {
  pinned: ListItem[];
  others: ListItem[];
  /** Behind one row, in the order of lists, too. */
  archived: ListItem[];
}

/** @param items in the order of lists */
export function sectionsOf(items: readonly ListItem[]): Sections {
  const {
    pinned = [],
    others = [],
    archived = [],
  } = Object.groupBy(items, ({ conversation: { me } }) => (me.archived ? "archived" : me.pinned ? "pinned" : "others"));
  return { pinned, others, archived };
}

export interface Move {
  id: string;
  /** Rows it has risen by. */
  by: number;
}

/** The one row that has risen past others; undefined where none has, or more than one. @param before ids, in order */
export function risen(before: readonly string[], after: readonly string[]): Move | undefined {
  const was = new Map(before.map((id, index) => [id, index]));
  const isThere = new Set(after);
  const gone = before.filter((id) => !isThere.has(id)).length;
  const moves = after.flatMap((id, index): Move[] => {
    const from = was.get(id);
    return from !== undefined && from > index ? [{ id, by: from - index }] : [];
  });
  const [only, another] = moves;
  return gone === 0 && only && !another ? only : undefined;
}

export interface Stretch {
  from: number;
  /** The first that is not in it. */
  to: number;
}

const step = 10; // rows: it changes seldom while one scrolls

/** The rows to be drawn: those in view, and some more on both sides. */
export function rowsInView(view: { top: number; height: number; rowHeight: number; count: number }): Stretch {
  const first = Math.floor(view.top / view.rowHeight / step) * step;
  const last = Math.ceil((view.top + view.height) / view.rowHeight / step) * step;
  return { from: Math.max(0, first - step), to: Math.min(view.count, last + step) };
}
