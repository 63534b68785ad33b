/** Conversations made over REST and sockets, for what is then looked at in a browser. */
import { type Json, Line, type Person } from "./client.ts";
import type { Server } from "./server.ts";

/** @returns its record */
export async function dialog(one: Person, other: Person): Promise<Json> {
  const made = await one.call("POST", "/conversations", { participant_ids: [other.id] });
  if (made.status >= 300) throw new Error(`Creation: ${JSON.stringify(made.body)}`);
  return made.body;
}

export async function tell(who: Person, room: Json, content: string, more: object = {}): Promise<Json> {
  const { status, body } = await who.call("POST", `/conversations/${room.id}/messages`, { content, ...more });
  if (status !== 201) throw new Error(`Sending: ${JSON.stringify(body)}`);
  return body;
}

const most = 45; // of one person in a minute

/** A long talk, in order: `text(1)` and on. Each says as much as the limits allow, so it takes some people. */
export async function longTalk(
  at: Server,
  room: Json,
  { by, count, text }: { by: Person[]; count: number; text(number: number): string },
): Promise<void> {
  if (count > by.length * most) throw new Error(`For ${count} messages it takes ${Math.ceil(count / most)} people`);
  for (const [turn, who] of by.entries()) {
    const from = turn * most;
    const numbers = Array.from({ length: Math.min(most, count - from) }, (_, index) => from + index + 1);
    const line = await Line.open(at, `/conversations/${room.id}/ws`, who.token, ["pingme.batch"]);
    line.send(numbers.map((number) => ({ type: "message", content: text(number) })));
    for (const _ of numbers) await line.ofType("message");
    line.close();
  }
}
