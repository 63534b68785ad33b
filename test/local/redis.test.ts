import { randomUUID } from "node:crypto";
import { Redis } from "@upstash/redis";
import { describe, expect, inject, test } from "vitest";
import { glob } from "../../src/local/redis-words.ts";

const { UPSTASH_REDIS_REST_URL: url = "", UPSTASH_REDIS_REST_TOKEN: token = "" } = inject("variables");
const redis = new Redis({ url, token, retry: false });
const fresh = (name: string) => `${name}:${randomUUID()}`;
const run = <T>(...words: (string | number)[]) => redis.exec<T>(words as [string, ...string[]]);
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

describe("the embedded Redis, through Upstash's client, does", () => {
  test("keep text of every script, objects, and the word OK", async () => {
    const key = fresh("text");
    for (const value of ["größe 😀", "OK", "", "{", { a: [1, null] }]) {
      await redis.set(key, value);
      expect(await redis.get(key)).toEqual(value);
    }
  });

  test("set only where there is none, only where there is one, and tell what was there", async () => {
    const key = fresh("set");
    expect(await redis.set(key, "a", { xx: true })).toBeNull();
    expect(await redis.set(key, "a", { nx: true })).toBe("OK");
    expect(await redis.set(key, "b", { nx: true })).toBeNull();
    expect(await redis.set(key, "c", { get: true })).toBe("a");
    expect(await redis.getdel(key)).toBe("c");
    expect(await redis.get(key)).toBeNull();
  });

  test("tell what is in many places at once, and fill the empty ones for a while", async () => {
    const [filled, empty, list] = [fresh("mget"), fresh("mget"), fresh("mget")];
    await redis.set(filled, "a");
    await redis.rpush(list, "no text");
    expect(await redis.mget(filled, empty, list)).toEqual(["a", null, null]);
    const life = { nx: true, px: 60_000 } as const;
    expect(await redis.pipeline().set(filled, "b", life).set(empty, "c", life).exec()).toEqual([null, "OK"]);
    expect(await redis.mget(filled, empty)).toEqual(["a", "c"]);
    expect([await redis.pttl(filled), (await redis.pttl(empty)) > 59_000]).toEqual([-1, true]);
  });

  test("let a key go at its time", async () => {
    const key = fresh("expiry");
    await redis.set(key, "a", { px: 60 });
    expect(await redis.pttl(key)).toBeGreaterThan(0);
    await expect.poll(() => redis.exists(key), { interval: 10 }).toBe(0);
    expect(await redis.ttl(key)).toBe(-2);
  });

  test("keep, change and lift an expiry", async () => {
    const key = fresh("ttl");
    await redis.set(key, 1, { ex: 100 });
    await redis.incr(key);
    expect(await redis.ttl(key)).toBe(100);
    expect(await redis.expire(key, 50, "GT")).toBe(0);
    await redis.set(key, 3, { keepTtl: true });
    expect(await redis.getex(key, { ex: 200 })).toBe(3);
    expect(await redis.ttl(key)).toBe(200);
    expect(await redis.persist(key)).toBe(1);
    await redis.set(key, 4);
    expect(await redis.ttl(key)).toBe(-1);
  });

  test("count", async () => {
    const key = fresh("count");
    expect(await redis.incr(key)).toBe(1);
    expect(await redis.incrby(key, 41)).toBe(42);
    expect(await redis.decrby(key, 50)).toBe(-8);
  });

  test("keep hashes, sets and lists, and no empty one", async () => {
    const [hash, set, list] = [fresh("hash"), fresh("set"), fresh("list")];
    expect(await redis.hset(hash, { a: "x", b: 2 })).toBe(2);
    expect(await redis.hgetall(hash)).toEqual({ a: "x", b: 2 });
    expect(await redis.hincrby(hash, "b", 5)).toBe(7);
    expect(await redis.hmget(hash, "a", "none")).toEqual({ a: "x", none: null });
    expect(await redis.hdel(hash, "a", "b", "c")).toBe(2);
    expect(await redis.sadd(set, "a", "b", "a")).toBe(2);
    expect([await redis.sismember(set, "a"), await redis.scard(set)]).toEqual([1, 2]);
    expect(await redis.srem(set, "a", "b")).toBe(2);
    expect(await redis.rpush(list, "b", "c")).toBe(2);
    expect(await redis.lpush(list, "a", "z")).toBe(4);
    expect(await redis.lrange(list, 0, -2)).toEqual(["z", "a", "b"]);
    expect(await run("LRANGE", list, "-100", "100")).toEqual(["z", "a", "b", "c"]);
    expect(await redis.rpop(list, 2)).toEqual(["c", "b"]);
    expect(await redis.lpop(list, 5)).toEqual(["z", "a"]);
    expect(await redis.exists(hash, set, list)).toBe(0);
  });

  test("order a sorted set by score, then by name", async () => {
    const key = fresh("zset");
    await redis.zadd(key, { score: 2, member: "b" }, { score: 2, member: "a" }, { score: 1, member: "c" });
    expect(await redis.zrange(key, 0, -1)).toEqual(["c", "a", "b"]);
    expect(await redis.zrange(key, 1, "(2", { byScore: true, withScores: true })).toEqual(["c", 1]);
    expect(await redis.zrange(key, "+inf", "-inf", { byScore: true, rev: true, offset: 0, count: 1 })).toEqual(["b"]);
    expect(await redis.zadd(key, { gt: true, ch: true }, { score: 1, member: "a" }, { score: 9, member: "b" })).toBe(1);
    expect(await redis.zcount(key, 2, 9)).toBe(2);
    expect(await redis.zremrangebyscore(key, "-inf", "(9")).toBe(2);
    expect([await redis.zscore(key, "b"), await redis.zcard(key)]).toEqual([9, 1]);
  });

  test("run many commands in one request, each with its own outcome", async () => {
    const key = fresh("many");
    expect(await redis.multi().set(key, 1).incr(key).get(key).exec()).toEqual(["OK", 2, 2]);
    const outcomes = await redis.pipeline().set(key, "x").incr(key).get(key).exec({ keepErrors: true });
    expect(outcomes.map((one) => one.error ?? one.result)).toEqual([
      "OK",
      expect.stringContaining("not an integer"),
      "x",
    ]);
  });

  test("find keys by pattern", async () => {
    const prefix = fresh("find");
    await redis.mset({ [`${prefix}:a`]: 1, [`${prefix}:b`]: 2 });
    expect((await redis.keys(`${prefix}:?`)).toSorted()).toEqual([`${prefix}:a`, `${prefix}:b`]);
    expect(await redis.scan(0, { match: `${prefix}:[^a]` })).toEqual(["0", [`${prefix}:b`]]);
    expect(glob("a.[b-d]\\*").test("a.c*")).toBe(true);
    expect(glob("a.b").test("axb")).toBe(false);
  });
});

