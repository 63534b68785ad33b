import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { configOf, type Env } from "../../src/env.ts";
import { ConversationObject } from "../../src/objects/conversation.ts";
import { limits } from "../../src/protocol/limits.ts";
import { connectCache } from "../../src/services/cache.ts";
import {
  insideUser,
  killedUser,
  pair,
  Room,
  type Someone,
  somebody,
  soon,
  until,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";
import { whileRedis } from "../support/weather.ts";

withLimits({ ...soon, jobSoonMs: 5, jobCallMs: 100, netMs: 50, endedSlice: 2, jobTroubles: 3 });

/** What an isolate that knows nothing yet hears of a session. */
const isRefused = (sessionId: string) => connectCache(configOf(env as unknown as Env)).hasSessionEnded(sessionId);
const refused = (sessionId: string) =>
  until("its tokens to be refused", async () => (await isRefused(sessionId)) || undefined);
const over = (who: Someone) =>
  until("the end of its jobs", async () => {
    const jobs = await insideUser(who, ({ storage }) => storage.sql.exec("select 1 from jobs").toArray());
    return jobs.length === 0 || undefined;
  });

afterEach(() => void vi.restoreAllMocks());

describe("sessions that are ended", () => {
  test("are refused everywhere and their direct sockets close, however many there are", async () => {
    const { room, ann } = await pair();
    const line = await room.socket(ann);
    const others = Array.from({ length: 4 }, newId);
    await userObject(ann).revoke([...others, ann.actor.session_id]);
    expect(await line.ended()).toMatchObject({ code: 4401 });
    for (const sessionId of [...others, ann.actor.session_id]) await refused(sessionId);
    await over(ann);
  });

  test("are told to Redis when it is back, over a death, each once; their sockets do not wait for it", async () => {
    const { room, ann } = await pair();
    const { session_id } = ann.actor;
    const [direct, user] = [await room.socket(ann), await userSocket(ann)];
    const lines = vi.spyOn(console, "log");
    let isAway = true;
    let tries = 0;
    const told = await whileRedis(
      `ended:${session_id}`,
      (body) => {
        if (body.includes("EXISTS") || body.includes("exists")) return "fine";
        tries += 1;
        return isAway ? "away" : "fine";
      },
      async (sent) => {
        await userObject(ann).revoke([session_id]);
        expect(await direct.ended()).toMatchObject({ code: 4401 });
        expect(await user.ended()).toMatchObject({ code: 4401 });
        await until("an error in the log, after so many tries", () => {
          const failures = lines.mock.calls.map(String).filter((line) => line.includes("job_failed"));
          return failures.some((line) => line.includes('"level":"error"')) || undefined;
        });
        expect(tries).toBeGreaterThanOrEqual(limits.jobTroubles);
        await killedUser(ann);
        expect(await isRefused(session_id)).toBe(false);
        isAway = false;
        await refused(session_id);
        await userObject(ann).revoke([newId()]);
        await over(ann);
        return sent.filter(({ body }) => /"set"/i.test(body)).length;
      },
    );
    expect(told).toBe(1);
  });

  test("close in a conversation that did not hear of it at first, over a death; others hear at once", async () => {
    const [ann, bob] = [await somebody(), await somebody("Bob")];
    const rooms = [await Room.create([ann, bob]), await Room.create([ann, bob])] as const;
    const [silent, other] = [await rooms[0].socket(ann), await rooms[1].socket(ann)];
    const { prototype } = ConversationObject;
    const { endSession } = prototype;
    let isSilent = true;
    let calls = 0;
    prototype.endSession = async function (...told) {
      const isTheSilent = Reflect.get(this, "ctx").id.name === rooms[0].id;
      if (isTheSilent) calls += 1;
      return isTheSilent && isSilent ? await new Promise<never>(() => undefined) : await endSession.apply(this, told);
    };
    try {
      await userObject(ann).revoke([ann.actor.session_id]);
      expect(await other.ended()).toMatchObject({ code: 4401 });
      await until("a second call", () => calls > 1 || undefined);
      expect(silent.closed).toBeUndefined();
      await killedUser(ann);
      isSilent = false;
      expect(await silent.ended()).toMatchObject({ code: 4401 });
      await over(ann);
    } finally {
      prototype.endSession = endSession;
    }
  });
});

describe("the end of an account", () => {
  test("reaches its conversations while Redis is away, and Redis afterwards", async () => {
    const { room, ann, bob } = await pair();
    await room.socket(ann);
    let isAway = true;
    await whileRedis(
      ann.actor.session_id,
      () => (isAway ? "away" : "fine"),
      async () => {
        await userObject(ann).forget(false);
        await until("that she has left", async () => (await room.record(bob)).member_count === 1 || undefined);
        isAway = false;
        await refused(ann.actor.session_id);
      },
    );
  });
});
