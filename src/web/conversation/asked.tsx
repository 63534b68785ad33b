import type { Room } from "../../client/api.ts";
import type { ShownMessage } from "../../protocol/messages.ts";
import { useText } from "../texts/text.ts";
import { Ask } from "../ui/dialog.tsx";
import type { Spot } from "./deeds.ts";
import { ForwardDialog } from "./forward-dialog.tsx";
import type { Media } from "./media-kinds.ts";
import { type Chosen, EmojiMenu, MessageMenu } from "./message-menu.tsx";
import { ReadersDialog } from "./readers-dialog.tsx";
import type { Deed } from "./rights.ts";
import { Viewer } from "./viewer.tsx";

/** What stands over the conversation: one thing at a time. */
export type Asked =
  | { for: "menu" | "emoji"; message: ShownMessage; at: Spot }
  | { for: "forward" | "readers" | "delete"; message: ShownMessage }
  | { for: "view"; message: ShownMessage; media: Media };

interface AskedProps {
  asked: Asked;
  room: Room;
  userId: string;
  deeds: ReadonlySet<Deed>;
  isPinned: boolean;
  setAsked(asked: Asked | undefined): void;
  onChoose(deed: Chosen, message: ShownMessage): void;
  onReact(message: ShownMessage, emoji: string): void;
}

export function AskedOf({ asked, room, userId, deeds, isPinned, setAsked, onChoose, onReact }: AskedProps) {
  const say = useText();
  const { message } = asked;
  const close = () => setAsked(undefined);
  const react = (emoji: string) => onReact(message, emoji);
  switch (asked.for) {
    case "menu":
      return (
        <MessageMenu
          {...{ deeds, isPinned, at: asked.at, onClose: close, onReact: react }}
          onChoose={(deed) => onChoose(deed, message)}
          onMoreEmoji={() => setAsked({ for: "emoji", message, at: asked.at })}
        />
      );
    case "emoji":
      return <EmojiMenu at={asked.at} onReact={react} onClose={close} />;
    case "forward":
      return <ForwardDialog room={room} message={message} onClose={close} />;
    case "readers":
      return <ReadersDialog message={message} userId={userId} onClose={close} />;
    case "delete":
      return (
        <Ask
          title={say("conversation.deleteTitle")}
          text={say("conversation.deleteText")}
          verb={say("conversation.delete")}
          onYes={() => room.delete(message.id)}
          onClose={close}
        />
      );
    case "view":
      return <Viewer messages={room.state.value.messages} media={asked.media} onClose={close} />;
  }
}
