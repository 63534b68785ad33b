import { type Refusal, refuse } from "../protocol/errors.ts";
import type { EventFrame } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import { isOpenTo } from "./blocks.ts";
import { may } from "./permission.ts";
import { outranks } from "./policy.ts";
import {
  type Draft,
  type Membership,
  type MemberWrite,
  newMembership,
  nothing,
  type Outcome,
  type Room,
  type Rule,
  type View,
} from "./view.ts";

export const addMembers: Rule<"add_members"> = (command, actor, view) => {
  const { room } = view;
  const refusal = may(actor.user_id, "add", room);
  if (refusal) return refusal;
  const people = command.people.filter(
    (person) => !room.members.has(person.user_id) && isOpenTo(person, actor.user_id),
  );
  if (room.members.size + people.length > limits.members) return refuseFull();
  const events: Draft[] = [];
  const members: MemberWrite[] = [];
  for (const person of people) {
    const sequence = room.head + 1 + events.length;
    const member = newMembership(person, "MEMBER", sequence, view.now);
    events.push({ frame: memberEvent("member_added", member, { by: actor.user_id, sequence }, room) });
    members.push({ set: member });
  }
  return { ...nothing(), events, members };
};

export const removeMember: Rule<"remove_member"> = (command, actor, view) => {
  const { room } = view;
  const refusal = may(actor.user_id, "remove", room);
  if (refusal) return refusal;
  const gone = room.members.get(command.user_id);
  if (!gone) return refuse("USER_NOT_FOUND", "There is no such member");
  if (!outranks(actor.role, gone.role)) return refuse("PERMISSION_DENIED", "Your role does not allow it");
  return removal(gone, actor.user_id, view);
};

/** They are out from this event on. Whom somebody else removed comes back only by being added. */
export function removal(gone: Membership, by: string, { room, now }: View): Outcome {
  return {
    ...nothing(),
    events: [{ frame: memberEvent("member_removed", gone, { by, sequence: room.head + 1 }, room) }],
    members: [{ remove: gone.user_id, at: now, isBarred: by !== gone.user_id }],
  };
}

export function refuseFull(): Refusal {
  return refuse("CONFLICT", `A group has at most ${limits.members} members`);
}

type MemberEvent = Extract<EventFrame, { type: "member_added" | "member_removed" | "member_role" }>;

/** @param person as they are after it */
export function memberEvent(
  type: MemberEvent["type"],
  person: Pick<Membership, "user_id" | "name" | "role">,
  { by, sequence }: { by: string; sequence: number },
  room: Room,
): MemberEvent {
  const { user_id, name: user_name, role } = person;
  const event = { conversation_id: room.id, epoch: room.epoch, sequence, user_id, user_name, by };
  return type === "member_removed" ? { type, ...event } : { type, ...event, role };
}
