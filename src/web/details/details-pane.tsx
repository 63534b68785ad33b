import { useEffect } from "preact/hooks";
import type { Conversation } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { go, goUp } from "../navigation.ts";
import { useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";
import { usePhone, useValue } from "../ui/hooks.ts";
import { ForMe } from "./for-me.tsx";
import { GroupHead } from "./group-head.tsx";
import { Invites } from "./invites.tsx";
import { Members } from "./members.tsx";
import { PersonHead } from "./person-head.tsx";
import { Pinned } from "./pinned.tsx";
import { may } from "./roles.ts";
import { SearchHere } from "./search-here.tsx";
import { SharedMedia } from "./shared-media.tsx";

/** What there is to know of a conversation, and what can be done with it as a whole. */
export function DetailsPane({ id }: { id: string }) {
  const say = useText();
  const isPhone = usePhone();
  const room = client.conversation(id);
  const { conversation, status } = useValue(room.state);
  useEffect(() => room.open(), [room]);
  const close = () => (isPhone ? goUp() : go({ at: "conversation", id }));
  const title = say(conversation?.kind === "dialog" ? "details.person" : "details.group");
  return (
    <aside class="pane details" aria-label={title}>
      <header class="details-bar">
        <IconButton
          icon={isPhone ? "back" : "close"}
          label={say(isPhone ? "common.back" : "common.close")}
          onClick={close}
        />
        <h2>{title}</h2>
      </header>
      <div class="details-body">
        {status === "gone" && <p class="quiet">{say("details.gone")}</p>}
        {status !== "gone" && conversation && <Parts conversation={conversation} />}
      </div>
    </aside>
  );
}

function Parts({ conversation }: { conversation: Conversation }) {
  const { kind, peer } = conversation;
  return (
    <>
      {peer ? <PersonHead peer={peer} /> : <GroupHead conversation={conversation} />}
      <ForMe conversation={conversation} />
      <SearchHere conversation={conversation} />
      <Pinned conversation={conversation} />
      <SharedMedia id={conversation.id} />
      {may(conversation, "invite") && <Invites id={conversation.id} />}
      {kind === "group" && <Members conversation={conversation} />}
    </>
  );
}
