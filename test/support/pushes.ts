import type { Platform } from "../../src/protocol/push.ts";
import { pushedOut, pushedTo, pushesTo } from "./fcm.ts";
import { insideUser, pair, type Room, type Someone } from "./room.ts";

/** Ann says things to Bob, who has devices and looks at none. */
export async function annAndBob(platforms: Platform[] = ["android"]) {
  const { ann, bob, room } = await pair();
  const tokens = (await pushedTo(bob, platforms)) as [string, ...string[]];
  return { ann, bob, room, tokens, token: tokens[0] };
}

export const everyone = async (tokens: string[]) =>
  (await Promise.all(tokens.map(pushesTo))).map(({ length }) => length);
export const waiting = (who: Someone) =>
  insideUser(who, ({ storage }) => storage.sql.exec("select 1 from pushes").toArray().length);

/** Bob's object has what was said, and what it had to push is out. */
export async function settled(room: Room, bob: Someone) {
  await room.settled();
  await pushedOut(bob);
}
