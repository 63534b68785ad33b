import { collections } from "./redis-collections.ts";
import { type Commands, ok, RedisError, type Reply, type Store } from "./redis-store.ts";
import { arity, glob, integer, options, pairs, syntax } from "./redis-words.ts";
import { sortedSets } from "./redis-zsets.ts";

/** @throws RedisError as Redis words it, also for a command it does not know. */
export function execute(store: Store, [name = "", ...args]: string[]): Reply {
  const command = commands[name.toUpperCase()];
  if (!command) throw new RedisError(`ERR unknown command '${name}', with args beginning with: ${quoted(args)}`);
  if (args.length < command.least) throw arity(name);
  return command.run(store, ...args);
}

const quoted = (args: string[]) => args.map((word) => `'${word}' `).join("");

const units: Record<string, (given: number) => number> = {
  EX: (given) => Date.now() + given * 1000,
  PX: (given) => Date.now() + given,
  EXAT: (given) => given * 1000,
  PXAT: (given) => given,
};

function expiryFrom(found: Map<string, string>, command: string): number | undefined {
  const given = Object.keys(units).filter((word) => found.has(word));
  const [word] = given;
  if (word === undefined) return undefined;
  if (given.length > 1 || found.has("KEEPTTL") || found.has("PERSIST")) throw syntax();
  const amount = integer(found.get(word) ?? "");
  if (amount <= 0) throw new RedisError(`ERR invalid expire time in '${command}' command`);
  return units[word]?.(amount);
}

function set(store: Store, key: string, value: string, words: string[]): Reply {
  const found = options(words, ["NX", "XX", "GET", "KEEPTTL"], Object.keys(units));
  if (found.has("NX") && found.has("XX")) throw syntax();
  const expiresAt = expiryFrom(found, "set");
  const before = found.has("GET") ? (store.read(key, "string") ?? null) : null;
  const exists = store.typeOf(key) !== undefined;
  const isRefused = (found.has("NX") && exists) || (found.has("XX") && !exists);
  if (!isRefused) store.write(key, value, found.has("KEEPTTL") ? store.expiryOf(key) : expiresAt);
  if (found.has("GET")) return before;
  return isRefused ? null : ok;
}

function add(store: Store, key: string, amount: number): number {
  const sum = integer(store.read(key, "string") ?? "0") + amount;
  if (!Number.isSafeInteger(sum)) throw new RedisError("ERR increment or decrement would overflow");
  store.write(key, String(sum), store.expiryOf(key));
  return sum;
}

function expireAt(store: Store, key: string, at: number, words: string[]): number {
  const found = options(words, ["NX", "XX", "GT", "LT"], []);
  if (store.typeOf(key) === undefined) return 0;
  const present = store.expiryOf(key);
  if (found.has("NX") && present !== undefined) return 0;
  if (found.has("XX") && present === undefined) return 0;
  if (found.has("GT") && (present === undefined || at <= present)) return 0;
  if (found.has("LT") && present !== undefined && at >= present) return 0;
  store.expire(key, at);
  return 1;
}

function left(store: Store, key: string, unitMs: number): number {
  if (store.typeOf(key) === undefined) return -2;
  const at = store.expiryOf(key);
  return at === undefined ? -1 : Math.round((at - Date.now()) / unitMs);
}

function getex(store: Store, key: string, words: string[]): Reply {
  const found = options(words, ["PERSIST"], Object.keys(units));
  const at = expiryFrom(found, "getex");
  const value = store.read(key, "string") ?? null;
  if (at !== undefined || found.has("PERSIST")) store.expire(key, at);
  return value;
}

function scan(store: Store, words: string[]): Reply {
  const found = options(words, [], ["MATCH", "COUNT", "TYPE"]);
  const fits = glob(found.get("MATCH") ?? "*");
  const type = found.get("TYPE");
  // The whole space in one answer: the cursor 0 says there is no more.
  return ["0", store.keys().filter((key) => fits.test(key) && (!type || store.typeOf(key) === type))];
}

function clear(store: Store): Reply {
  store.clear();
  return ok;
}

const readString = (store: Store, key: string) => (store.typeOf(key) === "string" ? store.read(key, "string") : null);

