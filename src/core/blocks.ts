/** What a block, or the end of an account, keeps two people from. Groups they share already stay as they are. */

import type { Person } from "../protocol/commands.ts";
import { type Refusal, refuse } from "../protocol/errors.ts";
import type { Action } from "./policy.ts";
import type { Membership, Room } from "./view.ts";

/** What is said to the other one of a dialog. What takes back, or only looks, is always allowed. */
const speaking: ReadonlySet<Action> = new Set(["send", "react", "edit_own", "pin"]);

/** Whether somebody lets a user begin a conversation with them, or add them to one. */
export function isOpenTo(person: Person, userId: string): boolean {
  return !person.blocks.has(userId);
}

/** Why the other one of a dialog is not to be spoken to. */
export function unheard(room: Room, actor: Membership, action: Action): Refusal | undefined {
  if (room.kind !== "dialog" || !speaking.has(action)) return undefined;
  const isDeaf = (other: Membership) => other.is_deleted || !isOpenTo(other, actor.user_id);
  const others = [...room.members.values()].filter((member) => member !== actor);
  return others.some(isDeaf) ? refuse("PERMISSION_DENIED", "This person does not take messages from you") : undefined;
}

/** Whether somebody may see that a member is there. */
export function seesPresence(viewer: Membership, member: Membership): boolean {
  if (viewer.user_id === member.user_id) return true;
  const isApart = !isOpenTo(viewer, member.user_id) || !isOpenTo(member, viewer.user_id);
  return member.shows_presence && !member.is_deleted && !isApart;
}
