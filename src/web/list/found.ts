/** What a search has found, in the sections it is shown in. */
import type { FoundConversation } from "../../protocol/conversations.ts";
import type { User } from "../../protocol/users.ts";

/** Without oneself, and without those whose dialog was found, too: nobody stands there twice. */
export function strangersIn(people: readonly User[], rooms: readonly FoundConversation[], me: string): User[] {
  const known = new Set([me, ...rooms.flatMap(({ peer }) => (peer ? [peer.id] : []))]);
  return people.filter(({ id }) => !known.has(id));
}

/** Mine first, then public ones one may join. */
export function byMembership(rooms: readonly FoundConversation[]): FoundConversation[] {
  return [...rooms.filter(isMine), ...rooms.filter((room) => !isMine(room))];
}

export const isMine = (room: FoundConversation): boolean => room.me !== undefined;
