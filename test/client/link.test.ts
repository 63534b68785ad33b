/** One socket that is opened again, against a server of two lines. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PingMeError } from "../../src/client/error.ts";
import { createLink, type Link } from "../../src/client/link.ts";
import type { ServerFrame } from "../../src/protocol/frames.ts";

class Peer extends EventTarget {
  static all: Peer[] = [];
  static get last(): Peer {
    const peer = Peer.all.at(-1);
    if (!peer) throw new Error("No socket was opened");
    return peer;
  }
  readonly sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  isClosed = false;
  readonly protocols: string[];

  constructor(_url: string, protocols: string[]) {
    super();
    this.protocols = protocols;
    Peer.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  says(...frames: object[]): void {
    this.onmessage?.({ data: JSON.stringify(frames.length === 1 ? frames[0] : frames) });
  }

  letIn(): void {
    this.onopen?.();
    this.says({ type: "auth_success" });
  }
}

const minute = 60_000;
const lifeMs = 30 * minute;

let link: Link;
let tokens: (string | PingMeError)[];
let asked: (string | undefined)[];
let heard: ServerFrame[];
const ends: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  Peer.all = [];
  asked = [];
  heard = [];
  ends.length = 0;
  tokens = ["first", "second", "third"];
});

afterEach(() => {
  link.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function start(isDirect = false): Promise<void> {
  link = createLink({
    address: () => "ws://server/api/v1/ws",
    isDirect,
    accessToken: async (other) => {
      asked.push(other);
      const next = other === undefined ? tokens[0] : tokens.splice(0, 2)[1];
      if (other !== undefined && typeof next === "string") tokens.unshift(next);
      if (typeof next !== "string") throw next;
      return next;
    },
    staleAt: () => Date.now() + lifeMs,
    WebSocket: Peer as unknown as typeof WebSocket,
    opened: () => ends.push("opened"),
    heard: (frames) => heard.push(...frames),
    lost: () => ends.push("lost"),
    ended: (why) => ends.push(why),
  });
  await vi.advanceTimersByTimeAsync(0);
}

const ping = '{"type":"ping"}';
const state = () => link.state.value.state;
const signIn = () => new PingMeError("Sign in", { code: "AUTH_REQUIRED", status: 401, errors: [] });

describe("a link", () => {
  test("signs in with its first frame, or with the handshake, and pings at once", async () => {
    await start();
    expect(Peer.last.protocols).toEqual(["pingme.batch"]);
    Peer.last.letIn();
    expect(Peer.last.sent).toEqual([JSON.stringify({ type: "auth", token: tokens[0] }), ping]);
    expect(state()).toBe("open");
    link.stop();
    await start(true);
    expect(Peer.last.protocols).toEqual(["pingme.batch", tokens[0]]);
    Peer.last.onopen?.();
    expect([state(), Peer.last.sent]).toEqual(["open", [ping]]);
  });

  test("sends what arises in one tick as one array, and nothing without a socket", async () => {
    await start();
    expect(link.send({ type: "presence", user_ids: [] })).toBe(false);
    Peer.last.letIn();
    link.send({ type: "typing_start", conversation_id: "a" });
    link.send({ type: "typing_stop", conversation_id: "a" });
    await vi.advanceTimersByTimeAsync(0);
    expect(JSON.parse(Peer.last.sent.at(-1) ?? "")).toMatchObject([{ type: "typing_start" }, { type: "typing_stop" }]);
  });

  test("pings every 25 s, and gives up a socket on which nothing is heard for 10 s after", async () => {
    await start();
    Peer.last.letIn();
    Peer.last.says({ type: "pong" });
    await vi.advanceTimersByTimeAsync(25_000);
    expect(Peer.last.sent.filter((text) => text === ping)).toHaveLength(2);
    const silent = Peer.last;
    await vi.advanceTimersByTimeAsync(9_999);
    expect(state()).toBe("open");
    await vi.advanceTimersByTimeAsync(1);
    expect([state(), silent.isClosed, ends.at(-1)]).toEqual(["waiting", true, "lost"]);
    await vi.advanceTimersByTimeAsync(250);
    expect([state(), Peer.all.length]).toEqual(["connecting", 2]);
  });

  test("waits longer each time it is refused, and not at all when somebody looks again", async () => {
    await start();
    const waits: number[] = [];
    for (let tries = 0; tries < 4; tries++) {
      Peer.last.onclose?.({ code: 1006, reason: "" });
      waits.push((link.state.value.retryAt ?? 0) - Date.now());
      link.nudge();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
    expect(Peer.all).toHaveLength(5);
  });

  test("shows a fresh token at four fifths of the life of the one it has", async () => {
    await start();
    Peer.last.letIn();
    const alive = setInterval(() => Peer.last.says({ type: "pong" }), 5_000);
    await vi.advanceTimersByTimeAsync(24 * minute + 1_000);
    clearInterval(alive);
    expect(Peer.all).toHaveLength(1);
    expect(Peer.last.sent).toContain(JSON.stringify({ type: "auth", token: tokens[0] }));
    expect(asked).toHaveLength(2);
  });

  test("asks for another token where its own was refused, and ends where there is none", async () => {
    await start();
    const [first] = tokens;
    Peer.last.letIn();
    Peer.last.onclose?.({ code: 4401, reason: "Sign in again" });
    await vi.advanceTimersByTimeAsync(250);
    expect(asked).toEqual([undefined, first]);
    Peer.last.letIn();
    tokens = ["", signIn()];
    Peer.last.onclose?.({ code: 4401, reason: "Sign in again" });
    await vi.advanceTimersByTimeAsync(500);
    expect([state(), ends.at(-1)]).toEqual(["closed", "sign-in"]);
  });

  test("is not opened again where the conversation is gone", async () => {
    await start(true);
    Peer.last.onopen?.();
    Peer.last.onclose?.({ code: 4403, reason: "" });
    await vi.advanceTimersByTimeAsync(minute);
    expect([state(), ends, Peer.all.length]).toEqual(["closed", ["opened", "lost", "gone"], 1]);
  });

  test("takes no notice of what comes by a socket it has given up", async () => {
    await start();
    const old = Peer.last;
    old.letIn();
    link.goOffline();
    expect(state()).toBe("offline");
    old.says({ type: "pong" });
    expect(heard.map(({ type }) => type)).toEqual(["auth_success"]);
    link.nudge();
    await vi.advanceTimersByTimeAsync(0);
    expect(Peer.all).toHaveLength(2);
  });
});
