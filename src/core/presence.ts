/** What one is shown of another: whether they are there, and when they were there last. */

import type { Seen } from "../protocol/attendance.ts";
import type { ServerFrame } from "../protocol/frames.ts";

/** Who is not to be seen is as one who was never there. */
export function unseen(user_id: string): Seen {
  return { user_id, online: false };
}

/** An answer and a telling may cross. One that is not to be seen any more is not, whatever was heard before. */
export function newer(known: Seen | undefined, seen: Seen): Seen {
  if (known?.number === undefined || seen.number === undefined) return seen;
  return known.number > seen.number ? known : seen;
}

export function stateFrame(seen: readonly Seen[], ref: string | undefined): ServerFrame {
  const items = seen.map(({ user_id, online, last_seen }) => ({
    user_id,
    online,
    ...(last_seen !== undefined && !online && { last_seen }),
  }));
  return { type: "presence_state", items, ...(ref !== undefined && { ref }) };
}

export function changeFrame({ user_id, online, last_seen }: Seen): ServerFrame {
  if (online) return { type: "user_online", user_id };
  return { type: "user_offline", user_id, ...(last_seen !== undefined && { last_seen }) };
}
