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

/** As the server sees it: what nobody can see says nothing. */
const visible = /[^\s\p{C}\p{Z}\u2800\u3164\uFFA0\u115F\u1160]/u;

export const isBlank = (text: string): boolean => !visible.test(text);

/** Two texts, neither of which is to be lost. */
export const joined = (one: string, other: string): string => [one, other].filter((text) => !isBlank(text)).join("\n");

const warnBelow = 200;

/** How many code points are left, once that is worth saying; below zero: too many. */
export function leftOf(length: number, most: number): number | undefined {
  return most - length < warnBelow ? most - length : undefined;
}
