import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { group, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let cem: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob, cem] = await people(at, "Ann", "Bob", "Cem");
});

/** Bob has said something to Ann, who talks with Cem elsewhere. */
async function said(content = "worth repeating") {
  const [source, target] = [await group(ann, bob), await group(ann, cem)];
  const { body } = await bob.call("POST", `/conversations/${source.id}/messages`, { content });
  return { source, target, message: body, path: `/conversations/${source.id}/messages/${body.id}/forward` };
}

describe("a forward", () => {
  test("over REST is a message of the target, heard on every socket there and on none of the source", async () => {
    const { source, target, message, path } = await said();
    const lines = [
      await Line.open(at, "/ws", ann.token),
      await Line.open(at, "/ws", cem.token),
      await Line.open(at, `/conversations/${target.id}/ws`, cem.token),
    ];
    const bobs = await Line.open(at, "/ws", bob.token);
    const id = randomUUID();
    const answer = await ann.call("POST", path, { conversation_id: target.id, id });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Location")).toBe(`/api/v1/conversations/${target.id}/messages/${id}`);
    expect(answer.body).toMatchObject({
      ...{ conversation_id: target.id, id, content: message.content, sender_id: ann.id },
      ...{ new_message_id: id, original_message_id: message.id, forwarded_from_id: bob.id },
      forwarded_from: { user_id: bob.id, message_id: message.id },
    });
    for (const line of lines) expect(await line.next()).toEqual({ type: "message_forward", ...answer.body });
    expect(await bobs.ask({ type: "ping" })).toEqual({ type: "pong" });
    expect((await ann.call("POST", path, { conversation_id: target.id, id })).body).toEqual(answer.body);
    const { items } = (await cem.call("GET", `/conversations/${target.id}/messages`)).body;
    expect(items).toMatchObject([{ id, content: message.content, forwarded_from: { user_id: bob.id } }]);
    expect((await cem.call("GET", `/conversations/${target.id}`)).body.me.unread).toBe(1);
    expect((await bob.call("GET", `/conversations/${source.id}`)).body.sequence).toBe(1);
    for (const line of [...lines, bobs]) line.close();
  });

  test("by either socket is answered by its own frame, the next one on that socket", async () => {
    const { source, target, message } = await said();
    for (const line of [
      await Line.open(at, `/conversations/${target.id}/ws`, ann.token),
      await Line.open(at, "/ws", ann.token),
    ]) {
      const from = { message_id: message.id, from_conversation_id: source.id };
      const frame = { type: "message_forward", conversation_id: target.id, ...from };
      const copy = await line.ask(frame);
      expect(copy).toMatchObject({ type: "message_forward", original_message_id: message.id, sender_id: ann.id });
      expect(await line.ask({ ...frame, id: copy.id })).toEqual(copy);
      expect(await line.ask({ ...frame, message_id: randomUUID(), ref: "r" })).toMatchObject({
        code: "MESSAGE_NOT_FOUND",
        ref: "r",
      });
      expect(await line.ask({ ...frame, message_id: "none" })).toMatchObject({ code: "INVALID_MESSAGE" });
      line.close();
    }
    const dialog = await Line.open(at, `/conversations/${source.id}/ws`, bob.token);
    expect(await dialog.ask({ type: "message_forward", message_id: message.id })).toMatchObject({
      ...{ type: "message_forward", conversation_id: source.id, content: message.content },
      ...{ forwarded_from_id: bob.id, sender_id: bob.id },
    });
    dialog.close();
  });

  test("is not there for who is not in both; what is wrong in its body is named to who is", async () => {
    const { target, path } = await said();
    const to = { conversation_id: target.id };
    for (const who of [bob, cem]) {
      const { status, body } = await who.call("POST", path, to);
      expect([status, body.code]).toEqual([404, "CONVERSATION_NOT_FOUND"]);
    }
    expect((await cem.call("POST", path, {})).status).toBe(404);
    const wrong = await ann.call("POST", path, { id: "none" });
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors.map((error: { path: string }) => error.path).sort()).toEqual(["conversation_id", "id"]);
    const missing = path.replace(/[^/]+\/forward$/, `${randomUUID()}/forward`);
    expect((await ann.call("POST", missing, to)).body.code).toBe("MESSAGE_NOT_FOUND");
  });
});
