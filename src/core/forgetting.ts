/** What the end of an account does to a conversation, a slice of its log at a time. Repeated, it changes nothing more. */
import { limits } from "../protocol/limits.ts";
import type { Forgetting } from "../protocol/lookups.ts";
import { deletion } from "./deletions.ts";
import { memberEvent } from "./members.ts";
import { type Draft, type Membership, nothing, type Outcome, type Room, type View } from "./view.ts";

/** Somebody's account is gone. */
export interface Forget extends Forgetting {
  type: "forget";
}

export function forget(command: Forget, view: View): Outcome {
  const { user_id, erase, after } = command;
  const left = leaving(user_id, view);
  const end = Math.min(view.room.head, after + limits.forgetScan);
  const said = erase ? view.said(user_id, { after, upTo: end }, limits.forgetEvents) : [];
  const upTo = said.length < limits.forgetEvents ? end : (said.at(-1)?.sequence ?? end);
  const forgotten = { user_id, after, upTo, isAll: upTo === view.room.head };
  const first = view.room.head + left.events.length + 1;
  const deletions = said.map(({ id }, at) => deletion(id, { by: user_id, sequence: first + at }, view));
  return { ...left, events: [...left.events, ...deletions], forgotten };
}

/** Nobody is left in it who has an account. */
export function isAbandoned(room: Room): boolean {
  return [...room.members.values()].every((member) => member.is_deleted);
}

/** A group is left; a dialog stays with the other one, as of somebody without a name. */
function leaving(userId: string, view: View): Outcome {
  const member = view.room.members.get(userId);
  if (!member) return nothing();
  if (view.room.kind === "dialog")
    return member.is_deleted ? nothing() : { ...nothing(), members: [{ know: gone(member) }] };
  const heir = member.role === "OWNER" ? heirOf(view.room) : undefined;
  const events: Draft[] = [];
  const draft = (type: "member_role" | "member_removed", of: Membership) =>
    events.push({
      frame: memberEvent(type, of, { by: userId, sequence: view.room.head + events.length + 1 }, view.room),
    });
  if (heir) draft("member_role", heir);
  draft("member_removed", gone(member));
  return {
    ...nothing(),
    events,
    members: [...(heir ? [{ set: heir }] : []), { remove: userId, at: view.now, isBarred: false }],
  };
}

function gone(member: Membership): Membership {
  return { ...member, name: "", is_deleted: true, shows_presence: false, blocks: new Set() };
}

/** The ADMIN who joined first, else the MEMBER who did: as the owner. */
function heirOf({ members }: Room): Membership | undefined {
  const [heir] = [...members.values()]
    .filter((member) => member.role !== "OWNER" && !member.is_deleted)
    .sort(
      (one, other) =>
        Number(other.role === "ADMIN") - Number(one.role === "ADMIN") ||
        one.joined_sequence - other.joined_sequence ||
        one.joined_at - other.joined_at,
    );
  return heir && { ...heir, role: "OWNER" };
}