const keysAndStrings: Commands = {
  PING: { least: 0, run: (_store, text) => text ?? { status: "PONG" } },
  ECHO: { least: 1, run: (_store, text = "") => text },
  TIME: { least: 0, run: () => [String(Math.floor(Date.now() / 1000)), String((Date.now() % 1000) * 1000)] },
  FLUSHALL: { least: 0, run: clear },
  FLUSHDB: { least: 0, run: clear },
  DBSIZE: { least: 0, run: (store) => store.keys().length },
  KEYS: { least: 1, run: (store, pattern = "") => store.keys().filter((key) => glob(pattern).test(key)) },
  SCAN: { least: 1, run: (store, _cursor, ...words) => scan(store, words) },
  TYPE: { least: 1, run: (store, key = "") => ({ status: store.typeOf(key) ?? "none" }) },
  DEL: { least: 1, run: (store, ...keys) => keys.filter((key) => store.remove(key)).length },
  UNLINK: { least: 1, run: (store, ...keys) => keys.filter((key) => store.remove(key)).length },
  EXISTS: { least: 1, run: (store, ...keys) => keys.filter((key) => store.typeOf(key)).length },
  EXPIRE: {
    least: 2,
    run: (store, key = "", seconds = "", ...words) => expireAt(store, key, Date.now() + integer(seconds) * 1000, words),
  },
  PEXPIRE: {
    least: 2,
    run: (store, key = "", ms = "", ...words) => expireAt(store, key, Date.now() + integer(ms), words),
  },
  EXPIREAT: {
    least: 2,
    run: (store, key = "", at = "", ...words) => expireAt(store, key, integer(at) * 1000, words),
  },
  PEXPIREAT: { least: 2, run: (store, key = "", at = "", ...words) => expireAt(store, key, integer(at), words) },
  TTL: { least: 1, run: (store, key = "") => left(store, key, 1000) },
  PTTL: { least: 1, run: (store, key = "") => left(store, key, 1) },
  PERSIST: {
    least: 1,
    run: (store, key = "") => {
      if (store.expiryOf(key) === undefined) return 0;
      store.expire(key, undefined);
      return 1;
    },
  },
  GET: { least: 1, run: (store, key = "") => store.read(key, "string") ?? null },
  SET: { least: 2, run: (store, key = "", value = "", ...words) => set(store, key, value, words) },
  SETNX: { least: 2, run: (store, key = "", value = "") => (set(store, key, value, ["NX"]) === null ? 0 : 1) },
  SETEX: { least: 3, run: (store, key = "", seconds = "", value = "") => set(store, key, value, ["EX", seconds]) },
  PSETEX: { least: 3, run: (store, key = "", ms = "", value = "") => set(store, key, value, ["PX", ms]) },
  GETSET: { least: 2, run: (store, key = "", value = "") => set(store, key, value, ["GET"]) },
  GETEX: { least: 1, run: (store, key = "", ...words) => getex(store, key, words) },
  GETDEL: {
    least: 1,
    run: (store, key = "") => {
      const value = store.read(key, "string") ?? null;
      store.remove(key);
      return value;
    },
  },
  STRLEN: { least: 1, run: (store, key = "") => Buffer.byteLength(store.read(key, "string") ?? "") },
  APPEND: {
    least: 2,
    run: (store, key = "", more = "") => {
      const text = (store.read(key, "string") ?? "") + more;
      store.write(key, text, store.expiryOf(key));
      return Buffer.byteLength(text);
    },
  },
  MGET: { least: 1, run: (store, ...keys) => keys.map((key) => readString(store, key) ?? null) },
  MSET: {
    least: 2,
    run: (store, ...flat) => {
      for (const [key, value] of pairs(flat, "mset")) store.write(key, value, undefined);
      return ok;
    },
  },
  INCR: { least: 1, run: (store, key = "") => add(store, key, 1) },
  DECR: { least: 1, run: (store, key = "") => add(store, key, -1) },
  INCRBY: { least: 2, run: (store, key = "", by = "") => add(store, key, integer(by)) },
  DECRBY: { least: 2, run: (store, key = "", by = "") => add(store, key, -integer(by)) },
};

const commands: Commands = { ...keysAndStrings, ...collections, ...sortedSets };
