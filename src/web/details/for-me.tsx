import { useState } from "preact/hooks";
import type { Conversation } from "../../protocol/conversations.ts";
import { ConversationMenu, choiceItems, type OpenMenu } from "../list/conversation-menu.tsx";
import { useText } from "../texts/text.ts";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";

/** The same as in the menu of its row: pin, mute, archive, and its end. */
export function ForMe({ conversation }: { conversation: Conversation }) {
  const say = useText();
  const [open, setOpen] = useState<OpenMenu>();
  const [trouble, setTrouble] = useState<unknown>();
  const isHeldBy = conversation.me.role === "OWNER" && conversation.kind === "group" && conversation.member_count > 1;
  const itemsAt = (at: OpenMenu["at"]) =>
    choiceItems(say, { conversation, at, step: "choices" }, { onChange: setOpen, onTrouble: setTrouble });
  return (
    <section class="part">
      <h3>{say("details.settings")}</h3>
      <ul>
        {itemsAt({ x: 0, y: 0 }).map(({ label, icon, isDanger }, index) => (
          <li key={label}>
            <button
              type="button"
              class={`line${isDanger ? " danger" : ""}`}
              onClick={({ currentTarget }) => {
                setTrouble(undefined);
                itemsAt(currentTarget.getBoundingClientRect())[index]?.onSelect();
              }}
            >
              {icon && <Icon name={icon} size={20} />}
              {label}
            </button>
          </li>
        ))}
      </ul>
      {isHeldBy && <p class="quiet">{say("details.handOverFirst")}</p>}
      <Notice>{errorText(say, trouble)}</Notice>
      {open && <ConversationMenu open={open} onChange={setOpen} onTrouble={setTrouble} />}
    </section>
  );
}
