import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { go } from "../navigation.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { useMe, useValue } from "../ui/hooks.ts";
import { useSettled } from "../ui/pages.ts";
import { ConversationList } from "./conversation-list.tsx";
import { NewConversation } from "./new-conversation.tsx";
import { SearchField } from "./search-field.tsx";
import { SearchResults } from "./search-results.tsx";
import { searchText } from "./search-text.ts";
import { walk } from "./walk.ts";

const settledMs = 200;

interface ListPaneProps {
  /** The conversation that is open. */
  chosen: string | undefined;
  /** At its edge. */
  children?: ComponentChildren;
}

export function ListPane({ chosen, children }: ListPaneProps) {
  const say = useText();
  const [isNew, setNew] = useState(false);
  const ref = useRef<HTMLElement>(null);
  const text = useValue(searchText).trim();
  const query = useSettled(text, settledMs);
  return (
    <nav
      ref={ref}
      class="pane list"
      aria-label={say("list.title")}
      onKeyDown={(event) => walk(event, ref.current, () => searchText.set(""))}
    >
      <header class="list-head">
        <OwnAvatar />
        <SearchField />
        <IconButton icon="plus" label={say("list.newConversation")} onClick={() => setNew(true)} />
      </header>
      {text && <SearchResults query={query} />}
      <div class="list-body" hidden={text !== ""}>
        <ConversationList chosen={chosen} onNew={() => setNew(true)} />
      </div>
      {isNew && <NewConversation onClose={() => setNew(false)} />}
      {children}
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
