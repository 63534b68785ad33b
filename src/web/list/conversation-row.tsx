import { useRef } from "preact/hooks";
import type { ListItem } from "../../client/api.ts";
import { client } from "../client.ts";
import { conversationName } from "../names.ts";
import { addressOf, go } from "../navigation.ts";
import { language, useText } from "../texts/text.ts";
import { shortTime } from "../times.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { useMe, usePart, useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import type { OpenMenu } from "./conversation-menu.tsx";
import { isMuted, tickOf } from "./last-words.ts";
import { RowWords } from "./row-words.tsx";
import { useLongPress } from "./use-long-press.ts";

export interface ConversationRowProps {
  item: ListItem;
  isChosen: boolean;
  isOnline: boolean;
  /** The last of the pinned ones: a hairline follows. */
  isLastPinned: boolean;
  onMenu(open: OpenMenu): void;
}

export function ConversationRow({ item, isChosen, isOnline, isLastPinned, onMenu }: ConversationRowProps) {
  const say = useText();
  const { conversation } = item;
  const { id } = conversation;
  const name = conversationName(say, conversation);
  const openMenu = (at: OpenMenu["at"]) => onMenu({ conversation, at, step: "choices" });
  const press = useLongPress(openMenu);
  const row = useRef<HTMLLIElement>(null);
  return (
    <li ref={row} data-id={id} class={`row${isChosen ? " chosen" : ""}${isLastPinned ? " last-pinned" : ""}`}>
      <a
        {...press.handlers}
        href={addressOf({ at: "conversation", id })}
        {...(isChosen && { "aria-current": "page" })}
        draggable={false}
        onContextMenu={(event) => {
          event.preventDefault();
          openMenu(event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : rectOf(row.current));
        }}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          if (!press.wasLong()) go({ at: "conversation", id });
        }}
      >
        <Avatar
          id={conversation.peer?.id ?? id}
          name={name}
          url={conversation.peer?.avatar_url ?? conversation.avatar_url}
          isOnline={isOnline}
        />
        <RowText item={item} name={name} isChosen={isChosen} isOnline={isOnline} />
      </a>
      <IconButton
        class="row-menu"
        icon="more"
        size={20}
        label={say("list.actions", { name })}
        aria-haspopup="menu"
        onClick={(event) => openMenu(event.currentTarget.getBoundingClientRect())}
      />
    </li>
  );
}

const rectOf = (element: HTMLElement | null) => element?.getBoundingClientRect() ?? { x: 0, y: 0 };

interface RowTextProps {
  item: ListItem;
  name: string;
  isChosen: boolean;
  isOnline: boolean;
}

function RowText({ item, name, isChosen, isOnline }: RowTextProps) {
  const say = useText();
  const me = useMe();
  const { conversation } = item;
  const pending = usePart(client.conversation(conversation.id).state, (room) => room.pending.at(-1));
  const muted = isMuted(conversation, Date.now());
  const tick = pending ? (pending.state === "failed" ? "failed" : "waiting") : tickOf(item, me.id);
  return (
    <span class="row-text">
      <span class="row-line">
        <span class="row-name" dir="auto">
          {name}
        </span>
        {isOnline && <span class="hidden">{say("list.online")}</span>}
        {muted && <Marked icon="bellOff" text={say("list.muted")} />}
        <RowTime item={item} pendingAt={pending?.entry.created_at} />
      </span>
      <span class="row-line">
        <RowWords item={item} pending={pending} tick={tick} isChosen={isChosen} />
        {conversation.me.pinned && <Marked icon="pin" text={say("list.pinned")} />}
        <Unread count={conversation.me.unread} isMuted={muted} />
      </span>
    </span>
  );
}

function Marked({ icon, text }: { icon: "bellOff" | "pin"; text: string }) {
  return (
    <span class="row-mark">
      <Icon name={icon} size={16} />
      <span class="hidden">{text}</span>
    </span>
  );
}

function RowTime({ item: { conversation }, pendingAt }: { item: ListItem; pendingAt: number | undefined }) {
  const chosen = useValue(language);
  const time = new Date(pendingAt ?? conversation.last_message?.created_at ?? conversation.created_at);
  return <time dateTime={time.toISOString()}>{shortTime(time, new Date(), chosen)}</time>;
}

function Unread({ count, isMuted }: { count: number; isMuted: boolean }) {
  const say = useText();
  if (count === 0) return null;
  return (
    <span class={`pill${isMuted ? " muted" : ""}`}>
      <span aria-hidden="true">{count > 999 ? "999+" : count}</span>
      <span class="hidden">{say("list.unread", { count })}</span>
    </span>
  );
}
