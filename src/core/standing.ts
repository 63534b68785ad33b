/** Where a member stands in a conversation, for their own eyes: no event; their other sockets hear of it by `inbox`. */
import { type Membership, type MemberWrite, nothing, type Outcome, type Room, type Rule } from "./view.ts";

type Standing = Pick<Membership, "muted_until" | "archived" | "pinned" | "hidden">;

export const changeMine: Rule<"change_mine"> = ({ change }, actor) => {
  const { muted_until, archived = actor.archived, pinned = actor.pinned, hidden = actor.hidden } = change;
  const until = typeof muted_until === "string" ? Date.parse(muted_until) : muted_until;
  return stand(actor, { muted_until: until === undefined ? actor.muted_until : until, archived, pinned, hidden });
};

/** It leaves one's list until something is said there. */
export function hide(actor: Membership): Outcome {
  return stand(actor, { ...actor, hidden: true });
}

function stand(actor: Membership, { muted_until, archived, pinned, hidden }: Standing): Outcome {
  const isSame =
    actor.muted_until === muted_until &&
    actor.archived === archived &&
    actor.pinned === pinned &&
    actor.hidden === hidden;
  if (isSame) return nothing();
  const set = { ...actor, muted_until, archived, pinned, hidden };
  return { ...nothing(), members: [{ set }], isOwnChange: true };
}

/** Something is said under `sequence`: it is back in the lists of those who had hidden it, its sender's included. */
export function unhidden(room: Room, sender: Membership, sequence: number): MemberWrite[] {
  const writes: MemberWrite[] = [];
  for (const member of room.members.values()) {
    const said = member === sender && { read: sequence, delivered: sequence };
    if (member.hidden) writes.push({ set: { ...member, hidden: false, ...said } });
  }
  return writes;
}
