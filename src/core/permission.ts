import { type Refusal, refuse } from "../protocol/errors.ts";
import { unheard } from "./blocks.ts";
import { type Action, allowed } from "./policy.ts";
import { memberIn, type Room, refuseUnseen } from "./view.ts";

/** What a user may do, before anything else of a command is judged. */
export function may(userId: string, action: Action, room: Room): Refusal | undefined {
  const actor = memberIn(room, userId);
  if (!actor) return refuseUnseen();
  if (!allowed(room.kind, actor.role, action)) return refuse("PERMISSION_DENIED", "Your role does not allow it");
  return unheard(room, actor, action);
}
