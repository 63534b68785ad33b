import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { Line, type Person, register } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await Promise.all([register(at, "Ann"), register(at, "Bob")]);
});

describe("two people", () => {
  test("talk over all three mouths and see the same sequence", async () => {
    const made = await ann.call("POST", "/conversations", { participant_ids: [bob.id] });
    expect(made.status).toBe(201);
    const room = made.body;
    expect(room).toMatchObject({ kind: "dialog", sequence: 0, member_count: 2, peer: { id: bob.id } });

    const direct = await Line.open(at, `/conversations/${room.id}/ws`, ann.token);
    const hub = await Line.open(at, "/ws", bob.token);
    direct.send({ type: "message", content: "one", ref: "r1" });
    expect(await direct.next()).toMatchObject({ type: "message", content: "one", sequence: 1, sender_id: ann.id });
    expect(await hub.ofType("message")).toMatchObject({ content: "one", sequence: 1 });

    hub.send({ type: "message", conversation_id: room.id, content: "two" });
    expect(await hub.next()).toMatchObject({ type: "message", content: "two", sequence: 2, sender_name: "Bob" });
    expect(await direct.next()).toMatchObject({ content: "two", sequence: 2 });

    const id = randomUUID();
    const sent = await bob.call("POST", `/conversations/${room.id}/messages`, { content: "three", id });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({ id, sequence: 3, content: "three" });
    expect(await direct.next()).toMatchObject({ sequence: 3 });
    expect(await hub.next()).toMatchObject({ sequence: 3 });

    const again = await bob.call("POST", `/conversations/${room.id}/messages`, { content: "three", id });
    expect(again.body).toEqual(sent.body);

    const list = await ann.call("GET", "/conversations");
    expect(list.body.items[0]).toMatchObject({ id: room.id, sequence: 3, me: { unread: 2 }, last_message: { id } });
    const history = await ann.call("GET", `/conversations/${room.id}/messages`);
    expect(history.body.items.map((message: { sequence: number }) => message.sequence)).toEqual([3, 2, 1]);
    const read = await ann.call("POST", `/conversations/${room.id}/read`, { sequence: 3 });
    expect(read.body).toEqual({ read: 3, unread: 0 });
  });
});

describe("a user socket", () => {
  test("answers an array in its order, own events among the answers", async () => {
    const { body: room } = await ann.call("POST", "/conversations", { title: "in order" });
    const hub = await Line.open(at, "/ws", ann.token, ["pingme.batch"]);
    const conversation_id = room.id;
    hub.send([
      { type: "message", conversation_id, content: "one" },
      { type: "no such type", ref: "bad" },
      { type: "message", conversation_id, content: "two" },
      { type: "ping", ref: "p" },
      { type: "mark_read", conversation_id, sequence: 2 },
    ]);
    await hub.ofType("mark_read_success");
    expect(hub.frames.map((frame) => frame.type)).toEqual(["message", "error", "message", "pong", "mark_read_success"]);
  });
});
