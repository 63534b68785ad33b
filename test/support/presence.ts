/** What tests of presence say, hear and arrange. */
import { evictDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { insertBlock } from "../../src/db/blocks.ts";
import { users } from "../../src/db/schema.ts";
import { db, type Json, type Line, pair, type Room, type Someone, userObject, userSocket } from "./room.ts";

export const asleep = (who: Someone) => evictDurableObject(userObject(who) as unknown as DurableObjectStub);
export const presence = (...people: { id: string }[]) => ({ type: "presence", user_ids: people.map(({ id }) => id) });
export const state = (state: "active" | "background") => ({ type: "client_state", state });
export const online = ({ id: user_id }: Someone) => ({ type: "user_online", user_id });
export const offline = ({ id: user_id }: Someone) => ({ type: "user_offline", user_id, last_seen: expect.any(String) });
/** As somebody who was never there. */
export const unseen = ({ id: user_id }: Someone) => ({ user_id, online: false });

export async function itemsOf(line: Line, ...people: { id: string }[]): Promise<Json[]> {
  const answer = await line.ask(presence(...people));
  expect(answer).toMatchObject({ type: "presence_state" });
  return answer.items;
}

/** Ann watches Bob by a user socket and by a direct one; both have been shown that he is away. */
export async function watched() {
  const { room, ann, bob } = await pair();
  const lines = [await userSocket(ann), await room.socket(ann)] as const;
  for (const line of lines) expect(await itemsOf(line, bob)).toEqual([unseen(bob)]);
  return { room, ann, bob, lines };
}

export const hear = async (lines: readonly Line[], frame: Json) => {
  for (const line of lines) expect(await line.next(isChange)).toEqual(frame);
};

export function isChange({ type }: Json): boolean {
  return type === "user_online" || type === "user_offline";
}

export async function block(by: Someone, whom: Someone): Promise<void> {
  expect(await insertBlock(db, { user_id: by.id, blocked_id: whom.id, most: 10, now: Date.now() })).toBe("blocked");
}

export async function showing(who: Someone, last_seen: "everyone" | "nobody"): Promise<void> {
  await db.update(users).set({ settings: { last_seen } }).where(eq(users.id, who.id));
}

export async function asked(room: Room, by: Someone, whom: Someone): Promise<Someone> {
  await room.add(by, whom);
  await room.settled();
  return whom;
}
