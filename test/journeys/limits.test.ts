import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
});

const tooOften = {
  type: "error",
  code: "RATE_LIMIT_EXCEEDED",
  message: expect.any(String),
  details: { retry_after_ms: expect.any(Number) },
};

describe("who says too much", () => {
  test("is stopped after 50 messages a minute over all mouths together, in that conversation alone", async () => {
    const [room, other] = [await group(ann, bob), await group(ann)];
    const direct = await Line.open(at, `/conversations/${room.id}/ws`, ann.token);
    const hub = await Line.open(at, "/ws", ann.token);
    const say: (() => Promise<Json>)[] = [
      () => direct.ask({ type: "message", content: "x" }),
      () => hub.ask({ type: "message", conversation_id: room.id, content: "x" }),
      async () => (await ann.call("POST", `/conversations/${room.id}/messages`, { content: "x" })).body,
    ];
    const startedMs = Date.now();
    let said = 0;
    let answer: Json;
    // The socket that hears the event of another mouth next is not asked before it has heard it.
    for (; said < 80; said++) {
      answer = await say[said % 3]?.();
      if (answer.code) break;
      for (const line of [direct, hub]) {
        if (line.frames.at(-1)?.sequence !== said + 1) await line.next((frame) => frame.sequence === said + 1);
      }
    }
    const refilled = Math.ceil(((Date.now() - startedMs) * 50) / 60_000);
    expect(said).toBeGreaterThanOrEqual(50);
    expect(said).toBeLessThanOrEqual(50 + refilled);
    expect(answer).toMatchObject({ code: "RATE_LIMIT_EXCEEDED" });

    for (const body of [{ content: "x" }, { content: "x", reply_to: room.id }]) {
      expect(await hub.ask({ type: "message", conversation_id: room.id, ...body, ref: "r" })).toEqual({
        ...tooOften,
        ref: "r",
      });
    }
    const refused = await ann.call("POST", `/conversations/${room.id}/messages`, { content: "x" });
    expect([refused.status, refused.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
    expect(refused.body.retry_after_ms).toBeLessThanOrEqual(1_200);
    expect(refused.headers.get("Retry-After")).toMatch(/^[12]$/);

    // Another socket starts no new count; other people, conversations and kinds of frames are free.
    const again = await Line.open(at, `/conversations/${room.id}/ws`, ann.token);
    expect(await again.ask({ type: "message", content: "x", ref: "r" })).toEqual({ ...tooOften, ref: "r" });
    expect(await again.ask({ type: "mark_read", sequence: 1 })).toMatchObject({ type: "mark_read_success" });
    expect((await bob.call("POST", `/conversations/${room.id}/messages`, { content: "x" })).status).toBe(201);
    expect((await ann.call("POST", `/conversations/${other.id}/messages`, { content: "x" })).status).toBe(201);
  });

  test("is stopped after 150 other frames a minute, bad ones too, but never the exact ping", async () => {
    const room = await group(ann, bob);
    for (const address of ["/ws", `/conversations/${room.id}/ws`]) {
      const line = await Line.open(at, address, bob.token);
      const spaced = '{ "type": "ping" }';
      for (let index = 0; index < 100; index++) line.send(spaced);
      for (let index = 0; index < 100; index++) line.send("{nope");
      const answers = await line.take(200);
      const kinds = answers.map((answer) => answer.code ?? answer.type);
      expect(kinds.slice(0, 100)).toEqual(Array(100).fill("pong"));
      expect(kinds.slice(100, 150)).toEqual(Array(50).fill("INVALID_MESSAGE"));
      expect(answers.at(-1)).toEqual(tooOften);
      expect(await line.ask('{"type":"ping"}')).toEqual({ type: "pong" });
    }
  });
});
