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

/** Each story is told on both sockets, each time in a conversation of its own. */
const mouths = ["user", "conversation"] as const;

async function open(mouth: (typeof mouths)[number], protocols?: string[]) {
  const room = await group(ann, bob);
  const address = mouth === "user" ? "/ws" : `/conversations/${room.id}/ws`;
  const line = await Line.open(at, address, ann.token, protocols);
  return { room, line, here: { conversation_id: room.id as string } };
}

const error = (code: string, ref?: string) => ({
  type: "error",
  code,
  message: expect.any(String),
  ...(ref !== undefined && { ref }),
});

async function expectNothingChanged(room: Json) {
  expect((await ann.call("GET", `/conversations/${room.id}`)).body.sequence).toBe(0);
}

describe.each(mouths)("a bad frame on the %s socket is refused, and the socket lives", (mouth) => {
  test("when it is not JSON, not an object, or without a known type", async () => {
    const { line, room } = await open(mouth);
    const bad = [
      "",
      "{nope",
      "null",
      "5",
      '"ping"',
      "[]",
      '[{"type":"ping"}]',
      "{}",
      '{"type":5}',
      '{"type":"toString"}',
    ];
    for (const text of bad) expect(await line.ask(text), text).toEqual(error("INVALID_MESSAGE"));
    expect(await line.ask({ type: "shout", ref: "r" })).toEqual(error("INVALID_MESSAGE", "r"));
    expect(await line.ask({ type: "ping", ref: "alive" })).toEqual({ type: "pong", ref: "alive" });
    await expectNothingChanged(room);
  });

  test("when a field is of the wrong type, INVALID_MESSAGE says which", async () => {
    const { line, room, here } = await open(mouth);
    const wrong: [string, Json][] = [
      ["content", { type: "message", ...here }],
      ["content", { type: "message", ...here, content: 5 }],
      ["id", { type: "message", ...here, content: "x", id: "nope" }],
      ["mentions.0", { type: "message", ...here, content: "x", mentions: ["bob"] }],
      ["sequence", { type: "mark_read", ...here, sequence: -1 }],
      ["sequence", { type: "mark_read", ...here, sequence: "1" }],
      ["sequence", { type: "ack", ...here, sequence: 1.5 }],
      ["since", { type: "sync", ...here }],
      ["epoch", { type: "subscribe", ...here, since: 0, epoch: 5 }],
      ["conversation_id", { type: "subscribe", conversation_id: "none" }],
      ["token", { type: "auth" }],
      ["ref", { type: "ping", ref: "x".repeat(65) }],
    ];
    for (const [path, frame] of wrong) {
      const answer = await line.ask(frame);
      expect(answer).toMatchObject({ type: "error", code: "INVALID_MESSAGE", details: { errors: [{ path }] } });
    }
    for (const mark of [{}, { sequence: 0, message_id: randomUUID() }]) {
      for (const type of ["mark_read", "ack"]) {
        expect(await line.ask({ type, ...here, ...mark, ref: "m" })).toMatchObject(error("INVALID_MESSAGE", "m"));
      }
    }
    await expectNothingChanged(room);
  });

  test("when the content is blank, too long, or of characters nobody can read: INVALID_CONTENT", async () => {
    const { line, room, here } = await open(mouth);
    const bad = ["", " \n\t ", "\u200b", "a\0b", "a\x07b", "a\x85b", "a".repeat(4001), "😀".repeat(4001)];
    for (const content of bad) {
      const answer = await line.ask({ type: "message", ...here, content, ref: "c" });
      expect(answer, JSON.stringify(content.slice(0, 9))).toMatchObject(error("INVALID_CONTENT", "c"));
    }
    const torn = `{"type":"message","conversation_id":"${room.id}","content":"a\\ud83db"}`;
    expect(await line.ask(torn)).toMatchObject(error("INVALID_CONTENT"));
    await expectNothingChanged(room);
    const longest = "😀".repeat(4000);
    expect(await line.ask({ type: "message", ...here, content: longest })).toMatchObject({ content: longest });
    const lines = " one\n\ttwo\r\n";
    expect(await line.ask({ type: "message", ...here, content: lines })).toMatchObject({ content: lines });
  });

  test("when it is over 64 KiB as UTF-8, whatever it says", async () => {
    const { line } = await open(mouth);
    const sized = (bytes: number) => {
      const bare = JSON.stringify({ type: "ping", ref: "k", pad: "" }).length;
      return JSON.stringify({ type: "ping", ref: "k", pad: "x".repeat(bytes - bare) });
    };
    expect(await line.ask(sized(65_536))).toEqual({ type: "pong", ref: "k" });
    expect(await line.ask(sized(65_537))).toMatchObject(error("INVALID_MESSAGE"));
    expect(await line.ask(JSON.stringify({ type: "ping", pad: "é".repeat(40_000) }))).toEqual(error("INVALID_MESSAGE"));
    expect(await line.ask(sized(1_048_576))).toMatchObject(error("INVALID_MESSAGE"));
    expect(await line.ask({ type: "ping", ref: "alive" })).toEqual({ type: "pong", ref: "alive" });
  });

  test("when the message, the sequence or the conversation it names is not there for the asker", async () => {
    const { line, room, here } = await open(mouth);
    const unknown = { message_id: randomUUID() };
    for (const frame of [
      { type: "mark_read", ...here, ...unknown },
      { type: "mark_read", ...here, sequence: 1 },
      { type: "ack", ...here, ...unknown },
      { type: "message", ...here, content: "x", reply_to: randomUUID() },
    ]) {
      expect(await line.ask({ ...frame, ref: "n" })).toEqual(error("MESSAGE_NOT_FOUND", "n"));
    }
    const foreign = await group(bob, eve);
    for (const conversation_id of [foreign.id, randomUUID()]) {
      for (const rest of [
        { type: "message", content: "x" },
        { type: "mark_read", sequence: 0 },
        { type: "sync", since: 0 },
      ]) {
        const code = mouth === "user" ? "CONVERSATION_NOT_FOUND" : "INVALID_MESSAGE";
        expect(await line.ask({ ...rest, conversation_id, ref: "n" })).toEqual(error(code, "n"));
      }
      for (const since of [{}, { since: 0 }]) {
        const code = mouth === "user" ? "PERMISSION_DENIED" : "INVALID_MESSAGE";
        expect(await line.ask({ type: "subscribe", conversation_id, ...since, ref: "n" })).toEqual(error(code, "n"));
      }
    }
    // The form is judged before permission.
    const ill = { type: "message", conversation_id: foreign.id, content: 5 };
    expect(await line.ask(ill)).toMatchObject(error("INVALID_MESSAGE"));
    await expectNothingChanged(room);
  });

  test("when it would take the socket over with a token that may not", async () => {
    const { line } = await open(mouth);
    expect(await line.ask({ type: "auth", token: "junk", ref: "a" })).toEqual(error("AUTH_FAILED", "a"));
    expect(await line.ask({ type: "auth", token: bob.token, ref: "a" })).toEqual(error("AUTH_FAILED", "a"));
    expect(await line.ask({ type: "auth", token: ann.token, ref: "a" })).toEqual(error("INVALID_MESSAGE", "a"));
    expect(await line.ask({ type: "ping", ref: "alive" })).toEqual({ type: "pong", ref: "alive" });
  });
});

