import { type Commands, ok, RedisError, type Reply, type Store } from "./redis-store.ts";
import { arity, integer, pairs, span } from "./redis-words.ts";

function hset(store: Store, key: string, flat: string[], command: string): number {
  const fields = pairs(flat, command);
  const hash = store.open(key, "hash");
  const before = hash.size;
  for (const [field, value] of fields) hash.set(field, value);
  return hash.size - before;
}

function hincrby(store: Store, key: string, field: string, by: number): number {
  const present = store.read(key, "hash")?.get(field) ?? "0";
  const sum = integer(present, "ERR hash value is not an integer") + by;
  store.open(key, "hash").set(field, String(sum));
  return sum;
}

/** Takes members out of a hash or set and lets go of it when that was the last. */
function take(store: Store, key: string, type: "hash" | "set", members: string[]): number {
  const held = store.read(key, type);
  const count = members.filter((member) => held?.delete(member)).length;
  store.settle(key);
  return count;
}

function push(store: Store, key: string, items: string[], end: "left" | "right"): number {
  const list = store.open(key, "list");
  for (const item of items) end === "left" ? list.unshift(item) : list.push(item);
  return list.length;
}

function pop(store: Store, key: string, count: string | undefined, end: "left" | "right"): Reply {
  const wanted = count === undefined ? 1 : integer(count);
  if (wanted < 0) throw new RedisError("ERR value is out of range, must be positive");
  const list = store.read(key, "list");
  if (!list) return null;
  const taken = end === "left" ? list.splice(0, wanted) : list.splice(Math.max(0, list.length - wanted)).reverse();
  store.settle(key);
  return count === undefined ? (taken[0] ?? null) : taken;
}

function keepRange(store: Store, key: string, first: string, last: string): Reply {
  const list = store.read(key, "list");
  if (!list) return ok;
  const kept = list.slice(...span(integer(first), integer(last), list.length));
  list.splice(0, list.length, ...kept);
  store.settle(key);
  return ok;
}

const hashes: Commands = {
  HSET: { least: 3, run: (store, key = "", ...flat) => hset(store, key, flat, "hset") },
  HMSET: {
    least: 3,
    run: (store, key = "", ...flat) => {
      hset(store, key, flat, "hmset");
      return ok;
    },
  },
  HSETNX: {
    least: 3,
    run: (store, key = "", field = "", value = "") =>
      store.read(key, "hash")?.has(field) ? 0 : hset(store, key, [field, value], "hsetnx"),
  },
  HGET: { least: 2, run: (store, key = "", field = "") => store.read(key, "hash")?.get(field) ?? null },
  HMGET: {
    least: 2,
    run: (store, key = "", ...fields) => fields.map((field) => store.read(key, "hash")?.get(field) ?? null),
  },
  HGETALL: { least: 1, run: (store, key = "") => [...(store.read(key, "hash") ?? [])].flat() },
  HKEYS: { least: 1, run: (store, key = "") => [...(store.read(key, "hash")?.keys() ?? [])] },
  HVALS: { least: 1, run: (store, key = "") => [...(store.read(key, "hash")?.values() ?? [])] },
  HLEN: { least: 1, run: (store, key = "") => store.read(key, "hash")?.size ?? 0 },
  HEXISTS: { least: 2, run: (store, key = "", field = "") => Number(store.read(key, "hash")?.has(field) ?? false) },
  HDEL: { least: 2, run: (store, key = "", ...fields) => take(store, key, "hash", fields) },
  HINCRBY: { least: 3, run: (store, key = "", field = "", by = "") => hincrby(store, key, field, integer(by)) },
};

const sets: Commands = {
  SADD: {
    least: 2,
    run: (store, key = "", ...members) => {
      const set = store.open(key, "set");
      const before = set.size;
      for (const member of members) set.add(member);
      return set.size - before;
    },
  },
  SREM: { least: 2, run: (store, key = "", ...members) => take(store, key, "set", members) },
  SMEMBERS: { least: 1, run: (store, key = "") => [...(store.read(key, "set") ?? [])] },
  SISMEMBER: { least: 2, run: (store, key = "", member = "") => Number(store.read(key, "set")?.has(member) ?? false) },
  SMISMEMBER: {
    least: 2,
    run: (store, key = "", ...members) => members.map((member) => Number(store.read(key, "set")?.has(member) ?? false)),
  },
  SCARD: { least: 1, run: (store, key = "") => store.read(key, "set")?.size ?? 0 },
  SPOP: {
    least: 1,
    run: (store, key = "", ...extra) => {
      if (extra.length > 0) throw arity("spop");
      const [first] = store.read(key, "set") ?? [];
      if (first === undefined) return null;
      take(store, key, "set", [first]);
      return first;
    },
  },
};

const lists: Commands = {
  LPUSH: { least: 2, run: (store, key = "", ...items) => push(store, key, items, "left") },
  RPUSH: { least: 2, run: (store, key = "", ...items) => push(store, key, items, "right") },
  LPOP: { least: 1, run: (store, key = "", count) => pop(store, key, count, "left") },
  RPOP: { least: 1, run: (store, key = "", count) => pop(store, key, count, "right") },
  LLEN: { least: 1, run: (store, key = "") => store.read(key, "list")?.length ?? 0 },
  LRANGE: {
    least: 3,
    run: (store, key = "", first = "", last = "") => {
      const list = store.read(key, "list") ?? [];
      return list.slice(...span(integer(first), integer(last), list.length));
    },
  },
  LTRIM: { least: 3, run: (store, key = "", first = "", last = "") => keepRange(store, key, first, last) },
};

/** Commands of hashes, sets and lists. */
export const collections: Commands = { ...hashes, ...sets, ...lists };
