import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { configOf } from "../../src/env.ts";
import { UserObject } from "../../src/objects/user.ts";
import { limits } from "../../src/protocol/limits.ts";
import { connectTokens } from "../../src/services/tokens.ts";
import {
  bindings,
  type Room,
  type Someone,
  signedIn,
  someRoom,
  soon,
  until,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";

withLimits(soon);

afterEach(() => void vi.restoreAllMocks());

const invalid = { type: "error", code: "INVALID_MESSAGE" };
const tokens = connectTokens(configOf(bindings));

const kinds = {
  direct: (room: Room, who: Someone, batch = false) => room.socket(who, { batch }),
  user: (_room: Room, who: Someone, batch = false) => userSocket(who, { batch }),
};

describe.each(["direct", "user"] as const)("a %s socket", (kind) => {
  async function opened({ batch = false } = {}) {
    const { room, people } = await someRoom(2);
    return { room, people, line: await kinds[kind](room, people[0], batch), to: { conversation_id: room.id } };
  }

  test("answers a malformed frame in the contract's order of checks, and lives on", async () => {
    const { room, people, line, to } = await opened();
    const long = JSON.stringify({ type: "shout", content: "x".repeat(70_000) });
    const cases: [unknown, object][] = [
      [long, { ...invalid, message: expect.stringContaining("65536") }],
      [`${"x".repeat(70_000)}`, { ...invalid, message: expect.stringContaining("65536") }],
      ["{", { ...invalid, message: expect.stringContaining("JSON") }],
      ['"a text"', invalid],
      ["null", invalid],
      [
        { ref: "r", content: 1 },
        { ...invalid, ref: "r", message: expect.stringContaining("type") },
      ],
      [
        { type: 7, ref: "r" },
        { ...invalid, ref: "r" },
      ],
      [
        { type: "shout", ref: "r" },
        { ...invalid, ref: "r", message: expect.stringContaining("shout") },
      ],
      [{ type: "toString" }, invalid],
      [
        { type: "message", ...to, ref: "r" },
        { ...invalid, ref: "r" },
      ],
      [{ type: "message", ...to, content: " " }, { code: "INVALID_CONTENT" }],
      [{ type: "message", ...to, content: "x".repeat(4_001) }, { code: "INVALID_CONTENT" }],
      [{ type: "message", ...to, content: "a\u0000b" }, { code: "INVALID_CONTENT" }],
      [
        `{"type":"message","conversation_id":"${room.id}","content":"half a pair \\ud800"}`,
        { code: "INVALID_CONTENT" },
      ],
      [{ type: "message", ...to, content: "hi", id: "not an id" }, invalid],
      [
        { type: "message", ...to, content: "hi", reply_to: newId(), ref: "r" },
        { code: "MESSAGE_NOT_FOUND", ref: "r" },
      ],
      [{ type: "mark_read", ...to }, invalid],
      [{ type: "mark_read", ...to, sequence: 0, message_id: newId() }, invalid],
      [{ type: "sync", ...to, since: -1 }, invalid],
      [{ type: "ping", ref: "x".repeat(65) }, invalid],
      [[{ type: "ping" }], invalid],
    ];
    for (const [frame, answer] of cases) expect(await line.ask(frame)).toMatchObject({ type: "error", ...answer });
    expect(await room.log(people[0])).toEqual([]);
    expect(await line.ask({ type: "ping", ref: "alive" })).toEqual({ type: "pong", ref: "alive" });
  });

  test("is closed by a binary frame with 1003, by one over a mebibyte with 1009", async () => {
    const { room, people, line } = await opened();
    line.sendBytes(new Uint8Array(8));
    expect(await line.ended()).toMatchObject({ code: 1003 });
    const other = await kinds[kind](room, people[0]);
    other.send("x".repeat(limits.frameCloseBytes + 1));
    expect(await other.ended()).toMatchObject({ code: 1009 });
  });

  test("takes 4,000 code points and refuses no letter of any script", async () => {
    const { room, people, line, to } = await opened();
    for (const content of ["😀".repeat(4_000), "Привет, мир\n\tإلى", "e\u0301 \u200d 👩‍👩‍👧"]) {
      expect(await line.ask({ type: "message", ...to, content })).toMatchObject({ type: "message", content });
    }
    await room.settled();
    await room.emptied();
    expect((await room.page(people[0])).items.at(-1)?.content).toBe("😀".repeat(4_000));
  });

  test("with pingme.batch takes an array and answers in arrays, in order, each frame for itself", async () => {
    const { room, people, line, to } = await opened({ batch: true });
    expect(line.protocol).toBe("pingme.batch");
    line.send([
      { type: "message", ...to, content: "one" },
      { type: "message", ...to, content: " ", ref: "blank" },
      { type: "message", ...to, content: "two" },
      7,
      { type: "message", ...to, content: "three", reply_to: newId(), ref: "no such" },
      { type: "message", ...to, content: "four" },
    ]);
    await until("three messages", () => (line.events.length === 3 ? true : undefined));
    expect(line.events.map((event) => [event.sequence, event.content])).toEqual([
      [1, "one"],
      [2, "two"],
      [3, "four"],
    ]);
    const errors = line.frames.filter((frame) => frame.type === "error");
    expect(errors).toHaveLength(3);
    expect(errors).toContainEqual(expect.objectContaining({ code: "INVALID_CONTENT", ref: "blank" }));
    expect(errors).toContainEqual(expect.objectContaining({ code: "MESSAGE_NOT_FOUND", ref: "no such" }));
    expect(await line.ask([])).toMatchObject(invalid);
    expect(await line.ask(Array.from({ length: 257 }, () => ({ type: "ping" })))).toMatchObject(invalid);
    expect(await line.ask([{ type: "message", ...to, content: "x".repeat(66_000) }])).toMatchObject(invalid);
    const many = Array.from({ length: 256 }, (_, at) => ({ type: "message", ...to, content: `many ${at}` }));
    const texts = line.raw.length;
    line.send(many);
    await until("all of them", () => (line.events.length === 259 ? true : undefined));
    expect(line.raw.length - texts).toBeLessThan(20);
    expect(line.raw.some((text) => text.startsWith("["))).toBe(true);
    expect(await room.log(people[0], 257)).toHaveLength(2);
  });

  test("is one too many after twenty: 4429 for the newest, the others live on", async () => {
    const { room, people, line } = await opened();
    const others = await Promise.all(Array.from({ length: 19 }, () => kinds[kind](room, people[0])));
    const extra = await kinds[kind](room, people[0]);
    expect(await extra.ended()).toMatchObject({ code: 4429 });
    for (const one of [line, ...others]) expect(one.closed).toBeUndefined();
    await kinds[kind](room, people[1]);
    others[0]?.close(1000);
    await others[0]?.ended();
    const next = await kinds[kind](room, people[0]);
    expect(await next.ask({ type: "ping", ref: "in" })).toEqual({ type: "pong", ref: "in" });
  });

  test("takes a fresh token of its session, and no other", async () => {
    const { people, line } = await opened();
    const [ann, bob] = people;
    const sign = (who: Someone, session = who.actor.session_id) => tokens.issue(who, session, Date.now());
    const failed = { code: "AUTH_FAILED", ref: "r" };
    expect(await line.ask({ type: "auth", token: "nonsense", ref: "r" })).toMatchObject(failed);
    expect(await line.ask({ type: "auth", token: await sign(bob), ref: "r" })).toMatchObject(failed);
    expect(await line.ask({ type: "auth", token: await sign(ann, newId()), ref: "r" })).toMatchObject(failed);
    const token = await sign(ann);
    expect(await line.ask({ type: "auth", token, ref: "r" })).toMatchObject({
      type: "auth_success",
      user_id: ann.id,
      ref: "r",
    });
    expect(await line.ask({ type: "auth", token, ref: "r" })).toMatchObject({ ...invalid, ref: "r" });
  });

  test("is closed with 4401 when its session is ended, those of other sessions are not", async () => {
    const { room, people, line } = await opened();
    const [ann] = people;
    const elsewhere = { ...ann, actor: signedIn(ann.id, ann.name) };
    const other = await kinds[kind](room, elsewhere);
    await userObject(ann).revoke([ann.actor.session_id]);
    expect(await line.ended()).toMatchObject({ code: 4401 });
    expect(await other.ask({ type: "ping", ref: "alive" })).toMatchObject({ type: "pong" });
    await expect(kinds[kind](room, ann)).rejects.toThrow("AUTH_FAILED");
  });

  test("is closed with 4401 when its token has ended", async () => {
    const { room, people } = await opened();
    const ended = { ...people[0], actor: { ...people[0].actor, expires_at: Date.now() - 1 } };
    const line = await kinds[kind](room, ended);
    expect(await line.ended()).toMatchObject({ code: 4401 });
  });
});

describe("rate limits", () => {
  test("count a user's messages over all their ways together, and say when to come again", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    await room.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 6 });
    const lines = [await room.socket(ann), await room.socket(ann), await userSocket(ann)];
    for (const line of [...lines, ...lines]) {
      expect(await line.ask({ type: "message", content: "hi", conversation_id: room.id })).toMatchObject({
        type: "message",
      });
      for (const other of lines) await other.caughtUp();
    }
    for (const line of lines) {
      const refused = await line.ask({ type: "message", content: "hi", conversation_id: room.id, ref: "r" });
      expect(refused).toMatchObject({ code: "RATE_LIMIT_EXCEEDED", ref: "r" });
      expect(refused.details.retry_after_ms).toBeGreaterThan(0);
      expect(refused.details.retry_after_ms).toBeLessThanOrEqual(10_000);
    }
    await expect(room.say(ann)).rejects.toMatchObject({ code: "RATE_LIMIT_EXCEEDED" });
    expect(await room.say(bob)).toMatchObject({ type: "message" });
    expect(await lines[0]?.ask({ type: "mark_read", sequence: 1 })).toMatchObject({ type: "mark_read_success" });
  });

  test("come before permission, and after the form: a refused frame counts as any other", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    const [ann, , cem] = people as [Someone, Someone, Someone];
    await room.limited({ WS_RATE_LIMIT_GENERAL_PER_MINUTE: 4, WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 1 });
    const line = await room.socket(ann);
    for (let at = 0; at < 4; at++) expect(await line.ask("{")).toMatchObject(invalid);
    expect(await line.ask("{")).toMatchObject({ code: "RATE_LIMIT_EXCEEDED" });
    expect(await line.ask({ type: "message", content: "another bucket" })).toMatchObject({ type: "message" });
    await expect(room.say(cem)).rejects.toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    await expect(room.say(cem)).rejects.toMatchObject({ code: "RATE_LIMIT_EXCEEDED" });
  });
});

