import { refuse } from "../protocol/errors.ts";
import type { EventFrame } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import { outranks } from "./policy.ts";
import {
  type Draft,
  type Membership,
  type MemberWrite,
  may,
  newMembership,
  nothing,
  type Room,
  type Rule,
} from "./view.ts";

export const addMembers: Rule<"add_members"> = (command, actor, view) => {
  const { room } = view;
  const refusal = may(actor.user_id, "add", room);
  if (refusal) return refusal;
  const people = command.people.filter((person) => !room.members.has(person.user_id));
  if (room.members.size + people.length > limits.members) {
    return refuse("CONFLICT", `A group has at most ${limits.members} members`);
  }
  const events: Draft[] = [];
  const members: MemberWrite[] = [];
  for (const person of people) {
    const sequence = room.head + 1 + events.length;
    events.push({ frame: memberEvent("member_added", person, actor, sequence, room) });
    members.push({ set: newMembership(person, "MEMBER", sequence, view.now) });
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
  return {
    ...nothing(),
    events: [{ frame: memberEvent("member_removed", gone, actor, room.head + 1, room) }],
    members: [{ remove: gone.user_id, at: view.now }],
  };
};

function memberEvent<T extends "member_added" | "member_removed">(
  type: T,
  person: { user_id: string; name: string },
  actor: Membership,
  sequence: number,
  room: Room,
): EventFrame {
  const event = {
    conversation_id: room.id,
    epoch: room.epoch,
    sequence,
    user_id: person.user_id,
    user_name: person.name,
    by: actor.user_id,
  };
  return type === "member_added"
    ? { type: "member_added", ...event, role: "MEMBER" }
    : { type: "member_removed", ...event };
}
