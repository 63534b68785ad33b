import { useMemo } from "preact/hooks";
import type { Room, RoomEvent } from "../../client/api.ts";
import { useText } from "../texts/text.ts";
import { useValue } from "../ui/hooks.ts";
import { Bubble } from "./bubble.tsx";
import type { Deeds } from "./deeds.ts";
import { eventText } from "./events.ts";
import { PendingBubble } from "./pending-bubble.tsx";
import { askFor, people as everyone } from "./people.ts";
import type { MessageRow, Row } from "./rows.ts";
import { tickOf } from "./ticks.ts";

/** What all rows of a history share. */
export interface Around {
  room: Room;
  userId: string;
  isGroup: boolean;
  /** How far all the others have got. */
  reach: { delivered: number; read: number };
  glowing: string | undefined;
  tabStop: string | undefined;
  deeds: Deeds;
}

export function RowView({ row, around }: { row: Row; around: Around }) {
  const say = useText();
  const { room, deeds, userId } = around;
  if (row.kind === "message") return <MemoBubble row={row} around={around} />;
  if (row.kind === "pending")
    return (
      <PendingBubble pending={row.pending} place={row} isTabStop={around.tabStop === row.key} {...{ room, deeds }} />
    );
  if (row.kind === "unread")
    return (
      <p class="unread-line" data-row={row.key}>
        <span>{say("conversation.unread")}</span>
      </p>
    );
  if (row.kind === "day") return null; // its section names it
  return <EventLine rowKey={row.key} event={row.event} userId={userId} />;
}

function EventLine({ rowKey, event, userId }: { rowKey: string; event: RoomEvent; userId: string }) {
  const say = useText();
  const people = useValue(everyone);
  const nameOf = (id: string) => {
    askFor(id);
    return id === userId ? say("common.you") : people.get(id)?.name || say("conversation.somebody");
  };
  const { key, given } = eventText(event, nameOf);
  return (
    <p class="event" data-row={rowKey}>
      {say(key, given)}
    </p>
  );
}

/** Drawn again only when something of its own has changed: a history has hundreds. */
function MemoBubble({ row, around }: { row: MessageRow; around: Around }) {
  const { message, isFirst, isLast, key } = row;
  const { room, userId, isGroup, deeds } = around;
  const tick = message.sender_id === userId && !message.is_deleted ? tickOf(message.sequence, around.reach) : undefined;
  const isGlowing = around.glowing === key;
  const isTabStop = around.tabStop === key;
  return useMemo(
    () => (
      <Bubble {...{ message, room, userId, isGroup, tick, isGlowing, isTabStop, deeds }} place={{ isFirst, isLast }} />
    ),
    [message, isFirst, isLast, room, userId, isGroup, tick, isGlowing, isTabStop, deeds],
  );
}
