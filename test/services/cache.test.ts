import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { configOf, type Env } from "../../src/env.ts";
import { Fault } from "../../src/protocol/errors.ts";
import { type Cache, connectCache } from "../../src/services/cache.ts";

const config = configOf(env as unknown as Env);
/** Each is an isolate of its own, as far as memory goes. */
const isolate = (): Cache => connectCache(config);
const away = () => connectCache({ ...config, UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" });
const minute = 60_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function later(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

describe("a value", () => {
  test("is read as it was put, also where it looks like a number or JSON", async () => {
    const cache = isolate();
    for (const value of ["012345", '{"a":1}', "null", "é\n\u2028", ""]) {
      const key = newId();
      await cache.put(key, value, minute);
      expect(await cache.read(key)).toBe(value);
    }
    expect(await cache.read(newId())).toBeUndefined();
  });

  test("is swapped by one of many that saw it", async () => {
    const [cache, key] = [isolate(), newId()];
    await cache.put(key, "0", minute);
    const swaps = Array.from({ length: 20 }, (_, index) =>
      cache.swap(key, "0", { value: `by ${index}`, lifeMs: minute }),
    );
    expect((await Promise.all(swaps)).filter(Boolean)).toHaveLength(1);
    const seen = (await cache.read(key)) ?? "";
    expect(await cache.swap(key, seen, undefined)).toBe(true);
    expect(await cache.read(key)).toBeUndefined();
    expect(await cache.swap(key, seen, undefined)).toBe(false);
  });
});

describe("a bucket", () => {
  test("counts to its limit, all at once too, then says how long to wait", async () => {
    const [cache, bucket] = [isolate(), newId()];
    const waits = await Promise.all(Array.from({ length: 20 }, () => cache.count(bucket, 7, minute)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(7);
    for (const wait of waits.filter((one) => one > 0)) expect(wait).toBeLessThanOrEqual(minute);
    await cache.uncount(bucket);
    expect(await cache.count(bucket, 7, minute)).toBe(0);
    expect(await cache.count(bucket, 7, minute)).toBeGreaterThan(0);
  });

  test("says how many it holds, and forgets them", async () => {
    const [cache, bucket] = [isolate(), newId()];
    expect(await cache.counted(bucket)).toBe(0);
    for (let count = 0; count < 3; count++) await cache.count(bucket, 7, minute);
    expect(await cache.counted(bucket)).toBe(3);
    await cache.clear(bucket);
    expect(await cache.counted(bucket)).toBe(0);
  });

  test("that was never counted in has nothing to take back", async () => {
    const [cache, bucket] = [isolate(), newId()];
    await cache.uncount(bucket);
    expect(await cache.count(bucket, 1, minute)).toBe(0);
    expect(await cache.count(bucket, 1, minute)).toBeGreaterThan(0);
  });

  test("empties", async () => {
    const [cache, bucket] = [isolate(), newId()];
    await cache.count(bucket, 1, 20);
    await expect.poll(() => cache.count(bucket, 1, 20)).toBe(0);
  });
});

describe("a session", () => {
  test("is asked for once in thirty seconds, so that a message costs no call", async () => {
    const [cache, session] = [isolate(), newId()];
    const fetched = vi.spyOn(globalThis, "fetch");
    for (let check = 0; check < 100; check++) expect(await cache.hasSessionEnded(session)).toBe(false);
    expect(fetched).toHaveBeenCalledTimes(1);
    later(31_000);
    expect(await cache.hasSessionEnded(session)).toBe(false);
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  test("that ends is refused here at once, elsewhere within thirty seconds", async () => {
    const [here, there, session] = [isolate(), isolate(), newId()];
    expect([await here.hasSessionEnded(session), await there.hasSessionEnded(session)]).toEqual([false, false]);
    await here.endSessions([session]);
    expect(await here.hasSessionEnded(session)).toBe(true);
    expect(await isolate().hasSessionEnded(session)).toBe(true);
    later(31_000);
    expect(await there.hasSessionEnded(session)).toBe(true);
    expect(await here.hasSessionEnded(session)).toBe(true);
  });

  test("that ends while it is asked for stays ended", async () => {
    const [cache, session] = [isolate(), newId()];
    const asked = cache.hasSessionEnded(session);
    await Promise.all([cache.endSessions([session]), asked]);
    expect(await cache.hasSessionEnded(session)).toBe(true);
  });
});

describe("where Redis hangs or fails", () => {
  /** @returns how often it is asked, while `isDown` it answers nothing */
  function weather() {
    const real = globalThis.fetch;
    const seen = { asked: 0, isDown: true };
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      seen.asked += 1;
      if (seen.isDown) throw new TypeError("Network connection lost.");
      return await real(input, init);
    });
    return seen;
  }
  const unavailable = { code: "UNAVAILABLE", details: { retry_after_ms: 2_000 } };

  test("one question finds out; the others are answered at once, for two seconds", async () => {
    const [cache, seen] = [isolate(), weather()];
    await expect(cache.read("a")).rejects.toMatchObject(unavailable);
    const { asked } = seen;
    for (let count = 0; count < 20; count++) await expect(cache.read("a")).rejects.toMatchObject(unavailable);
    expect(await cache.hasSessionEnded(newId())).toBe(false);
    expect(seen.asked).toBe(asked);
  });

  test("after that one asks for all, and when it is back all ask", async () => {
    const [cache, seen] = [isolate(), weather()];
    await expect(cache.read("a")).rejects.toMatchObject(unavailable);
    const { asked } = seen;
    later(2_001);
    const together = await Promise.allSettled(Array.from({ length: 20 }, () => cache.read("a")));
    expect(together.every(({ status }) => status === "rejected")).toBe(true);
    expect(seen.asked).toBe(2 * asked);
    later(2_001);
    seen.isDown = false;
    const [first] = await Promise.allSettled(Array.from({ length: 20 }, () => cache.read("a")));
    expect(first).toEqual({ status: "fulfilled", value: undefined });
    expect(await cache.read("a")).toBeUndefined();
  });

  test("that a session has ended is said all the same, and so is a ping", async () => {
    const [cache, seen, session] = [isolate(), weather(), newId()];
    await expect(cache.read("a")).rejects.toMatchObject(unavailable);
    seen.isDown = false;
    await cache.endSessions([session]);
    expect(await isolate().hasSessionEnded(session)).toBe(true);
    await cache.ping();
    expect(await cache.read("a")).toBeUndefined();
  });
});

describe("where Redis refuses a command", () => {
  test("that is no outage: nothing else is kept from it, and nothing of the command is told", async () => {
    const [cache, bucket, session] = [isolate(), newId(), newId()];
    const lines = vi.spyOn(console, "log");
    await cache.put(`count:${bucket}`, "a secret", minute);
    const refused = cache.count(bucket, 1, minute);
    await expect(refused).rejects.not.toBeInstanceOf(Fault);
    await expect(refused).rejects.toMatchObject({ message: "Redis refused a command" });
    expect(await cache.read(`count:${bucket}`)).toBe("a secret");
    await cache.endSessions([session]);
    expect(await isolate().hasSessionEnded(session)).toBe(true);
    expect(lines.mock.calls.flat().join()).not.toContain("secret");
  });

  test.each([
    ["LOADING Redis is loading the dataset in memory", true],
    ["READONLY You can't write against a read only replica.", true],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", false],
    ["ERR syntax error", false],
  ])("%s: away %s", async (error, isAway) => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ error }, { status: 400 }));
    const expected = isAway ? { code: "UNAVAILABLE" } : { message: "Redis refused a command" };
    await expect(isolate().read("a")).rejects.toMatchObject(expected);
  });

  test("an answer that is none of its own is an outage", async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("<h1>502</h1>", { status: 502 }));
    await expect(isolate().read("a")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("where Redis is away", () => {
  test("every question is UNAVAILABLE but whether a session has ended", async () => {
    const cache = away();
    const unavailable = { name: "Fault", code: "UNAVAILABLE", details: { retry_after_ms: 2_000 } };
    await expect(cache.put("a", "b", minute)).rejects.toMatchObject(unavailable);
    await expect(cache.read("a")).rejects.toMatchObject(unavailable);
    await expect(cache.swap("a", "b", undefined)).rejects.toMatchObject(unavailable);
    await expect(cache.count("a", 1, minute)).rejects.toMatchObject(unavailable);
    await expect(cache.ping()).rejects.toMatchObject(unavailable);
    expect(await cache.hasSessionEnded(newId())).toBe(false);
  });

  test("a session ended here is refused here all the same", async () => {
    const [cache, session] = [away(), newId()];
    await expect(cache.endSessions([session])).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await cache.hasSessionEnded(session)).toBe(true);
  });
});
