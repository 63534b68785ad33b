import { beforeAll, expect, test } from "vitest";
import { Talker, type Watch } from "../../src/local/demo-client.ts";
import { talk } from "../../src/local/demo-story.ts";
import { conversation } from "../../src/protocol/conversations.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;

beforeAll(async () => {
  at = await server();
});

test("the demo's two talk, and who was cut off gets what was said meanwhile", async () => {
  const lines: string[] = [];
  const [ann, bob] = await talk(at, (line) => lines.push(line));
  expect(bob.applied.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(bob.applied).toEqual(ann.applied);
  const resumed = lines.findIndex((line) => /Bob {2}<- {2}subscribed +4 {2}recovered/.test(line));
  expect(lines.slice(resumed + 1, resumed + 3)).toEqual([
    expect.stringMatching(/Bob {2}<- {2}message +3 {2}"Are you there\?"/),
    expect.stringMatching(/Bob {2}<- {2}message +4 {2}"Call me later"/),
  ]);
  expect(lines).toContainEqual(expect.stringMatching(/Ann {2}<- {2}message +4 .*known: dropped/));
});

test("the demo's client repairs a gap, and applies each event once", async () => {
  const notes: string[] = [];
  const watch: Watch = (_who, _direction, _frame, note) => note && notes.push(note);
  const ann = await Talker.register(at, "Ann", watch);
  const room = await ann.call(conversation, "POST", "/conversations", { title: "Notes" });
  for (const content of ["one", "two", "three"]) {
    await ann.call({ parse: () => undefined }, "POST", `/conversations/${room.id}/messages`, { content });
  }
  ann.cursor = { epoch: room.epoch, sequence: 0 };
  await ann.connect(`/conversations/${room.id}/ws`);
  ann.send({ type: "message", content: "four" });
  await ann.until(({ type }) => type === "synced");
  await ann.disconnect();
  expect(notes).toEqual(["after a gap: dropped"]);
  expect(ann.applied.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
});
