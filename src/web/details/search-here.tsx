import { useState } from "preact/hooks";
import type { Conversation } from "../../protocol/conversations.ts";
import type { FoundMessage } from "../../protocol/messages.ts";
import { client } from "../client.ts";
import { Marked } from "../list/marked.tsx";
import { orNothing } from "../list/search-results.tsx";
import { useText } from "../texts/text.ts";
import { Field } from "../ui/field.tsx";
import { PageEnd } from "../ui/page-end.tsx";
import { usePages, useSettled } from "../ui/pages.ts";
import { Fold } from "./fold.tsx";
import { jumpTo } from "./jump.ts";
import { SaidLines } from "./said-lines.tsx";

/** Messages of this conversation by what they say. */
export function SearchHere({ conversation }: { conversation: Conversation }) {
  const say = useText();
  return (
    <Fold title={say("details.search")} icon="search">
      {() => <Search id={conversation.id} />}
    </Fold>
  );
}

const settledMs = 200;

function Search({ id }: { id: string }) {
  const say = useText();
  const [text, setText] = useState("");
  const query = useSettled(text.trim(), settledMs);
  const found = usePages<FoundMessage>(query || undefined, ({ signal, cursor }) =>
    orNothing(
      client.call("GET /conversations/{id}/messages/search", { path: { id }, query: { query, cursor }, signal }),
    ),
  );
  return (
    <>
      <Field
        label={say("details.searchField")}
        type="search"
        autoComplete="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !text) return;
          event.preventDefault();
          event.stopPropagation();
          setText("");
        }}
      />
      <ul>
        {found.items.map((message) => (
          <li key={message.id}>
            <button type="button" class="excerpt" onClick={() => jumpTo(id, message.sequence)}>
              <SaidLines message={message}>
                <Marked text={message.snippet.text} highlights={message.snippet.highlights} />
              </SaidLines>
            </button>
          </li>
        ))}
      </ul>
      <PageEnd pages={found} empty={query && say("details.nothing", { query })} />
    </>
  );
}
