/** Holding what is read in its place while rows come and go around it. */
export interface Anchor {
  key: string;
  /** Of its upper edge in the window, CSS pixels. */
  top: number;
}

const most = 12;

const rowsIn = (pane: Element) => pane.querySelectorAll<HTMLElement>("[data-row]");
const keyOf = (row: HTMLElement | undefined): string | undefined => row?.dataset.row;

/** The first row of which something is seen below a height, by halves: rows stand in order. */
function firstBelow(rows: NodeListOf<HTMLElement>, height: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) > height) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first rows in view: several, since one may be gone a moment later. */
export function anchorsIn(pane: Element): Anchor[] {
  const rows = rowsIn(pane);
  const first = firstBelow(rows, pane.getBoundingClientRect().top);
  const anchors: Anchor[] = [];
  for (let index = first; index < Math.min(rows.length, first + most); index++) {
    const row = rows[index];
    const key = keyOf(row);
    if (row && key) anchors.push({ key, top: row.getBoundingClientRect().top });
  }
  return anchors;
}

export function rowOf(pane: Element, key: string): HTMLElement | null {
  return pane.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
}

/** Scrolls so that what was in view stands where it stood. */
export function hold(pane: Element, anchors: readonly Anchor[]): void {
  for (const { key, top } of anchors) {
    const row = rowOf(pane, key);
    if (!row) continue;
    const moved = row.getBoundingClientRect().top - top;
    if (moved !== 0) pane.scrollTop += moved;
    return;
  }
}

/** The last row of which enough is seen to have been read. */
export function lastSeen(pane: Element): string | undefined {
  const enough = 24;
  const rows = rowsIn(pane);
  const end = pane.getBoundingClientRect().bottom - enough;
  let index = firstBelow(rows, end);
  const cut = rows[index];
  if (!cut || cut.getBoundingClientRect().top > end) index -= 1;
  return keyOf(rows[index]);
}

export const fromEnd = (pane: Element): number => pane.scrollHeight - pane.scrollTop - pane.clientHeight;
