import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { configOf } from "../../src/env.ts";
import { type ClientFrameType, clientFrames } from "../../src/protocol/frames.ts";
import { connectTokens } from "../../src/services/tokens.ts";
import {
  bindings,
  type Json,
  type Line,
  pair,
  type Room,
  type Someone,
  soon,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";

withLimits(soon);

const tokens = connectTokens(configOf(bindings));

interface Scene {
  room: Room;
  ann: Someone;
  bob: Someone;
  /** Of Ann's. */
  message_id: string;
}

type Told = (scene: Scene) => Json | Promise<Json>;

/** For every frame: its fields, and what it is answered with; nothing where it has no answer. */
const frames: { [T in ClientFrameType]: { ask: Told; answer?: Told } } = {
  auth: {
    ask: async ({ ann }) => ({ token: await tokens.issue(ann, ann.actor.session_id, Date.now()) }),
    answer: ({ ann }) => ({ type: "auth_success", user_id: ann.id }),
  },
  message: {
    ask: () => ({ content: "awake" }),
    answer: () => ({ type: "message", content: "awake", sequence: 2 }),
  },
  message_edit: {
    ask: ({ message_id }) => ({ message_id, content: "better" }),
    answer: ({ message_id }) => ({ type: "message_edit", message_id, content: "better" }),
  },
  message_delete: {
    ask: ({ message_id }) => ({ message_id }),
    answer: ({ message_id, ann }) => ({ type: "message_delete", message_id, deleted_by: ann.id }),
  },
  message_forward: {
    ask: ({ message_id, room }) => ({ message_id, from_conversation_id: room.id }),
    answer: ({ message_id }) => ({ type: "message_forward", original_message_id: message_id, sequence: 2 }),
  },
  reaction: {
    ask: ({ message_id }) => ({ message_id, emoji: "👍", on: true }),
    answer: ({ message_id, ann }) => ({ type: "reaction", message_id, user_id: ann.id, on: true }),
  },
  pin: {
    ask: ({ message_id }) => ({ message_id, on: true }),
    answer: ({ message_id, ann }) => ({ type: "pin", message_id, user_id: ann.id, on: true }),
  },
  typing_start: { ask: () => ({}) },
  typing_stop: { ask: () => ({}) },
  mark_read: {
    ask: ({ message_id }) => ({ message_id }),
    answer: ({ message_id }) => ({ type: "mark_read_success", message_id, sequence: 1 }),
  },
  ack: {
    ask: ({ message_id }) => ({ message_id }),
    answer: ({ message_id }) => ({ type: "message_ack", message_id, sequence: 1, status: "delivered" }),
  },
  subscribe: {
    ask: () => ({ since: 0 }),
    answer: () => ({ type: "subscribed", sequence: 1, status: "recovered" }),
  },
  unsubscribe: { ask: () => ({}) },
  sync: {
    ask: () => ({ since: 1 }),
    answer: () => ({ type: "synced", sequence: 1, more: false, status: "recovered" }),
  },
  presence: {
    ask: ({ bob }) => ({ user_ids: [bob.id] }),
    answer: ({ bob }) => ({ type: "presence_state", items: [{ user_id: bob.id, online: false }] }),
  },
  client_state: { ask: () => ({ state: "background" }) },
  ping: { ask: () => ({}), answer: () => ({ type: "pong" }) },
};

const kinds = {
  direct: (room: Room, who: Someone) => room.socket(who),
  user: (_room: Room, who: Someone) => userSocket(who),
};

const evict = (who: Someone) => evictDurableObject(userObject(who) as unknown as DurableObjectStub);

describe.each(["direct", "user"] as const)("after all have slept, on a %s socket", (kind) => {
  async function slept(): Promise<Scene & { line: Line; to: Json }> {
    const { room, ann, bob } = await pair();
    const { id: message_id } = await room.say(ann, "first");
    await room.settled();
    const line = await kinds[kind](room, ann);
    await room.evicted();
    await evict(ann);
    return { room, ann, bob, message_id, line, to: { conversation_id: room.id } };
  }

  const types = Object.keys(clientFrames) as ClientFrameType[];

  test.each(types)("%s is answered as before", async (type) => {
    const scene = await slept();
    const { line, to } = scene;
    const { ask, answer } = frames[type];
    line.send({ type, ...to, ...(await ask(scene)) });
    if (answer) expect(await line.next()).toMatchObject(await answer(scene));
    else expect(await line.caughtUp()).toEqual([]);
  });

  test.each(types)("%s is refused when it is not in form, and changes nothing", async (type) => {
    const { room, ann, line, to, ...scene } = await slept();
    const { ask } = frames[type];
    const frame = { type, ...to, ...(await ask({ room, ann, ...scene })) };
    const before = await room.everything();
    expect(await line.ask({ ...frame, ref: 7 })).toMatchObject({ type: "error", code: "INVALID_MESSAGE" });
    expect(await line.ask({ ...frame, ref: "r".repeat(65) })).toMatchObject({ type: "error", code: "INVALID_MESSAGE" });
    expect(await room.everything()).toBe(before);
  });
});

describe("a socket that slept keeps", () => {
  test.each(["direct", "user"] as const)("the token it was given since, on a %s one", async (kind) => {
    const { room, ann } = await pair();
    const line = await kinds[kind](room, ann);
    const token = await tokens.issue(ann, ann.actor.session_id, Date.now());
    expect(await line.ask({ type: "auth", token })).toMatchObject({ type: "auth_success" });
    await room.evicted();
    await evict(ann);
    expect(await line.ask({ type: "auth", token })).toMatchObject({ type: "error", code: "INVALID_MESSAGE" });
  });

  test("whom it follows, and whom no longer", async () => {
    const { room, ann, bob } = await pair();
    const [follows, left] = [await userSocket(bob), await userSocket(bob)];
    const to = { conversation_id: room.id };
    for (const line of [follows, left]) line.send({ type: "subscribe", ...to });
    left.send({ type: "unsubscribe", ...to });
    for (const line of [follows, left]) await line.caughtUp();
    await room.evicted();
    await evict(bob);
    const anns = await room.socket(ann);
    anns.send({ type: "typing_start", ref: newId() });
    expect(await follows.ofType("typing_start")).toMatchObject({ ...to, user_id: ann.id });
    expect(await left.caughtUp()).toEqual([]);
  });
});
