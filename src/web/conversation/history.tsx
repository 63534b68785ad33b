import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Pending, Room, RoomState } from "../../client/api.ts";
import type { Conversation } from "../../protocol/conversations.ts";
import { language, useText } from "../texts/text.ts";
import { useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import { rowOf } from "./anchors.ts";
import type { Deeds } from "./deeds.ts";
import { dayText } from "./format.ts";
import { News } from "./news.tsx";
import { RowView } from "./row-view.tsx";
import { isSaid, rowsOf, type UnreadMark } from "./rows.ts";
import { Skeletons } from "./skeletons.tsx";
import { daysOf } from "./slice.ts";
import { reachOf } from "./ticks.ts";
import { TypingLine } from "./typing-line.tsx";
import { useScroll } from "./use-scroll.ts";
import { useSeen } from "./use-seen.ts";

interface HistoryProps {
  room: Room;
  state: RoomState;
  conversation: Conversation | undefined;
  userId: string;
  target: { sequence: number } | undefined;
  deeds: Deeds;
}

export function History({ room, state, conversation, userId, target, deeds }: HistoryProps) {
  const say = useText();
  const chosen = useValue(language);
  const unread = useUnreadMark(state, userId);
  const { messages, events, pending, hasOlder, readers } = state;
  const rows = useMemo(
    () => rowsOf({ messages, events, pending, hasOlder, userId, unread }),
    [messages, events, pending, hasOlder, userId, unread],
  );
  const memberCount = conversation?.member_count ?? 0;
  const reach = useMemo(() => reachOf({ readers, userId, memberCount }), [readers, userId, memberCount]);
  const pane = useRef<HTMLDivElement>(null);
  const onLook = useSeen(room, rows, userId, pane);
  const { slice, isAtEnd, glowing, onScroll, toEnd } = useScroll({
    ...{ pane, room, state, rows, unread, target, onLook },
  });
  useSent(pending, toEnd);
  const tabStop = rows.findLast(isSaid)?.key;
  const isGroup = conversation?.kind === "group";
  const around = { room, userId, isGroup, reach, glowing, tabStop, deeds };
  const isEmpty = rows.length === 0 && state.status === "live";
  return (
    <div class="history-frame">
      <div
        ref={pane}
        class="history"
        role="log"
        aria-live="off"
        aria-label={say("conversation.history")}
        aria-busy={state.status === "loading"}
        onScroll={onScroll}
        onKeyDown={(event) => moveFocus(event, pane.current)}
      >
        <div class="history-text">
          {(state.status === "loading" || state.hasOlder) && <Skeletons />}
          {isEmpty && <p class="hello">{say("conversation.sayHello")}</p>}
          {daysOf(rows, slice).map((day) => (
            <section key={day.key} class="of-day">
              {day.at !== undefined && (
                <h2 class="day">
                  <span>{dayText(chosen, new Date(day.at), new Date())}</span>
                </h2>
              )}
              {day.rows.map((row) => (
                <RowView key={row.key} row={row} around={around} />
              ))}
            </section>
          ))}
          <TypingLine typing={state.typing} />
        </div>
      </div>
      <News messages={messages} userId={userId} />
      {!isAtEnd && <ToEnd count={state.unread} onPress={toEnd} />}
    </div>
  );
}

function ToEnd({ count, onPress }: { count: number; onPress(): void }) {
  const say = useText();
  const label = count > 0 ? say("conversation.toEnd", { count }) : say("conversation.toNewest");
  return (
    <button type="button" class="to-end" aria-label={label} title={label} onClick={onPress}>
      <Icon name="down" />
      {count > 0 && <span class="count">{count > 999 ? "999+" : count}</span>}
    </button>
  );
}

/** As it was when the conversation was opened. */
function useUnreadMark({ status, me, unread }: RoomState, userId: string): UnreadMark | undefined {
  const mark = useRef<UnreadMark | "none">(undefined);
  if (mark.current === undefined && me && (status === "live" || status === "stale"))
    mark.current = unread > 0 ? { read: me.read, userId } : "none";
  return mark.current === "none" ? undefined : mark.current;
}

/** What one says is seen at once, wherever one was. */
function useSent(pending: readonly Pending[], follow: () => void): void {
  const newest = Math.max(0, ...pending.map(({ entry }) => entry.created_at));
  const known = useRef(newest);
  useLayoutEffect(() => {
    if (newest > known.current) follow();
    known.current = Math.max(known.current, newest);
  }, [newest]);
}

/** From message to message. */
function moveFocus(event: KeyboardEvent, pane: HTMLElement | null): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const { target } = event;
  if (!pane || step === undefined || event.altKey || !(target instanceof HTMLElement)) return;
  const key = target.dataset.row;
  if (key === undefined || rowOf(pane, key) !== target) return;
  const articles = [...pane.querySelectorAll<HTMLElement>("article")];
  const next = articles[articles.indexOf(target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}
