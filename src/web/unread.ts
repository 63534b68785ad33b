import type { ListItem } from "../client/api.ts";

/** Messages not read yet, of what is neither muted nor archived. @param now ms since 1970 */
export function unreadOf(items: readonly ListItem[], now: number): number {
  const counted = items.filter(({ conversation: { me } }) => !me.archived && !isMuted(me.muted_until, now));
  return counted.reduce((sum, { conversation }) => sum + conversation.me.unread, 0);
}

const isMuted = (until: string | undefined, now: number) => until !== undefined && Date.parse(until) > now;

export const titleWith = (unread: number): string => (unread > 0 ? `(${unread}) PingMe` : "PingMe");
