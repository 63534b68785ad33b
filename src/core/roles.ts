/** Who has which role: given, taken, handed over. There is exactly one OWNER at any moment. */
import type { Role } from "../protocol/conversations.ts";
import { refuse, refuseField } from "../protocol/errors.ts";
import { memberEvent } from "./members.ts";
import { may } from "./permission.ts";
import { type Membership, nothing, type Outcome, type Rule, type View } from "./view.ts";

export const setRole: Rule<"set_role"> = (command, actor, view) => {
  const refusal = may(actor.user_id, "give_role", view.room);
  if (refusal) return refusal;
  const member = view.room.members.get(command.user_id);
  if (!member) return refuse("USER_NOT_FOUND", "There is no such member");
  if (member.role === "OWNER") return refuse("CONFLICT", "The owner hands over ownership first");
  return member.role === command.role ? nothing() : roles([[member, command.role]], actor, view);
};

export const transfer: Rule<"transfer"> = (command, actor, view) => {
  const refusal = may(actor.user_id, "transfer", view.room);
  if (refusal) return refusal;
  const heir = view.room.members.get(command.user_id);
  if (!heir) return refuse("USER_NOT_FOUND", "There is no such member");
  if (heir === actor) return refuseField("user_id", "is the owner already", "CONFLICT");
  const steps: [Membership, Role][] = [
    [heir, "OWNER"],
    [actor, "ADMIN"],
  ];
  return roles(steps, actor, view);
};

function roles(changes: [Membership, Role][], { user_id: by }: Membership, { room }: View): Outcome {
  const changed = changes.map(([member, role]) => ({ ...member, role }));
  return {
    ...nothing(),
    events: changed.map((member, at) => ({
      frame: memberEvent("member_role", member, { by, sequence: room.head + 1 + at }, room),
    })),
    members: changed.map((member) => ({ set: member })),
  };
}
