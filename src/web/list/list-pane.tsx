import { useState } from "preact/hooks";
import { go } from "../navigation.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { useMe } from "../ui/hooks.ts";
import { ConversationList } from "./conversation-list.tsx";
import { NewConversation } from "./new-conversation.tsx";

/** @param chosen the conversation that is open */
export function ListPane({ chosen }: { chosen: string | undefined }) {
  const say = useText();
  const [isNew, setNew] = useState(false);
  return (
    <nav class="pane list" aria-label={say("list.title")}>
      <header class="list-head">
        <OwnAvatar />
        <IconButton icon="plus" label={say("list.newConversation")} onClick={() => setNew(true)} />
      </header>
      <ConversationList chosen={chosen} onNew={() => setNew(true)} />
      {isNew && <NewConversation onClose={() => setNew(false)} />}
    </nav>
  );
}

function OwnAvatar() {
  const say = useText();
  const { id, name, avatar_url } = useMe();
  const label = say("list.settings");
  return (
    <button type="button" class="own" aria-label={label} title={label} onClick={() => go({ at: "settings" })}>
      <Avatar id={id} name={name} url={avatar_url} size={36} />
    </button>
  );
}
