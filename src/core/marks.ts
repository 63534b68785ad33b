import type { Membership } from "./view.ts";

export interface Marks {
  delivered: number;
  read: number;
}

/** How far a member has got, as somebody sees it: who does not show what they read shows it to nobody but themselves. */
export function marksOf({ user_id, shows_reading, delivered, read }: Membership, viewerId: string): Marks {
  return { delivered, read: shows_reading || user_id === viewerId ? read : 0 };
}
