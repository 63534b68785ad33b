import { useEffect } from "preact/hooks";
import type { FoundMessage } from "../../protocol/messages.ts";
import { client } from "../client.ts";
import { conversationName, personName } from "../names.ts";
import { go } from "../navigation.ts";
import { language, useText } from "../texts/text.ts";
import { shortTime } from "../times.ts";
import { Avatar } from "../ui/avatar.tsx";
import { useMe, useValue } from "../ui/hooks.ts";
import { Marked } from "./marked.tsx";

/** A press leads to where it was said. */
export function MessageResult({ message }: { message: FoundMessage }) {
  const say = useText();
  const me = useMe();
  const chosen = useValue(language);
  const { conversation_id: id, sequence, snippet } = message;
  const room = useRecord(id);
  const name = room ? conversationName(say, room) : "";
  const time = new Date(message.created_at);
  const speaker = message.sender_id === me.id ? say("list.yours") : `${personName(say, message.sender_name)}:`;
  return (
    <li>
      <button type="button" class="result" onClick={() => go({ at: "conversation", id, sequence })}>
        <Avatar id={room?.peer?.id ?? id} name={name} url={room?.peer?.avatar_url ?? room?.avatar_url} />
        <span class="row-text">
          <span class="row-line">
            <span class="row-name" dir="auto">
              {name}
            </span>
            <time dateTime={message.created_at}>{shortTime(time, new Date(), chosen)}</time>
          </span>
          <span class="result-words" dir="auto">
            {speaker} <Marked text={snippet.text} highlights={snippet.highlights} />
          </span>
        </span>
      </button>
    </li>
  );
}

/** A conversation that may be none of those loaded: hidden, or far down the list. */
function useRecord(id: string) {
  const { conversation } = useValue(client.conversation(id).state);
  useEffect(() => {
    if (conversation) return;
    // Where it fails the words are shown without the name.
    client
      .call("GET /conversations/{id}", { path: { id } })
      .then(client.conversations.put)
      .catch(() => undefined);
  }, [id]);
  return conversation;
}
