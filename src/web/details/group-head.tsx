import { useState } from "preact/hooks";
import type { Conversation } from "../../protocol/conversations.ts";
import { conversationName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { EditGroup } from "./edit-group.tsx";
import { may } from "./roles.ts";

export function GroupHead({ conversation }: { conversation: Conversation }) {
  const say = useText();
  const [isEdited, setEdited] = useState(false);
  const { id, avatar_url, description, member_count: count } = conversation;
  const name = conversationName(say, conversation);
  const kind = say(conversation.public ? "details.publicGroup" : "details.privateGroup");
  return (
    <div class="details-head">
      <Avatar id={id} name={name} url={avatar_url} size={88} />
      <p class="details-name" dir="auto">
        {name}
        {may(conversation, "change") && (
          <IconButton icon="pencil" size={20} label={say("details.edit")} onClick={() => setEdited(true)} />
        )}
      </p>
      <p class="quiet">{`${kind} · ${say("list.members", { count })}`}</p>
      {description && (
        <p class="details-about" dir="auto">
          {description}
        </p>
      )}
      {isEdited && <EditGroup conversation={conversation} onClose={() => setEdited(false)} />}
    </div>
  );
}
