/** A user socket whose token comes in its first frame, as clients of the original protocol have it. */
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

async function open(protocols = ["pingme"]): Promise<Line> {
  const { status, headers, connection } = await knock(at, "/ws", undefined, protocols);
  if (!connection) throw new Error(`Refused with ${status}`);
  return new Line(connection, headers["sec-websocket-protocol"] ?? "");
}

const auth = (token: string, ref?: string) => ({ type: "auth", token, ref });

describe("the first frame", () => {
  test("signs in, and the socket is like any other from then on", async () => {
    const room = await group(ann, bob);
    const line = await open();
    expect(line.protocol).toBe("pingme");
    const success = { type: "auth_success", user_id: ann.id, user_name: "Ann", expires_at: expect.any(String) };
    expect(await line.ask(auth(ann.token, "r"))).toEqual({ ...success, ref: "r" });
    const frame = { type: "message", conversation_id: room.id, content: "hello" };
    expect(await line.ask(frame)).toMatchObject({ ...frame, sender_id: ann.id, sequence: 1 });
    await bob.call("POST", `/conversations/${room.id}/messages`, { content: "hello, too" });
    expect(await line.next()).toMatchObject({ content: "hello, too" });
    line.send('{"type":"ping"}');
    expect(await line.next()).toEqual({ type: "pong" });
    expect(await line.ask(auth(ann.token))).toMatchObject({ type: "error", code: "INVALID_MESSAGE" });
    line.close(1000);
    expect(await line.ended()).toMatchObject({ code: 1000 });
  });

  test("may have others behind it, in order, at once; in an array, too", async () => {
    const room = await group(ann);
    const say = (content: string) => ({ type: "message", conversation_id: room.id, content });
    const line = await open();
    for (const frame of [auth(ann.token), say("one"), say("two"), say("three")]) line.send(frame);
    const [success, ...said] = await line.take(4);
    expect(success.type).toBe("auth_success");
    expect(said.map(({ content }) => content)).toEqual(["one", "two", "three"]);
    const batch = await open(["pingme.batch"]);
    batch.send([{ type: "ping", ref: "p" }, auth(ann.token), say("four"), say("five")]);
    const [pong, signedIn, ...more] = await batch.take(4);
    expect([pong.type, signedIn.type]).toEqual(["pong", "auth_success"]);
    expect(more.map(({ content }) => content)).toEqual(["four", "five"]);
    for (const one of [line, batch]) one.close();
  });

  test("is answered before anything else: until then only pings are, and no object hears a word", async () => {
    const line = await open();
    line.send('{"type":"ping"}');
    expect(await line.next()).toEqual({ type: "pong" });
    expect(await line.ask({ type: "ping" })).toEqual({ type: "pong" });
    for (const frame of ["{nope", [{ type: "ping" }], { type: "nonsense" }]) {
      expect(await line.ask(frame)).toMatchObject({ type: "error", code: "INVALID_MESSAGE" });
    }
    const refused = { type: "error", code: "AUTH_REQUIRED", ref: "m" };
    const early = { type: "message", conversation_id: ann.id, content: "x", ref: "m" };
    for (const frame of [early, { type: "presence", user_ids: [], ref: "m" }]) {
      expect(await line.ask(frame)).toMatchObject(refused);
    }
    expect(await line.ask(auth("nonsense", "a"))).toMatchObject({ code: "AUTH_FAILED", ref: "a" });
    expect(await line.ask(auth(ann.token))).toMatchObject({ type: "auth_success" });
    expect(await line.rest()).toEqual([]);
    line.close();
  });
});

describe("a socket that does not sign in is closed", () => {
  const endings: [string, number, (line: Line) => void][] = [
    ["after five failures", 4401, (line) => Array.from({ length: 5 }, () => line.send(auth("a.b.c")))],
    ["by a frame over 8 KiB", 4401, (line) => line.send(auth("x".repeat(8_200)))],
    ["by a binary frame", 1003, (line) => line.sendBytes()],
    [
      "by more than ten frames",
      4429,
      (line) => Array.from({ length: 11 }, () => line.send({ type: "ping", ref: "r" })),
    ],
  ];
  test.each(endings)("%s with %i", async (_why, code, act) => {
    const line = await open();
    act(line);
    expect(await line.ended()).toMatchObject({ code });
  });

  test("by more than ten frames in one array", async () => {
    const line = await open(["pingme.batch"]);
    line.send(Array.from({ length: 11 }, () => ({ type: "ping" })));
    expect(await line.ended()).toMatchObject({ code: 4429 });
  });

  test("with 4401 after ten seconds", async () => {
    const line = await open();
    expect(await line.ended(12_000)).toMatchObject({ code: 4401 });
  });
});

describe("a socket that has signed in so", () => {
  test("ends with its session, and one of a session that has ended does not begin", async () => {
    const [eve] = await people(at, "Eve");
    const line = await open();
    await line.ask(auth(eve.token));
    await eve.call("POST", "/auth/logout");
    expect(await line.ended()).toMatchObject({ code: 4401 });
    const late = await open();
    expect(await late.ask(auth(eve.token))).toMatchObject({ type: "error", code: "AUTH_FAILED" });
    late.close();
  });

  test("is gone for the others when its line is cut: nobody types there any more", async () => {
    const room = await group(ann, bob);
    const bobs = await Line.open(at, `/conversations/${room.id}/ws`, bob.token);
    const line = await open();
    await line.ask(auth(ann.token));
    line.send({ type: "typing_start", conversation_id: room.id });
    const typing: Json = { conversation_id: room.id, user_id: ann.id, user_name: "Ann" };
    expect(await bobs.next()).toEqual({ type: "typing_start", ...typing });
    line.cut();
    expect(await bobs.next()).toEqual({ type: "typing_stop", ...typing });
    bobs.close();
  });
});
