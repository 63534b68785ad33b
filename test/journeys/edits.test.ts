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

async function said(content = "first") {
  const room = await group(ann, bob);
  const path = `/conversations/${room.id}/messages`;
  const { body } = await ann.call("POST", path, { content });
  return { room, path: `${path}/${body.id}`, message: body };
}

describe("an edit", () => {
  test("over REST is heard on every socket, and shown by everything that is asked then", async () => {
    const { room, path, message } = await said();
    const lines = [
      await Line.open(at, "/ws", ann.token),
      await Line.open(at, "/ws", bob.token),
      await Line.open(at, `/conversations/${room.id}/ws`, bob.token),
    ];
    const answer = await ann.call("PATCH", path, { content: "second" });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      conversation_id: room.id,
      epoch: room.epoch,
      sequence: 2,
      message_id: message.id,
      content: "second",
      updated_at: expect.any(String),
    });
    for (const line of lines) expect(await line.next()).toEqual({ type: "message_edit", ...answer.body });
    const shown = { content: "second", is_edited: true, sequence: 1, updated_at: answer.body.updated_at };
    expect((await bob.call("GET", path)).body).toMatchObject(shown);
    expect((await bob.call("GET", `/conversations/${room.id}`)).body.last_message).toMatchObject(shown);
    const { items } = (await bob.call("GET", "/conversations")).body;
    expect(items.find((item: Json) => item.id === room.id).last_message).toMatchObject(shown);
    for (const line of lines) line.close();
  });

  test("by a socket is answered by its own frame, the next one on that socket", async () => {
    const { room, message } = await said();
    for (const line of [
      await Line.open(at, `/conversations/${room.id}/ws`, ann.token),
      await Line.open(at, "/ws", ann.token),
    ]) {
      const frame = { type: "message_edit", conversation_id: room.id, message_id: message.id, content: "better" };
      expect(await line.ask(frame)).toMatchObject(frame);
      expect(await line.ask({ ...frame, content: "", ref: "r" })).toMatchObject({ code: "INVALID_CONTENT", ref: "r" });
      expect(await line.ask({ ...frame, message_id: randomUUID() })).toMatchObject({ code: "MESSAGE_NOT_FOUND" });
      expect(await line.ask({ ...frame, message_id: 7 })).toMatchObject({ code: "INVALID_MESSAGE" });
      line.close();
    }
  });

  test("is for who said it; a stranger finds nothing", async () => {
    const { path } = await said();
    const refused = await bob.call("PATCH", path, { content: "mine now" });
    expect([refused.status, refused.body.code]).toEqual([403, "PERMISSION_DENIED"]);
    expect((await eve.call("PATCH", path, { content: "x" })).body.code).toBe("CONVERSATION_NOT_FOUND");
    expect((await eve.call("DELETE", path)).body.code).toBe("CONVERSATION_NOT_FOUND");
    for (const [body, status] of [
      [{ content: " " }, 422],
      [{}, 422],
      [[], 400],
      [{ content: "x".repeat(4_001) }, 422],
    ] as const) {
      expect((await ann.call("PATCH", path, body)).status).toBe(status);
    }
    expect((await ann.call("GET", path)).body).toMatchObject({ content: "first", is_edited: false });
  });
});

describe("a deletion", () => {
  test("leaves that it was there, everywhere, and nothing of what it said", async () => {
    const { room, path, message } = await said("a secret");
    await ann.call("PATCH", path, { content: "another secret" });
    const line = await Line.open(at, "/ws", bob.token);
    expect((await ann.call("DELETE", path)).status).toBe(204);
    expect(await line.next()).toEqual({
      ...{ type: "message_delete", conversation_id: room.id, epoch: room.epoch, sequence: 3 },
      ...{ message_id: message.id, deleted_at: expect.any(String), deleted_by: ann.id },
    });
    expect((await ann.call("DELETE", path)).status).toBe(204);
    const late = await ann.call("PATCH", path, { content: "x" });
    expect([late.status, late.body.code]).toEqual([409, "CONFLICT"]);
    const direct = await Line.open(at, `/conversations/${room.id}/ws?since=0`, bob.token);
    const { items } = (await bob.call("GET", `/conversations/${room.id}/messages`)).body;
    expect(items).toMatchObject([{ id: message.id, content: "", is_deleted: true }]);
    expect(JSON.stringify([items, await direct.rest()])).not.toContain("secret");
    expect(await direct.ask({ type: "ack", message_id: message.id })).toMatchObject({ type: "message_ack" });
    expect((await bob.call("GET", `/conversations/${room.id}`)).body.me.unread).toBe(0);
    for (const one of [line, direct]) one.close();
  });
});
