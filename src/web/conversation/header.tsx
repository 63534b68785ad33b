import type { RoomState } from "../../client/api.ts";
import type { Conversation } from "../../protocol/conversations.ts";
import { conversationName } from "../names.ts";
import { go, goUp } from "../navigation.ts";
import { language, useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { usePhone, useValue } from "../ui/hooks.ts";
import { usePresence } from "../ui/presence.ts";
import { seenText } from "./format.ts";
import { Dots, typingText } from "./typing-line.tsx";

interface HeaderProps {
  id: string;
  conversation: Conversation | undefined;
  state: RoomState;
}

export function Header({ id, conversation, state }: HeaderProps) {
  const say = useText();
  const isPhone = usePhone();
  const openDetails = () => go({ at: "conversation", id, hasDetails: true });
  const isOnline = usePeer(conversation?.peer?.id)?.online === true;
  return (
    <header class="conversation-head">
      {conversation && <h1 class="hidden">{conversationName(say, conversation)}</h1>}
      {isPhone && <IconButton icon="back" label={say("common.back")} onClick={goUp} />}
      {conversation ? (
        <button type="button" class="who" title={say("conversation.open")} onClick={openDetails}>
          <Avatar
            id={conversation.peer?.id ?? id}
            name={conversationName(say, conversation)}
            url={conversation.peer?.avatar_url ?? conversation.avatar_url}
            size={40}
            isOnline={isOnline}
          />
          <span class="who-text">
            <strong>{conversationName(say, conversation)}</strong>
            <SecondLine conversation={conversation} state={state} />
          </span>
        </button>
      ) : (
        <span class="who" />
      )}
      <IconButton icon="search" label={say("conversation.search")} onClick={openDetails} />
      <IconButton icon="info" label={say("conversation.open")} onClick={openDetails} />
    </header>
  );
}

function SecondLine({ conversation, state }: { conversation: Conversation; state: RoomState }) {
  const say = useText();
  const isDialog = conversation.kind === "dialog";
  const peer = <PeerLine id={conversation.peer?.id} />;
  if (state.typing.length > 0)
    return (
      <span class="second typing">
        {isDialog ? say("conversation.typing") : typingText(say, state.typing)} <Dots />
      </span>
    );
  if (isDialog) return peer;
  if (state.status === "gone") return null; // what is known of it is no longer so
  const members = say("conversation.members", { count: conversation.member_count });
  const count = state.online.size;
  return <span class="second">{count > 1 ? say("conversation.membersOnline", { members, count }) : members}</span>;
}

function PeerLine({ id }: { id: string | undefined }) {
  const say = useText();
  const chosen = useValue(language);
  const presence = usePeer(id);
  const seen = presence?.last_seen;
  const when = seen === undefined ? "" : seenText(chosen, new Date(seen), new Date());
  const text = presence?.online ? say("conversation.online") : when && say("conversation.lastSeen", { when });
  return <span class="second">{text}</span>;
}

function usePeer(id = "") {
  return usePresence(id ? [id] : []).get(id);
}
