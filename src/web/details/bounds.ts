/** What an invite is bound by, as one chooses it. */
import type { Invite } from "../../protocol/conversations.ts";

const dayMs = 24 * 60 * 60_000;

export type Life = "day" | "week" | "month" | "forever";
export type Uses = "one" | "ten" | "hundred" | "any";

const lives: Record<Exclude<Life, "forever">, number> = { day: dayMs, week: 7 * dayMs, month: 30 * dayMs };
const uses: Record<Exclude<Uses, "any">, number> = { one: 1, ten: 10, hundred: 100 };

export function boundsOf(chosen: { life: Life; uses: Uses }, now: number): { expires_at?: string; max_uses?: number } {
  return {
    ...(chosen.life !== "forever" && { expires_at: new Date(now + lives[chosen.life]).toISOString() }),
    ...(chosen.uses !== "any" && { max_uses: uses[chosen.uses] }),
  };
}

/** The server lists those that can be used; time goes on while one looks. */
export const isUsable = ({ expires_at, max_uses, uses: used }: Invite, now: number): boolean =>
  (expires_at === undefined || Date.parse(expires_at) > now) && (max_uses === undefined || used < max_uses);
