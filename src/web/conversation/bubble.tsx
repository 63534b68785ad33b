import { useState } from "preact/hooks";
import type { Room } from "../../client/api.ts";
import type { ShownMessage } from "../../protocol/messages.ts";
import { personName } from "../names.ts";
import { language, useText } from "../texts/text.ts";
import { clockTime } from "../times.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { usePart, useValue } from "../ui/hooks.ts";
import { Body } from "./body.tsx";
import type { Deeds } from "./deeds.ts";
import { filesOf, isFramed } from "./files.ts";
import { Mark } from "./mark.tsx";
import { MediaView } from "./media-view.tsx";
import { askFor, people } from "./people.ts";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";
import type { InGroup } from "./rows.ts";
import type { Tick } from "./ticks.ts";
import { usePress } from "./use-press.ts";
import { isBigEmoji } from "./words.ts";

interface BubbleProps {
  message: ShownMessage;
  place: InGroup;
  room: Room;
  userId: string;
  isGroup: boolean;
  /** Of one's own. */
  tick: Tick | undefined;
  isGlowing: boolean;
  /** Whether the Tab key comes to it: to the last one only, arrows lead on. */
  isTabStop: boolean;
  deeds: Deeds;
}

export function Bubble(props: BubbleProps) {
  const { message, place, userId, isGroup, isGlowing, isTabStop, deeds } = props;
  const say = useText();
  const chosen = useValue(language);
  const [isPointed, setPointed] = useState(false);
  const isMine = message.sender_id === userId;
  const name = personName(say, message.sender_name);
  const hasMenu = !message.is_deleted;
  const press = usePress((at) => hasMenu && deeds.menu(message, at));
  return (
    <article
      class={`said ${isMine ? "mine" : "theirs"}${place.isFirst ? " first" : ""}${place.isLast ? " last" : ""}${isGlowing ? " glow" : ""}`}
      data-row={message.id}
      tabIndex={isTabStop ? 0 : -1}
      aria-label={`${isMine ? say("common.you") : name}, ${clockTime(new Date(message.created_at), chosen)}`}
      onPointerEnter={({ pointerType }) => pointerType === "mouse" && setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.target !== event.currentTarget || !hasMenu) return;
        event.preventDefault();
        deeds.menu(message, event.currentTarget.getBoundingClientRect());
      }}
    >
      {isGroup && !isMine && (
        <span class="face">{place.isFirst && <Face userId={message.sender_id} name={name} />}</span>
      )}
      <div class="column">
        <div class={`bubble${!message.is_deleted && isFramed(filesOf(message)) ? " framed" : ""}`} {...press}>
          <Inside {...props} name={name} isMine={isMine} />
        </div>
        {message.reactions && message.reactions.length > 0 && (
          <Reactions reactions={message.reactions} userId={userId} onToggle={(emoji) => deeds.react(message, emoji)} />
        )}
        {isPointed && hasMenu && <Bar message={message} deeds={deeds} />}
      </div>
    </article>
  );
}

function Inside({ message, place, room, isGroup, tick, deeds, name, isMine }: BubbleProps & Shown) {
  const say = useText();
  const files = filesOf(message);
  const { content } = message;
  const mark = <Mark at={message.created_at} isEdited={message.is_edited && !message.is_deleted} tick={tick} />;
  if (message.is_deleted)
    return (
      <p class="words deleted">
        {say("conversation.deleted")}
        {mark}
      </p>
    );
  return (
    <>
      {isGroup && !isMine && place.isFirst && <strong class="name">{name}</strong>}
      {message.forwarded_from && <Origin userId={message.forwarded_from.user_id} />}
      {message.reply_to && <Quote room={room} id={message.reply_to} onJump={deeds.jump} />}
      {files.length > 0 && <MediaView files={files} onView={(media) => deeds.view(message, media)} />}
      <p class={`words${content ? "" : " empty"}${files.length === 0 && isBigEmoji(content) ? " big" : ""}`}>
        {content && (
          <span>
            <Body text={content} />
          </span>
        )}
        {mark}
      </p>
    </>
  );
}

interface Shown {
  name: string;
  isMine: boolean;
}

function Face({ userId, name }: { userId: string; name: string }) {
  const url = usePart(people, (known) => known.get(userId)?.avatar_url);
  return <Avatar id={userId} name={name} url={url} size={32} />;
}

/** Who said it first, where that may be known. */
function Origin({ userId }: { userId: string }) {
  const say = useText();
  askFor(userId);
  const name = usePart(people, (known) => known.get(userId)?.name);
  return <p class="origin">{name ? say("conversation.forwardedFrom", { name }) : say("conversation.forwarded")}</p>;
}

/** Beside what a mouse points at. */
function Bar({ message, deeds }: { message: ShownMessage; deeds: Deeds }) {
  const say = useText();
  const open = (event: MouseEvent) => {
    if (event.currentTarget instanceof Element) deeds.menu(message, event.currentTarget.getBoundingClientRect());
  };
  return (
    <div class="message-bar">
      <IconButton icon="smile" size={20} label={say("conversation.react")} tabIndex={-1} onClick={open} />
      <IconButton
        icon="reply"
        size={20}
        label={say("conversation.reply")}
        tabIndex={-1}
        onClick={() => deeds.reply(message)}
      />
      <IconButton icon="more" size={20} label={say("conversation.actions")} tabIndex={-1} onClick={open} />
    </div>
  );
}