describe.each(mouths)("an array on the %s socket", (mouth) => {
  const batch = ["pingme", "pingme.batch"];

  test("is up to 256 frames, each answered for itself", async () => {
    const { line, here } = await open(mouth, batch);
    line.send([
      { type: "message", ...here, content: "one" },
      { type: "nope", ref: "r" },
      [],
      5,
      { type: "ping", ref: "p" },
    ]);
    const answers = await line.take(5);
    expect(answers).toContainEqual(expect.objectContaining({ type: "message", content: "one", sequence: 1 }));
    expect(answers).toContainEqual(error("INVALID_MESSAGE", "r"));
    expect(answers).toContainEqual({ type: "pong", ref: "p" });
    expect(answers.filter((answer) => answer.type === "error")).toHaveLength(3);
    line.send(Array.from({ length: 20 }, (_, index) => ({ type: "message", ...here, content: `${index}` })));
    const said = await line.take(20);
    expect(said.map((frame) => frame.content)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
    expect(said.map((frame) => frame.sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
  });

  test("is refused whole when empty, longer, or larger than 256 KiB; one large frame in it is refused alone", async () => {
    const { line, room, here } = await open(mouth, batch);
    const message = { type: "message", ...here, content: "x" };
    expect(await line.ask([])).toEqual(error("INVALID_MESSAGE"));
    expect(await line.ask(Array(257).fill(message))).toEqual(error("INVALID_MESSAGE"));
    expect(await line.ask(Array(6).fill({ ...message, pad: "x".repeat(50_000) }))).toEqual(error("INVALID_MESSAGE"));
    await expectNothingChanged(room);
    line.send([
      { ...message, ref: "large", pad: "x".repeat(70_000) },
      { type: "ping", ref: "p" },
    ]);
    expect(await line.take(2)).toEqual([error("INVALID_MESSAGE", "large"), { type: "pong", ref: "p" }]);
    expect(await line.rest()).toEqual([]);
  });
});
