/** What has no sequence, on its way to sockets that follow: told once, and never to the one that acted. */
import type { Passing } from "../core/view.ts";
import { frameText } from "../protocol/frames.ts";
import type { Outgoing } from "./sockets.ts";

/** Whose command it is, and by what it came. */
export interface Acting {
  userId: string;
  /** Their own object asks, and tells their other user sockets itself. */
  isHub: boolean;
  socket?: WebSocket | undefined;
}

/** For the members' objects. */
export interface Passed {
  text: string;
  isFor(userId: string): boolean;
}

/** @param gone who hears nothing any more */
export function passOn(
  { frame, to }: Passing,
  { userId, isHub, socket }: Acting,
  gone: ReadonlySet<string> = new Set(),
): { outgoing: Outgoing; passed: Passed } {
  const text = frameText(frame);
  const isFor = (user: string) => (to === "all" ? true : (user === userId) === (to === "own"));
  return {
    outgoing: {
      text,
      except: (other, who) => other === socket || !isFor(who.user_id) || gone.has(who.user_id),
    },
    passed: { text, isFor: (user) => isFor(user) && !(isHub && user === userId) },
  };
}
