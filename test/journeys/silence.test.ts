/** Peers that have gone without a word, and objects that sleep while nothing is said. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { group, type Json, knock, Line, type Person, people } from "../support/client.ts";
import { type OwnServer, ownState, type Server, server, startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const ping = '{"type":"ping"}';

async function byFirstFrame(at: Server, { token }: Person): Promise<Line> {
  const { connection } = await knock(at, "/ws");
  if (!connection) throw new Error("Refused");
  const line = new Line(connection, "");
  await line.ask({ type: "auth", token });
  return line;
}

describe("where a peer may be silent for two seconds", () => {
  let at: OwnServer;
  let ann: Person;
  let room: Json;

  beforeAll(async () => {
    const env = { AUTH_RATE_LIMIT_PER_ADDRESS: "100000", WS_HEARTBEAT_TIMEOUT: "2" };
    at = await startServer({ state: ownState("silence"), env });
    [ann] = await people(at, "Ann");
    room = await group(ann);
  });

  afterAll(() => at.end());

  test("it is closed with 4408 on any socket, and one that sends pings is not", async () => {
    const open = async () => [
      await Line.open(at, "/ws", ann.token),
      await Line.open(at, `/conversations/${room.id}/ws`, ann.token),
      await byFirstFrame(at, ann),
    ];
    const [silent, alive] = [await open(), await open()];
    const closed = await until(
      "the end of all silent ones",
      () => {
        for (const line of alive) line.send(ping);
        return silent.every((line) => line.closed) ? silent.map((line) => line.closed) : undefined;
      },
      10_000,
    );
    expect(closed).toEqual(Array(3).fill({ code: 4408, reason: "Nothing heard for too long" }));
    for (const line of alive) {
      expect(line.closed).toBeUndefined();
      expect(await line.rest()).not.toEqual([]);
    }
  });
});

describe("an object with open sockets", () => {
  let lines: Line[];

  beforeAll(async () => {
    const at = await server();
    lines = await Promise.all(
      (await people(at, "Ann", "Bob")).map(({ token }) => Line.open(at, "/ws", token, ["pingme.batch"])),
    );
  });

  /** What was spent of the general limit is in memory only: who wakes begins with what comes back in 10 s. */
  async function spend(line: Line, count: number): Promise<string[]> {
    line.send(JSON.stringify(Array.from({ length: count }, () => ({ type: "ping", ref: "spent" }))));
    const answers: Json[] = [];
    while (answers.length < count) {
      const frame = await line.next();
      if (frame.ref === "spent") answers.push(frame);
    }
    return answers.map(({ type }) => type);
  }

  test("sleeps when nothing is said, and exact pings do not wake it", async () => {
    const [asleep, awake] = lines;
    if (!asleep || !awake) throw new Error("No socket");
    // The platform lets an object sleep after 10 s without an event: no way around waiting so long.
    for (let second = 0; second < 12; second++) {
      await wait(1_000);
      asleep.send(ping);
      awake.send({ type: "ping", ref: "keeps it awake" });
    }
    const [woken, never] = [await spend(asleep, 100), await spend(awake, 100)];
    expect(never).toEqual(Array(100).fill("pong"));
    expect(asleep.frames.filter(({ type, ref }) => type === "pong" && ref === undefined)).toHaveLength(12);
    const answered = woken.filter((type) => type === "pong").length;
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(50);
  }, 60_000);
});
