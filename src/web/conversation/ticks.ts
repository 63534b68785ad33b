import type { Reader } from "../../protocol/messages.ts";

export type Tick = "stored" | "delivered" | "read";

interface Audience {
  readers: ReadonlyMap<string, Reader>;
  userId: string;
  memberCount: number;
}

/** How far all the others have got. Of whom nothing is known, as in groups of more than 100, it is not claimed. */
export function reachOf({ readers, userId, memberCount }: Audience): { delivered: number; read: number } {
  const others = [...readers.values()].filter(({ user_id }) => user_id !== userId);
  if (others.length === 0 || others.length < memberCount - 1) return { delivered: 0, read: 0 };
  return {
    delivered: Math.min(...others.map(({ delivered, read }) => Math.max(delivered, read))),
    read: Math.min(...others.map(({ read }) => read)),
  };
}

export function tickOf(sequence: number, { delivered, read }: { delivered: number; read: number }): Tick {
  if (sequence <= read) return "read";
  return sequence <= delivered ? "delivered" : "stored";
}
