import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Room } from "../../client/api.ts";
import { lastSeen } from "./anchors.ts";
import type { Row } from "./rows.ts";

const calmMs = 300;

const isWatched = () => document.visibilityState === "visible" && document.hasFocus();

/** Tells how far one has read: what stood in view for a moment, in a page one looks at. @returns to be called when that may have changed */
export function useSeen(
  room: Room,
  rows: readonly Row[],
  userId: string,
  pane: RefObject<HTMLElement | null>,
): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(rows);
  latest.current = rows;
  const mark = () => {
    if (!pane.current || !isWatched()) return;
    const sequence = newestOf(latest.current, lastSeen(pane.current), userId);
    if (sequence > (room.state.value.me?.read ?? 0)) room.markRead(sequence);
  };
  const look = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(mark, calmMs);
  };
  useEffect(() => {
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer.current);
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return look;
}

/** The last message of somebody else's, up to a row. */
function newestOf(rows: readonly Row[], key: string | undefined, userId: string): number {
  const end = rows.findIndex((row) => row.key === key) + 1;
  const row = rows.slice(0, end).findLast((one) => one.kind === "message" && one.message.sender_id !== userId);
  return row?.kind === "message" ? row.message.sequence : 0;
}
