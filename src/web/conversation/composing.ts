/** What the composer does with what is typed. */
import type { ShownMessage } from "../../protocol/messages.ts";

export type Mode = { kind: "reply" | "edit"; message: ShownMessage };

interface Key {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  isComposing: boolean;
}

/** Enter sends; on a phone it is for new lines, and with Ctrl it sends everywhere. */
export function isSend({ key, shiftKey, ctrlKey, metaKey, isComposing }: Key, isPhone: boolean): boolean {
  if (key !== "Enter" || isComposing) return false;
  return ctrlKey || metaKey || (!shiftKey && !isPhone);
}

const warnBelow = 200;

/** How many code points are left, once that is worth saying; below zero: too many. */
export function leftOf(length: number, most: number): number | undefined {
  return most - length < warnBelow ? most - length : undefined;
}
