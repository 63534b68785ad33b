import type { ComponentChildren } from "preact";
import type { Message } from "../../protocol/messages.ts";
import { personName } from "../names.ts";
import { language, useText } from "../texts/text.ts";
import { shortTime } from "../times.ts";
import { useMe, useValue } from "../ui/hooks.ts";

/** Who said it and when, and below that what. */
export function SaidLines({ message, children }: { message: Message; children: ComponentChildren }) {
  const say = useText();
  const me = useMe();
  const chosen = useValue(language);
  const name = message.sender_id === me.id ? say("common.you") : personName(say, message.sender_name);
  return (
    <>
      <span class="row-line">
        <span class="row-name" dir="auto">
          {name}
        </span>
        <time dateTime={message.created_at}>{shortTime(new Date(message.created_at), new Date(), chosen)}</time>
      </span>
      <span class="result-words" dir="auto">
        {children}
      </span>
    </>
  );
}
