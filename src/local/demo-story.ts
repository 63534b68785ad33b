import { randomUUID } from "node:crypto";
import { conversation } from "../protocol/conversations.ts";
import type { ClientFrame, ServerFrame } from "../protocol/frames.ts";
import { type Place, Talker, type Watch } from "./demo-client.ts";

/** Two people talk; one is cut off, and gets what was said meanwhile. @param print takes it line by line */
export async function talk(place: Place, print: (line: string) => void): Promise<[Talker, Talker]> {
  const title = (text: string) => print(`\n${text}`);
  const show: Watch = (...seen) => print(lineOf(...seen));
  title("Ann and Bob register: a form, a mailed code");
  const [ann, bob] = await Promise.all([Talker.register(place, "Ann", show), Talker.register(place, "Bob", show)]);
  for (const { name, id } of [ann, bob]) print(`  ${name} is ${id}`);

  title("Ann opens a dialog; Bob's user socket hears of it");
  await bob.connect("/ws");
  const room = await ann.call(conversation, "POST", "/conversations", { participant_ids: [bob.id] });
  for (const one of [ann, bob]) one.cursor = { epoch: room.epoch, sequence: room.sequence };
  await bob.until(({ type }) => type === "inbox");

  title("They talk: Ann on the conversation's own socket, Bob on his user socket");
  const heard = (sequence: number) => (frame: ServerFrame) => frame.type === "message" && frame.sequence === sequence;
  await ann.connect(`/conversations/${room.id}/ws`);
  ann.send({ type: "message", content: "Hello, Bob" });
  await Promise.all([ann.until(heard(1)), bob.until(heard(1))]);
  bob.send({ type: "message", conversation_id: room.id, content: "Hi, Ann. The train leaves soon" });
  await Promise.all([ann.until(heard(2)), bob.until(heard(2))]);
  bob.send({ type: "mark_read", conversation_id: room.id, sequence: 2 });
  await Promise.all([
    bob.until(({ type }) => type === "mark_read_success"),
    ann.until(({ type }) => type === "message_read"),
  ]);

  title("A tunnel: Bob is cut off. Ann goes on, and sends one message twice, as if its answer were lost");
  await bob.disconnect();
  const id = randomUUID();
  ann.send({ type: "message", content: "Are you there?" });
  ann.send({ type: "message", id, content: "Call me later" });
  await ann.until(heard(4));
  ann.send({ type: "message", id, content: "Call me later" });
  await ann.until(heard(4));

  title(`Bob is back, and asks for all after sequence ${bob.cursor.sequence}`);
  await bob.connect("/ws");
  bob.send({ type: "subscribe", conversation_id: room.id, epoch: bob.cursor.epoch, since: bob.cursor.sequence });
  await bob.until(heard(4));
  bob.send({ type: "message", conversation_id: room.id, content: "Here again. I have missed nothing" });
  await Promise.all([ann.until(heard(5)), bob.until(heard(5))]);

  const isSame = JSON.stringify(ann.applied) === JSON.stringify(bob.applied);
  title(`Both hold the same ${ann.applied.length} messages: ${isSame ? "yes" : "NO"}`);
  if (!isSame) throw new Error("The two have not heard the same");
  await Promise.all([ann.disconnect(), bob.disconnect()]);
  return [ann, bob];
}

function lineOf(...[who, direction, frame, note]: Parameters<Watch>): string {
  const sequence = "sequence" in frame ? String(frame.sequence ?? "") : "";
  const said = [detailOf(frame), note && `(${note})`].filter(Boolean).join(" ");
  return `  ${who}  ${direction}  ${frame.type.padEnd(18)} ${sequence.padStart(4)}  ${said}`.trimEnd();
}

function detailOf(frame: ClientFrame | ServerFrame): string {
  if ("content" in frame) return `"${frame.content}"`;
  if ("since" in frame) return `since ${frame.since}`;
  if ("status" in frame) return frame.status;
  if ("code" in frame) return `${frame.code}: ${frame.message}`;
  if ("reader_name" in frame) return `by ${frame.reader_name}`;
  return "";
}
