/** Where a history is to be scrolled to, once what is there is loaded and drawn. */
import type { RoomState } from "../../client/api.ts";
import type { Row, UnreadMark } from "./rows.ts";

export type Goal =
  /** As it opens: at what is unread, else at the end. */
  { to: "opening" } | { to: "end" } | { to: "message"; sequence: number };

export type Landing = { at: "end" } | { at: "row"; key: string; isGlowing: boolean };

type Loaded = Pick<RoomState, "messages" | "hasOlder" | "hasNewer">;

/** Whether a sequence lies in what is loaded, so that it need not be asked for. */
export function holds({ messages, hasOlder, hasNewer }: Loaded, sequence: number): boolean {
  const [first, last] = [messages[0], messages.at(-1)];
  if (!first || !last) return !hasOlder && !hasNewer;
  return (!hasOlder || first.sequence <= sequence) && (!hasNewer || last.sequence >= sequence);
}

/** What has to be loaded first; undefined where all is there. */
export function missing(goal: Goal, loaded: Loaded, unread: UnreadMark | undefined): number | "newest" | undefined {
  const sequence = goal.to === "message" ? goal.sequence : goal.to === "opening" ? unread?.read : undefined;
  if (sequence === undefined) return loaded.hasNewer ? "newest" : undefined;
  return holds(loaded, sequence) ? undefined : sequence;
}

/** Where it ends up: at the message, at the one after it where it is none (any event has a sequence), at the line, at the end. */
export function landingOf(goal: Goal, rows: readonly Row[]): Landing {
  if (goal.to === "message") {
    const row = rows.find((one) => one.kind === "message" && one.message.sequence >= goal.sequence);
    if (row) return { at: "row", key: row.key, isGlowing: true };
  }
  if (goal.to === "opening" && rows.some(({ key }) => key === "unread"))
    return { at: "row", key: "unread", isGlowing: false };
  return { at: "end" };
}
