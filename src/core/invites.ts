/** How one comes into a group by oneself: by an invite, or freely where it is public. */
import { type Refusal, refuse, refuseField } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { memberEvent, refuseFull } from "./members.ts";
import { may } from "./permission.ts";
import {
  type CommandOf,
  type Invite,
  memberIn,
  newMembership,
  nothing,
  type Outcome,
  type Rule,
  refuseUnseen,
  type View,
} from "./view.ts";

export function isUsable({ ended_at, expires_at, max_uses, uses }: Invite, now: number): boolean {
  return ended_at === null && (expires_at === null || expires_at > now) && (max_uses === null || uses < max_uses);
}

export const invite: Rule<"invite"> = ({ invite }, actor, view) => {
  const { room, now } = view;
  const refusal = may(actor.user_id, "invite", room);
  if (refusal) return refusal;
  const expires_at = invite.expires_at === undefined ? null : Date.parse(invite.expires_at);
  if (expires_at !== null && expires_at <= now) return refuseField("expires_at", "must be in the future");
  if (view.usableInvites() >= limits.invites) {
    return refuse("CONFLICT", `A group has at most ${limits.invites} invites that can be used`);
  }
  const { id, token_hash, max_uses = null } = invite;
  const created_at = Date.parse(invite.created_at);
  const made = { id, token_hash, created_by: actor.user_id, created_at, expires_at, max_uses };
  return { ...nothing(), invite: { ...made, uses: 0, ended_at: null } };
};

export const endInvite: Rule<"end_invite"> = ({ invite_id }, actor, view) => {
  const refusal = may(actor.user_id, "invite", view.room);
  if (refusal) return refusal;
  const found = view.invite({ id: invite_id });
  if (!found) return refuse("NOT_FOUND", "There is no such invite");
  return found.ended_at === null ? { ...nothing(), invite: { ...found, ended_at: view.now } } : nothing();
};

/** The one command of somebody who is not in it. Who is in it already joins once. */
export function join({ person, token_hash }: CommandOf["join"], view: View): Outcome | Refusal {
  const { room, now } = view;
  if (memberIn(room, person.user_id)) return nothing();
  const shown = token_hash === undefined ? undefined : view.invite({ token_hash });
  if (room.deleted_at !== null || room.kind === "dialog" || !(room.public || shown)) return refuseUnseen();
  if (view.isBarred(person.user_id)) {
    return refuse("PERMISSION_DENIED", "Who was removed comes back only by being added");
  }
  const used = shown && isUsable(shown, now) ? shown : undefined;
  if (!used && !room.public) return refuse("GONE", "The invite has ended");
  if (room.members.size >= limits.members) return refuseFull();
  const sequence = room.head + 1;
  const member = newMembership(person, "MEMBER", sequence, now);
  return {
    ...nothing(),
    events: [{ frame: memberEvent("member_added", member, { by: person.user_id, sequence }, room) }],
    members: [{ set: member }],
    ...(used && { invite: { ...used, uses: used.uses + 1 } }),
  };
}
