import type { Member, Role } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { personName } from "../names.ts";
import { type TextKey, useText } from "../texts/text.ts";
import { Ask } from "../ui/dialog.tsx";
import type { IconName } from "../ui/icon.tsx";
import { Menu } from "../ui/menu.tsx";
import { type MemberChoice, memberChoices } from "./roles.ts";

/** The menu of a member, or what is asked after a choice. */
export interface OpenMember {
  member: Member;
  at: DOMRect;
  step: "choices" | "transfer" | "remove";
}

interface Shown {
  label: TextKey;
  icon: IconName;
  /** Done at once, or asked about first. */
  next: ((at: { id: string; user_id: string }) => Promise<unknown>) | "transfer" | "remove";
}

const giveRole = (role: "ADMIN" | "MEMBER") => (path: { id: string; user_id: string }) =>
  client.call("PATCH /conversations/{id}/members/{user_id}", { path, body: { role } });

const shown: Record<MemberChoice, Shown> = {
  makeAdmin: { label: "details.makeAdmin", icon: "people", next: giveRole("ADMIN") },
  takeAdmin: { label: "details.takeAdmin", icon: "person", next: giveRole("MEMBER") },
  transfer: { label: "details.transfer", icon: "forward", next: "transfer" },
  remove: { label: "details.remove", icon: "leave", next: "remove" },
};

interface MemberMenuProps {
  /** Of the group. */
  id: string;
  mine: Role;
  open: OpenMember;
  onChange(open: OpenMember | undefined): void;
  onTrouble(error: unknown): void;
}

export function MemberMenu({ id, mine, open, onChange, onTrouble }: MemberMenuProps) {
  const say = useText();
  const { member, at, step } = open;
  const name = personName(say, member.user.name);
  const close = () => onChange(undefined);
  if (step !== "choices") return <AskMember id={id} open={open} ending={step} onClose={close} />;
  const items = memberChoices(mine, member.role).map((choice) => {
    const { label, icon, next } = shown[choice];
    const onSelect = () =>
      typeof next === "string"
        ? onChange({ ...open, step: next })
        : void next({ id, user_id: member.user.id }).catch(onTrouble);
    return { label: say(label), icon, isDanger: choice === "remove", onSelect };
  });
  return <Menu label={say("details.memberActions", { name })} items={items} at={at} onClose={close} />;
}

interface AskMemberProps {
  id: string;
  open: OpenMember;
  ending: "transfer" | "remove";
  onClose(): void;
}

/** Before the group, or somebody, is let go. */
function AskMember({ id, open: { member }, ending, onClose }: AskMemberProps) {
  const say = useText();
  const name = personName(say, member.user.name);
  const user_id = member.user.id;
  const onYes = async () => {
    if (ending === "remove") {
      await client.call("DELETE /conversations/{id}/members/{user_id}", { path: { id, user_id } });
      return;
    }
    client.conversations.put(
      await client.call("POST /conversations/{id}/transfer", { path: { id }, body: { user_id } }),
    );
  };
  const isTransfer = ending === "transfer";
  return (
    <Ask
      title={say(isTransfer ? "details.transferTitle" : "details.removeTitle", { name })}
      text={say(isTransfer ? "details.transferText" : "details.removeText", { name })}
      verb={say(isTransfer ? "details.transferVerb" : "details.removeVerb")}
      onYes={onYes}
      onClose={onClose}
    />
  );
}
