/** What a group is called, whether it is there, and how one leaves it. */
import { type Refusal, refuse } from "../protocol/errors.ts";
import type { EventFrame } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { removal } from "./members.ts";
import { may } from "./permission.ts";
import { allowed } from "./policy.ts";
import { hide } from "./standing.ts";
import {
  type CommandOf,
  type Membership,
  nothing,
  type Outcome,
  type Room,
  type Rule,
  refuseUnseen,
  type View,
} from "./view.ts";

type Told = Omit<Extract<EventFrame, { type: "conversation_updated" }>, "type" | keyof ReturnType<typeof placeOf>>;

/** Only what is not so already makes an event. */
export const change: Rule<"change"> = ({ change }, actor, view) => {
  const { room, now } = view;
  const refusal = may(actor.user_id, "change", room);
  if (refusal) return refusal;
  const changed = differing(change, room);
  if (Object.keys(changed).length === 0) return nothing();
  return updated({ ...changed, by: actor.user_id, updated_at: isoTime(now) }, { ...changed, updated_at: now }, view);
};

function differing({ title, description, avatar_url, public: isPublic }: CommandOf["change"]["change"], room: Room) {
  return {
    ...(avatar_url !== undefined && avatar_url !== room.avatar_url && { avatar_url }),
    ...(title !== undefined && title !== room.title && { title }),
    ...(description !== undefined && description !== room.description && { description }),
    ...(isPublic !== undefined && isPublic !== room.public && { public: isPublic }),
  };
}

/** A group is gone for all, and can be restored for a while; a dialog only leaves one's own list. */
export const remove: Rule<"delete"> = (_command, actor, view) => {
  const refusal = may(actor.user_id, "delete", view.room);
  if (refusal) return refusal;
  return view.room.kind === "dialog" ? hide(actor) : deletion(actor, view);
};

export const leave: Rule<"leave"> = (_command, actor, view) => {
  const { room } = view;
  if (room.kind === "dialog") return hide(actor);
  if (actor.role !== "OWNER") return removal(actor, actor.user_id, view);
  return room.members.size > 1 ? refuse("CONFLICT", "The owner hands over ownership first") : deletion(actor, view);
};

/** @param userId its owner, for whom alone a deleted conversation is still there */
export function restore(userId: string, view: View): Outcome | Refusal {
  const { room, now } = view;
  if (room.deleted_at === null) return may(userId, "restore", room) ?? nothing();
  const member = room.members.get(userId);
  if (!member || !allowed(room.kind, member.role, "restore") || isExpired(room, now)) return refuseUnseen();
  const updated_at = isoTime(now);
  return updated({ deleted: false, updated_at, by: userId }, { deleted_at: null, updated_at: now }, view);
}

/** It was deleted so long ago that it is to be erased. */
export function isExpired({ deleted_at }: Room, now: number): boolean {
  return deleted_at !== null && deleted_at + limits.deletedMs <= now;
}

function updated(told: Told, room: NonNullable<Outcome["room"]>, view: View): Outcome {
  const frame = { type: "conversation_updated" as const, ...placeOf(view), ...told };
  return { ...nothing(), events: [{ frame }], room };
}

function deletion({ user_id: by }: Membership, view: View): Outcome {
  const { now } = view;
  const frame = { type: "conversation_deleted" as const, ...placeOf(view), deleted_at: isoTime(now), by };
  return { ...nothing(), events: [{ frame }], room: { deleted_at: now, updated_at: now } };
}

function placeOf({ room }: View) {
  return { conversation_id: room.id, epoch: room.epoch, sequence: room.head + 1 };
}
