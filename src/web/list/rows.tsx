import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ListItem } from "../../client/api.ts";
import { client } from "../client.ts";
import { usePresence } from "../ui/presence.ts";
import type { OpenMenu } from "./conversation-menu.tsx";
import { ConversationRow, type ConversationRowProps } from "./conversation-row.tsx";
import { risen, rowsInView, type Stretch } from "./sections.ts";

const rowHeight = 68;
const virtualFrom = 200; // rows: fewer are all drawn
const watchedMost = 100;

interface RowsProps {
  items: readonly ListItem[];
  label: string;
  chosen: string | undefined;
  hasMore: boolean;
  onMenu(open: OpenMenu): void;
  /** Below the last row. */
  children?: ComponentChildren;
}

export function Rows({ items, label, chosen, hasMore, onMenu, children }: RowsProps) {
  const ref = useRef<HTMLDivElement>(null);
  const view = useView(ref, items.length, hasMore);
  const presence = usePresence(peersOf(items.slice(view.from, view.to)));
  useRise(ref, items);
  const drawn = items.length > virtualFrom ? view : { from: 0, to: items.length };
  const lastPinned = items.findLastIndex(({ conversation }) => conversation.me.pinned);
  return (
    <div class="rows" ref={ref}>
      <ul aria-label={label} style={{ paddingTop: space(drawn.from), paddingBottom: space(items.length - drawn.to) }}>
        {items.slice(drawn.from, drawn.to).map((item, index) => (
          <MemoRow
            key={item.conversation.id}
            item={item}
            isChosen={item.conversation.id === chosen}
            isOnline={presence.get(item.conversation.peer?.id ?? "")?.online === true}
            isLastPinned={drawn.from + index === lastPinned && lastPinned < items.length - 1}
            onMenu={onMenu}
          />
        ))}
      </ul>
      {children}
    </div>
  );
}

const space = (rows: number) => `${Math.max(0, rows) * rowHeight}px`;

/** Which rows are in view; near the end, more are loaded. */
function useView(ref: { current: HTMLElement | null }, count: number, hasMore: boolean): Stretch {
  const [view, setView] = useState<Stretch>({ from: 0, to: 20 });
  useEffect(() => {
    const pane = ref.current;
    if (!pane) return;
    const look = () => {
      const { scrollTop: top, clientHeight: height } = pane;
      const next = rowsInView({ top, height, rowHeight, count });
      setView((before) => (before.from === next.from && before.to === next.to ? before : next));
      // What fails is asked for again by the next scroll.
      if (hasMore && next.to >= count) client.conversations.loadMore().catch(() => undefined);
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(pane);
    pane.addEventListener("scroll", look, { passive: true });
    return () => {
      resized.disconnect();
      pane.removeEventListener("scroll", look);
    };
  }, [count, hasMore]);
  return view;
}

/** Whose dialogs they are. */
const peersOf = (items: readonly ListItem[]) =>
  items.flatMap(({ conversation: { peer } }) => (peer ? [peer.id] : [])).slice(0, watchedMost);

/** Drawn again only when something of its own has changed: a list has hundreds. */
function MemoRow(props: ConversationRowProps) {
  const { item, isChosen, isOnline, isLastPinned, onMenu } = props;
  return useMemo(() => <ConversationRow {...props} />, [item, isChosen, isOnline, isLastPinned, onMenu]);
}

const easing = "cubic-bezier(0.2, 0, 0, 1)";
const riseMs = 160;

/** The row that has risen is seen to: all others are where they belong at once. */
function useRise(ref: { current: HTMLElement | null }, items: readonly ListItem[]): void {
  const ids = items.map(({ conversation }) => conversation.id);
  const before = useRef(ids);
  useLayoutEffect(() => {
    const move = risen(before.current, ids);
    before.current = ids;
    const row = move && ref.current?.querySelector(`[data-id="${move.id}"]`);
    if (!row || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const way = Math.min(move.by * rowHeight, ref.current?.clientHeight ?? 0);
    const from = { transform: `translateY(${way}px)`, zIndex: 1 };
    row.animate([from, { transform: "none", zIndex: 1 }], { duration: riseMs, easing });
  }, [ids.join()]);
}