describe("a direct socket", () => {
  test("is of its conversation: another one's id is refused, its own may be left out", async () => {
    const { room, people } = await someRoom(2);
    const line = await room.socket(people[0]);
    expect(await line.ask({ type: "message", content: "hi", conversation_id: newId(), ref: "r" })).toMatchObject({
      ...invalid,
      ref: "r",
    });
    expect(await line.ask({ type: "message", content: "hi", conversation_id: room.id.toUpperCase() })).toMatchObject({
      sequence: 1,
    });
  });

  test("hears nothing it did not ask for: no frame before the first event, no answer to a bare subscribe", async () => {
    const { room, people } = await someRoom(2);
    const line = await room.socket(people[0]);
    line.send({ type: "subscribe", ref: "r" });
    line.send({ type: "unsubscribe" });
    expect(await line.caughtUp()).toEqual([]);
  });

  test("is answered a ping byte for byte without waking the object", async () => {
    const { room, people } = await someRoom(2);
    const line = await room.socket(people[0]);
    line.send('{"type":"ping"}');
    expect(await line.next()).toEqual({ type: "pong" });
    expect(line.raw).toEqual(['{"type":"pong"}']);
  });
});

describe("a user socket", () => {
  test("needs the conversation named, and knows a stranger's from none", async () => {
    const { people } = await someRoom(2);
    const other = await someRoom(2);
    const line = await userSocket(people[0]);
    expect(await line.ask({ type: "message", content: "where?" })).toMatchObject(invalid);
    for (const conversation_id of [other.room.id, newId()]) {
      expect(await line.ask({ type: "message", content: "hi", conversation_id })).toMatchObject({
        code: "CONVERSATION_NOT_FOUND",
      });
      expect(await line.ask({ type: "subscribe", conversation_id, ref: "r" })).toMatchObject({
        code: "PERMISSION_DENIED",
        ref: "r",
      });
    }
  });

  test("hears receipts of what it follows only, and of its own reading elsewhere by inbox", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    await room.say(ann, "hello");
    await room.settled();
    const [following, plain, acting] = [await userSocket(bob), await userSocket(bob), await userSocket(bob)];
    following.send({ type: "subscribe", conversation_id: room.id });
    await following.caughtUp();
    expect(await acting.ask({ type: "mark_read", conversation_id: room.id, sequence: 1 })).toMatchObject({
      type: "mark_read_success",
    });
    await acting.caughtUp();
    expect((await following.caughtUp()).map((frame) => frame.type)).toEqual(["message_read", "inbox"]);
    expect(await plain.caughtUp()).toMatchObject([{ type: "inbox", unread: 0, me: { read: 1 } }]);
    expect(acting.frames.map((frame) => frame.type)).toEqual(["mark_read_success", "pong"]);
  });
});

describe("a direct socket whose user's object does not answer", () => {
  withLimits({ tellMs: 100 });

  test("is refused in time, and those that are open are looked after again and again", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    const until = (who: Someone, ms: number) => ({ ...signedIn(who.id, who.name), expires_at: Date.now() + ms });
    const lines = [
      await room.socket(ann, { actor: until(ann, 1_200) }),
      await room.socket(bob, { actor: until(bob, 2_600) }),
    ];
    const never = Promise.withResolvers<never>();
    vi.spyOn(UserObject.prototype, "attached").mockImplementation(() => never.promise);
    await expect(room.socket(bob)).rejects.toThrow("UNAVAILABLE");
    for (const line of lines) expect(await line.ended()).toMatchObject({ code: 4401 });
  });
});
