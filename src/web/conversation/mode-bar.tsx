import { personName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Mode } from "./composing.ts";
import { summaryOf } from "./quote.tsx";

/** Above the field: what is answered or edited. */
export function ModeBar({ mode: { kind, message }, onLeave }: { mode: Mode; onLeave(): void }) {
  const say = useText();
  const isReply = kind === "reply";
  const name = personName(say, message.sender_name);
  return (
    <div class="mode-bar">
      <Icon name={isReply ? "reply" : "edit"} size={20} />
      <p class="quote">
        <strong>{isReply ? say("conversation.replyingTo", { name }) : say("conversation.editing")}</strong>
        <span>{summaryOf(say, message)}</span>
      </p>
      <IconButton
        icon="close"
        size={20}
        label={say(isReply ? "conversation.leaveReply" : "conversation.leaveEdit")}
        onClick={onLeave}
      />
    </div>
  );
}
