import { useEffect } from "preact/hooks";
import type { Conversation } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { wordsOf } from "../list/last-words.ts";
import { wordsText } from "../list/row-words.tsx";
import { useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { PageEnd } from "../ui/page-end.tsx";
import { usePages } from "../ui/pages.ts";
import { Fold } from "./fold.tsx";
import { jumpTo } from "./jump.ts";
import { may } from "./roles.ts";
import { SaidLines } from "./said-lines.tsx";

export function Pinned({ conversation }: { conversation: Conversation }) {
  const say = useText();
  return (
    <Fold title={say("details.pins")} icon="pin">
      {() => <Pins conversation={conversation} />}
    </Fold>
  );
}

function Pins({ conversation }: { conversation: Conversation }) {
  const say = useText();
  const { id } = conversation;
  const pins = usePages(id, ({ signal, cursor }) =>
    client.call("GET /conversations/{id}/pins", { path: { id }, query: { cursor }, signal }),
  );
  useEffect(() => client.on("pin", (frame) => frame.conversation_id === id && pins.reload()), [id]);
  const unpin = useAction((messageId: string) => client.conversation(id).pin(messageId, false));
  return (
    <>
      <ul>
        {pins.items.map(({ message }) => (
          <li key={message.id} class="with-button">
            <button type="button" class="excerpt" onClick={() => jumpTo(id, message.sequence)}>
              <SaidLines message={message}>{wordsText(say, wordsOf(message))}</SaidLines>
            </button>
            {may(conversation, "unpin") && (
              <IconButton
                icon="close"
                size={20}
                label={say("details.unpin")}
                disabled={unpin.isBusy}
                onClick={() => void unpin.run(message.id)}
              />
            )}
          </li>
        ))}
      </ul>
      <Notice>{errorText(say, unpin.error)}</Notice>
      <PageEnd pages={pins} empty={say("details.noPins")} />
    </>
  );
}
