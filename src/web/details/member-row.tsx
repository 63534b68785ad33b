import type { Member, Role } from "../../protocol/conversations.ts";
import { open } from "../list/new-conversation.tsx";
import { personName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { useMe } from "../ui/hooks.ts";
import type { OpenMember } from "./member-menu.tsx";
import { memberChoices } from "./roles.ts";

interface MemberRowProps {
  member: Member;
  mine: Role;
  isOnline: boolean;
  onMenu(open: OpenMember): void;
  onTrouble(error: unknown): void;
}

/** A press opens the dialog with them. */
export function MemberRow({ member, mine, isOnline, onMenu, onTrouble }: MemberRowProps) {
  const say = useText();
  const me = useMe();
  const { user, role } = member;
  const name = personName(say, user.name);
  const isMe = user.id === me.id;
  const lines = (
    <>
      <Avatar id={user.id} name={name} url={user.avatar_url} size={36} isOnline={isOnline} />
      <span class="person-text">
        <span dir="auto">{isMe ? say("details.you", { name }) : name}</span>
        {user.username && <span class="quiet">@{user.username}</span>}
        {isOnline && <span class="hidden">{say("details.online")}</span>}
      </span>
      {role !== "MEMBER" && <span class="quiet">{say(role === "OWNER" ? "details.owner" : "details.admin")}</span>}
    </>
  );
  return (
    <li class="with-button">
      {isMe ? (
        <div class="person">{lines}</div>
      ) : (
        <button
          type="button"
          class="person"
          title={say("details.writeTo", { name })}
          onClick={() => void open([user]).catch(onTrouble)}
        >
          {lines}
        </button>
      )}
      {!isMe && memberChoices(mine, role).length > 0 && (
        <IconButton
          icon="more"
          size={20}
          label={say("details.memberActions", { name })}
          aria-haspopup="menu"
          onClick={({ currentTarget }) =>
            onMenu({ member, at: currentTarget.getBoundingClientRect(), step: "choices" })
          }
        />
      )}
    </li>
  );
}
