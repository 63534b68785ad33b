/**
 * A client of the original PingMe, as it was: a bare socket on one address, its token in the first frame, no cursors, no
 * `ref`, no ids of its own. It takes the next frame after a command for its answer.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, knock, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
});

/** So long the original client waits for its own message. */
const patienceMs = 1_000;

/** As its libraries write JSON. */
const spaced = (frame: object) => JSON.stringify(frame, undefined, 1).replace(/\n */g, " ");

async function connected(): Promise<Line> {
  const { status, connection } = await knock(at, "/ws", undefined, []);
  if (!connection) throw new Error(`Refused with ${status}`);
  return new Line(connection, "");
}

async function signedIn(person: Person): Promise<Line> {
  const line = await connected();
  line.send(spaced({ type: "auth", token: person.token }));
  expect(await line.next()).toMatchObject({ type: "auth_success", user_id: person.id, user_name: person.name });
  return line;
}

/** Both are signed in, and Ann has said something. */
async function talk() {
  const room = await group(ann, bob);
  const here = { conversation_id: room.id as string };
  const [anns, bobs] = [await signedIn(ann), await signedIn(bob)];
  anns.send(spaced({ type: "message", ...here, content: "hello" }));
  const said = await anns.next(undefined, patienceMs);
  expect(await bobs.next()).toEqual(said);
  return { room, here, anns, bobs, said };
}

describe("a client of the original protocol", () => {
  test("hears nothing before it has signed in, and nothing between that and the first event", async () => {
    const room = await group(ann, bob);
    const say = (content: string) => bob.call("POST", `/conversations/${room.id}/messages`, { content });
    const line = await connected();
    await say("too early");
    line.send(spaced({ type: "ping" }));
    await expect.poll(() => line.frames).toEqual([{ type: "pong" }]);
    line.send(spaced({ type: "auth", token: ann.token }));
    await expect.poll(() => line.frames.at(-1)?.type).toBe("auth_success");
    line.send(spaced({ type: "ping" }));
    await expect.poll(() => line.frames.length).toBe(3);
    await say("heard");
    await line.ofType("message");
    expect(line.frames.map((frame: Json) => frame.content ?? frame.type)).toEqual([
      ...["pong", "auth_success", "pong", "heard"],
    ]);
  });

  test("has its own message for an answer, with the fields it knows", async () => {
    const { here, said, anns, bobs } = await talk();
    expect(said).toMatchObject({
      ...{ type: "message", ...here, content: "hello", id: expect.any(String) },
      ...{ sender_id: ann.id, sender_name: "Ann", media: [], is_edited: false, is_deleted: false },
      ...{ created_at: expect.any(String), updated_at: expect.any(String) },
    });
    const answer = await bobs.ask(spaced({ type: "message", ...here, content: "and you", reply_to: said.id }));
    expect(answer).toMatchObject({ type: "message", sender_id: bob.id, reply_to: said.id });
    expect(await anns.next()).toEqual(answer);
  });

  test("has the edit, and the deletion, for the next frame after it has asked for one", async () => {
    const { here, said, anns, bobs } = await talk();
    const message = { ...here, message_id: said.id };
    const edit = await anns.ask(spaced({ type: "message_edit", ...message, content: "better" }));
    expect(edit).toMatchObject({ type: "message_edit", ...message, content: "better", updated_at: expect.any(String) });
    const deletion = await anns.ask(spaced({ type: "message_delete", ...message }));
    expect(deletion).toMatchObject({ type: "message_delete", ...message, deleted_by: ann.id });
    expect(await bobs.take(2)).toEqual([edit, deletion]);
  });

  test("need not say where a message is that it edits, acknowledges or deletes", async () => {
    const { here, said, anns, bobs } = await talk();
    const message_id = said.id;
    const edit = await anns.ask(spaced({ type: "message_edit", message_id, content: "better" }));
    expect(edit).toMatchObject({ type: "message_edit", ...here, message_id, content: "better" });
    expect(await bobs.next()).toEqual(edit);
    const ack = await bobs.ask(spaced({ type: "ack", message_id }));
    expect(ack).toEqual({ type: "message_ack", message_id, sequence: 1, status: "delivered" });
    const deletion = await anns.ask(spaced({ type: "message_delete", message_id }));
    expect(deletion).toMatchObject({ type: "message_delete", ...here, message_id, deleted_by: ann.id });
    expect(await bobs.ofType("message_delete")).toEqual(deletion);
    expect(await bobs.ask(spaced({ type: "ack", message_id }))).toEqual(ack);
  });

  test("is told that what it marked is read, and nothing more; the others, that it has read", async () => {
    const { here, said, anns, bobs } = await talk();
    const mark = { ...here, message_id: said.id };
    expect(await bobs.ask(spaced({ type: "mark_read", ...mark }))).toMatchObject({
      type: "mark_read_success",
      ...mark,
    });
    const read = { type: "message_read", ...mark, reader_id: bob.id, reader_name: "Bob" };
    expect(await anns.next()).toMatchObject(read);
    const answer = await anns.ask(spaced({ type: "message", ...here, content: "good" }));
    expect(await bobs.next()).toEqual(answer);
  });

  test("is told that what it received is delivered, also of a message that is deleted meanwhile", async () => {
    const { here, said, anns, bobs } = await talk();
    const ack = { type: "ack", ...here, message_id: said.id };
    const answer = { type: "message_ack", message_id: said.id, sequence: 1, status: "delivered" };
    expect(await bobs.ask(spaced(ack))).toEqual(answer);
    await anns.ask(spaced({ type: "message_delete", ...here, message_id: said.id }));
    await bobs.ofType("message_delete");
    expect(await bobs.ask(spaced(ack))).toEqual(answer);
  });

  test("types, and is not told so; who subscribed without a cursor hears it, and had no answer", async () => {
    const room = await group(ann, bob);
    const here = { conversation_id: room.id as string };
    const [anns, bobs] = [await signedIn(ann), await signedIn(bob)];
    bobs.send(spaced({ type: "subscribe", ...here }));
    expect(await bobs.ask(spaced({ type: "ping" }))).toEqual({ type: "pong" });
    for (const type of ["typing_start", "typing_stop"]) {
      anns.send(spaced({ type, ...here }));
      expect(await bobs.next()).toEqual({ type, ...here, user_id: ann.id, user_name: "Ann" });
    }
    expect(await anns.ask(spaced({ type: "ping" }))).toEqual({ type: "pong" });
    expect(anns.frames.map((frame: Json) => frame.type)).toEqual(["auth_success", "pong"]);
  });

  test("is told in an error what it did wrong, and goes on", async () => {
    const { here, anns } = await talk();
    for (const frame of ["{", spaced({ type: "shout" }), spaced({ type: "message", ...here, content: 5 })]) {
      expect(await anns.ask(frame)).toMatchObject({
        type: "error",
        code: "INVALID_MESSAGE",
        message: expect.any(String),
      });
    }
    expect(await anns.ask(spaced({ type: "message", ...here, content: "on" }))).toMatchObject({ content: "on" });
  });
});
