import type { ListItem, Pending, Typist } from "../../client/api.ts";
import type { Conversation } from "../../protocol/conversations.ts";
import { draft, drafts } from "../drafts.ts";
import { personName } from "../names.ts";
import { type Say, useText } from "../texts/text.ts";
import { useMe, usePart } from "../ui/hooks.ts";
import { speaker, type Tick, type Words, wordsOf, wordsOfPending } from "./last-words.ts";
import { TickIcon } from "./tick-icon.tsx";

interface RowWordsProps {
  item: ListItem;
  pending: Pending | undefined;
  /** How far these words have got, where they are one's own. */
  tick: Tick | undefined;
  isChosen: boolean;
}

/** The second line: who types, what is not said yet, or what was said last. */
export function RowWords({ item: { conversation, typing }, pending, tick, isChosen }: RowWordsProps) {
  const say = useText();
  const me = useMe();
  const unsaid = usePart(drafts, () => (isChosen ? "" : draft(conversation.id)));
  if (typing.length > 0) return <em class="row-words typing">{typingText(say, conversation, typing)}</em>;
  if (unsaid)
    return (
      <span class="row-words" dir="auto">
        <span class="draft">{say("list.draft")}</span> {unsaid}
      </span>
    );
  const last = conversation.last_message;
  const words = pending ? wordsOfPending(pending) : wordsOf(last);
  const isForwarded = !pending && last?.forwarded_from !== undefined && !last.is_deleted;
  return (
    <>
      {tick && <TickIcon tick={tick} />}
      <span class={`row-words ${words.kind}`} dir="auto">
        {speakerText(say, conversation, { me: me.id, isPending: pending !== undefined })}
        {isForwarded && `${say("list.forwarded")} `}
        {wordsText(say, words)}
      </span>
    </>
  );
}

export function typingText(say: Say, { kind }: Pick<Conversation, "kind">, typing: readonly Typist[]): string {
  const [first] = typing;
  if (kind === "dialog" || !first) return say("list.typing");
  if (typing.length > 1) return say("list.typingMany", { count: typing.length });
  return say("list.typingOne", { name: personName(say, first.user_name) });
}

function speakerText(say: Say, conversation: Conversation, by: { me: string; isPending: boolean }): string {
  if (by.isPending) return conversation.kind === "group" ? `${say("list.yours")} ` : "";
  const who = speaker(conversation, by.me);
  if (who === undefined) return "";
  return who === "you" ? `${say("list.yours")} ` : `${personName(say, who.name)}: `;
}

export function wordsText(say: Say, words: Words): string {
  if (words.kind === "text") return words.text;
  if (words.kind === "photos" || words.kind === "files") return say(`list.${words.kind}`, { count: words.count });
  if (words.kind === "file") return words.name ? `${say("list.file")} ${words.name}` : say("list.file");
  return say(words.kind === "none" ? "list.noWords" : `list.${words.kind}`);
}
