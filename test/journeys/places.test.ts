import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob, eve] = await people(at, "Ann", "Bob", "Eve");
});

describe("a client that never says which conversation a message is in", () => {
  test("edits, reacts, pins, acknowledges, forwards and deletes, the moment it has said something", async () => {
    const [room, other] = [await group(ann, bob), await group(ann)];
    const line = await Line.open(at, "/ws", ann.token);
    const { id: message_id } = await line.ask({ type: "message", conversation_id: room.id, content: "first" });
    const here = { conversation_id: room.id, message_id };
    const steps: [Json, Json][] = [
      [
        { type: "message_edit", content: "second" },
        { ...here, content: "second" },
      ],
      [
        { type: "reaction", emoji: "👍", on: true },
        { ...here, emoji: "👍", user_id: ann.id },
      ],
      [
        { type: "pin", on: true },
        { ...here, on: true },
      ],
      [
        { type: "message_forward", conversation_id: other.id },
        { conversation_id: other.id, content: "second", original_message_id: message_id },
      ],
      [{ type: "message_delete" }, { ...here, deleted_by: ann.id }],
    ];
    for (const [frame, answer] of steps) {
      expect(await line.ask({ ...frame, message_id })).toMatchObject({ type: frame.type, ...answer });
    }
    expect(await line.ask({ type: "ack", message_id, ref: "a" })).toMatchObject({ type: "message_ack", ref: "a" });
    line.close();
  });

  test("is found on a socket opened later, too", async () => {
    const room = await group(ann, bob);
    const { body } = await bob.call("POST", `/conversations/${room.id}/messages`, { content: "first" });
    const line = await Line.open(at, "/ws", bob.token);
    const frame = { type: "message_edit", message_id: body.id, content: "second" };
    await expect.poll(() => line.ask(frame)).toMatchObject({ type: "message_edit", conversation_id: room.id });
    line.close();
  });

  test("learns nothing of the messages of others", async () => {
    const room = await group(ann, bob);
    const path = `/conversations/${room.id}/messages`;
    const { body } = await ann.call("POST", path, { content: "first" });
    const line = await Line.open(at, "/ws", eve.token);
    for (const message_id of [body.id, randomUUID()]) {
      for (const frame of [{ type: "message_edit", content: "mine" }, { type: "message_delete" }, { type: "ack" }]) {
        const refused = { type: "error", code: "MESSAGE_NOT_FOUND", ref: "r" };
        expect(await line.ask({ ...frame, message_id, ref: "r" })).toMatchObject(refused);
      }
    }
    expect((await ann.call("GET", `${path}/${body.id}`)).body).toMatchObject({ content: "first", is_deleted: false });
    line.close();
  });
});