describe("a script", () => {
  test("counts and expires in one step, whoever else is at it", async () => {
    const key = fresh("window");
    const count = `local n = redis.call("INCR", KEYS[1])
      if n == 1 then redis.call("PEXPIRE", KEYS[1], ARGV[1]) end
      return { n, redis.call("PTTL", KEYS[1]) > 0 }`;
    const all = await Promise.all(
      Array.from({ length: 20 }, () => redis.eval<[number], [number, number]>(count, [key], [5000])),
    );
    expect(all.map(([n]) => n).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(all.every(([, lives]) => lives === 1)).toBe(true);
  });

  test("takes a code once", async () => {
    const key = fresh("code");
    await redis.set(key, "secret");
    const take = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`;
    const tries = await Promise.all(
      Array.from({ length: 5 }, () => redis.eval<[string], number>(take, [key], ["secret"])),
    );
    expect(tries.toSorted()).toEqual([0, 0, 0, 0, 1]);
  });

  test("meets times in milliseconds as exact numbers", async () => {
    const sum = "return { tonumber(ARGV[1]) + 1, tostring(tonumber(ARGV[1])), 7 / 2, 6 / 2 .. '' }";
    expect(await redis.eval(sum, [], ["1700000000123"])).toEqual([1700000000124, 1700000000123, 3, 3]);
  });

  test("gives lists up to their first nil, statuses, and nil for false", async () => {
    expect(await redis.eval("return { 1, 'a', { 2 }, nil, 3 }", [], [])).toEqual([1, "a", [2]]);
    expect(await redis.eval("return { 1, false, 3 }", [], [])).toEqual([1, null, 3]);
    expect(await redis.eval("return redis.status_reply('FINE')", [], [])).toBe("FINE");
    expect(await redis.eval("return redis.pcall('GET', KEYS[1])", [fresh("none")], [])).toBeNull();
  });

  test("is kept by its hash", async () => {
    const sha = await redis.scriptLoad("return ARGV[1]");
    expect(await redis.evalsha(sha, [], ["there"])).toBe("there");
    expect(await refusal(redis.evalsha("0".repeat(40), [], []))).toContain("NOSCRIPT");
  });

  test("fails with the error of the command that failed, of the text, of a global", async () => {
    const key = fresh("text");
    await redis.set(key, "x");
    expect(await refusal(redis.eval("return redis.call('INCR', KEYS[1])", [key], []))).toContain("not an integer");
    expect(await refusal(redis.eval("return redis.call('NOPE')", [], []))).toContain("unknown command");
    expect(await refusal(redis.eval("retur 1", [], []))).toContain("Error compiling script");
    expect(await refusal(redis.eval("x = 1", [], []))).toContain("readonly table");
    expect(await refusal(redis.eval("return io.open('/etc/passwd')", [], []))).toContain("nil");
    expect(await redis.eval("return 1", [], [])).toBe(1);
  });
});

describe("the embedded Redis refuses", () => {
  test("a wrong token", async () => {
    expect(await refusal(new Redis({ url, token: "x", retry: false }).get("a"))).toContain("WRONGPASS");
    expect((await fetch(url, { method: "POST", body: '["PING"]' })).status).toBe(401);
  });

  test("a command of another type, an unknown one, one without its arguments", async () => {
    const key = fresh("hash");
    await redis.hset(key, { a: 1 });
    expect(await refusal(redis.get(key))).toContain("WRONGTYPE");
    expect(await refusal(redis.sadd(key, "a"))).toContain("WRONGTYPE");
    expect(await refusal(run("NOPE", "a"))).toContain("ERR unknown command 'NOPE', with args beginning with: 'a'");
    expect(await refusal(run("GET"))).toContain("ERR wrong number of arguments for 'get' command");
  });

  test("numbers that are none, and options that do not go together", async () => {
    const key = fresh("number");
    expect(await refusal(run("INCRBY", key, "1.5"))).toContain("ERR value is not an integer or out of range");
    expect(await refusal(run("SET", key, "a", "EX", "0"))).toContain("ERR invalid expire time in 'set' command");
    expect(await refusal(run("SET", key, "a", "NX", "XX"))).toContain("ERR syntax error");
    expect(await refusal(run("ZADD", key, "high", "a"))).toContain("ERR value is not a valid float");
    expect(await redis.exists(key)).toBe(0);
  });
});
