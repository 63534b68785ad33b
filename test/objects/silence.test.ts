import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { ConversationObject } from "../../src/objects/conversation.ts";
import { identity } from "../../src/objects/sockets.ts";
import { UserObject } from "../../src/objects/user.ts";
import { exactPing } from "../../src/protocol/frames.ts";
import { configure, type Line, pair, soon, until, userObject, userSocket, withLimits } from "../support/room.ts";

withLimits(soon);

/** Two sockets of a kind, and the object that holds them, where a peer may be silent for so long. */
async function stage(kind: "direct" | "user", seconds = 0.9) {
  const { room, ann } = await pair();
  const open = () => (kind === "direct" ? room.socket(ann) : userSocket(ann));
  const object = () => (kind === "direct" ? room.object : userObject(ann)) as unknown as DurableObjectStub<undefined>;
  const impatient = () => configure(object(), { WS_HEARTBEAT_TIMEOUT: seconds });
  const asleep = () => evictDurableObject(object());
  await impatient();
  // Other objects may have the same configuration, those of other tests, too.
  onTestFinished(() => configure(object(), { WS_HEARTBEAT_TIMEOUT: 60 }));
  return { room, object, asleep, impatient, silent: await open(), alive: await open() };
}

function heardAt(socket: WebSocket): number {
  return identity.parse(socket.deserializeAttachment()).heard_at;
}

async function expectAlive(line: Line) {
  expect(line.closed).toBeUndefined();
  line.send({ type: "ping", ref: "still there" });
  await line.next(({ ref }) => ref === "still there");
}

afterEach(() => void vi.restoreAllMocks());

describe.each(["direct", "user"] as const)("a %s socket", (kind) => {
  test.each([
    ["an exact ping", exactPing],
    ["a frame", '{"type":"ping","ref":"again"}'],
    ["nonsense", "nonsense"],
  ])("that says nothing is closed with 4408, one that says %s is not", async (_what, text) => {
    const { silent, alive } = await stage(kind);
    const closed = await until("the end of the silent one", () => {
      alive.send(text);
      return silent.closed;
    });
    expect(closed).toEqual({ code: 4408, reason: "Nothing heard for too long" });
    await expectAlive(alive);
  });

  test.each([
    ["an exact ping", exactPing],
    ["a frame", '{"type":"ping","ref":"again"}'],
  ])("whose object sleeps again and again is closed all the same, one that says %s is not", async (_what, text) => {
    const { silent, alive, asleep, impatient } = await stage(kind);
    const closed = await until("the end of the silent one", async () => {
      await alive.ask(text);
      await asleep();
      await impatient();
      return silent.closed;
    });
    expect(closed.code).toBe(4408);
    await expectAlive(alive);
  });

  test("that is heard has it noted now and then, where sleep does not take it", async () => {
    const { alive, object } = await stage(kind);
    const notes = () => runInDurableObject(object(), (_instance, state) => state.getWebSockets().map(heardAt));
    const begun = Math.max(...(await notes()));
    await until("a note", async () => {
      alive.send({ type: "ping", ref: "r" });
      return Math.max(...(await notes())) > begun ? true : undefined;
    });
  });

  test("is answered its exact pings by a sleeping object, which goes on sleeping", async () => {
    const { room, alive: line, asleep } = await stage(kind, 60);
    await room.settled();
    await asleep();
    const heard = vi.spyOn(kind === "direct" ? ConversationObject.prototype : UserObject.prototype, "webSocketMessage");
    const pings = () => heard.mock.calls.filter(([, data]) => String(data).includes("ping"));
    for (let at = 0; at < 5; at++) await line.ask(exactPing);
    expect(pings()).toEqual([]);
    await line.ask({ type: "ping", ref: "r" });
    expect(pings()).toHaveLength(1);
  });
});
