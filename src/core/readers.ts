import { type Refusal, refuse } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Reader } from "../protocol/messages.ts";
import { marksOf } from "./marks.ts";
import type { Known, Room } from "./view.ts";

/**
 * How far they have got to whom a message was said: all who were in then and are in now, but for its sender. Who came
 * later is not among them, though their watermarks begin above it. In the order of joining.
 */
export function readersOf(
  room: Room,
  viewerId: string,
  { sequence, sender_id }: Pick<Known, "sequence" | "sender_id">,
): Reader[] | Refusal {
  if (room.members.size > limits.watermarksShown) {
    return refuse("CONFLICT", `Groups of more than ${limits.watermarksShown} members do not tell who has read what`);
  }
  return [...room.members.values()]
    .filter((member) => !member.is_deleted && member.user_id !== sender_id && member.joined_sequence < sequence)
    .sort((one, other) => one.joined_at - other.joined_at || (one.user_id < other.user_id ? -1 : 1))
    .map((member) => ({ user_id: member.user_id, ...marksOf(member, viewerId) }));
}
