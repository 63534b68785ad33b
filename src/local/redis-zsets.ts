import { type Commands, RedisError, type Reply, type Store } from "./redis-store.ts";
import { arity, float, floatText, integer, pairs, scoreBound, span, syntax } from "./redis-words.ts";

type Scored = [member: string, score: number];

const byteOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** By score, and by the member's bytes where scores are the same. */
function sorted(store: Store, key: string): Scored[] {
  const entries: Scored[] = [...(store.read(key, "zset") ?? [])];
  return entries.sort((a, b) => a[1] - b[1] || byteOrder(a[0], b[0]));
}

function within(low: string, high: string): (entry: Scored) => boolean {
  const least = scoreBound(low);
  const most = scoreBound(high);
  return ([, score]) =>
    (least.isOpen ? score > least.score : score >= least.score) &&
    (most.isOpen ? score < most.score : score <= most.score);
}

function removeAll(store: Store, key: string, entries: Scored[]): number {
  const zset = store.read(key, "zset");
  for (const [member] of entries) zset?.delete(member);
  store.settle(key);
  return entries.length;
}

const listed = (entries: Scored[], withScores: boolean): Reply =>
  entries.flatMap(([member, score]) => (withScores ? [member, floatText(score)] : [member]));

interface ZaddFlags {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
  ch: boolean;
  incr: boolean;
}

function zaddFlags(words: string[]): [ZaddFlags, string[]] {
  const flags: ZaddFlags = { nx: false, xx: false, gt: false, lt: false, ch: false, incr: false };
  let at = 0;
  for (; (words[at] ?? "").toLowerCase() in flags; at += 1)
    flags[(words[at] ?? "").toLowerCase() as keyof ZaddFlags] = true;
  if (flags.nx && (flags.xx || flags.gt || flags.lt)) {
    throw new RedisError("ERR XX and NX options at the same time are not compatible");
  }
  return [flags, words.slice(at)];
}

function zadd(store: Store, key: string, words: string[]): Reply {
  const [flags, flat] = zaddFlags(words);
  const entries = pairs(flat, "zadd").map(([score, member]) => ({ member, score: float(score) }));
  if (flags.incr && entries.length > 1) {
    throw new RedisError("ERR INCR option supports a single increment-element pair");
  }
  const zset = store.open(key, "zset");
  let added = 0;
  let changed = 0;
  let last: string | null = null;
  for (const { member, score } of entries) {
    const present = zset.get(member);
    const next = flags.incr ? (present ?? 0) + score : score;
    const isRefused =
      (flags.nx && present !== undefined) ||
      (flags.xx && present === undefined) ||
      (present !== undefined && ((flags.gt && next <= present) || (flags.lt && next >= present)));
    if (isRefused) continue;
    zset.set(member, next);
    if (present === undefined) added += 1;
    else if (present !== next) changed += 1;
    last = floatText(next);
  }
  store.settle(key);
  if (flags.incr) return last;
  return flags.ch ? added + changed : added;
}

function zrange(store: Store, key: string, first: string, last: string, words: string[]): Reply {
  const upper = words.map((word) => word.toUpperCase());
  const at = upper.indexOf("LIMIT");
  const limit = at < 0 ? undefined : words.slice(at + 1, at + 3);
  const rest = at < 0 ? upper : upper.toSpliced(at, 3);
  const known = ["BYSCORE", "REV", "WITHSCORES"];
  if (rest.some((word) => !known.includes(word)) || (limit && !rest.includes("BYSCORE"))) throw syntax();
  const isReversed = rest.includes("REV");
  const entries = isReversed ? sorted(store, key).reverse() : sorted(store, key);
  const withScores = rest.includes("WITHSCORES");
  if (!rest.includes("BYSCORE")) {
    return listed(entries.slice(...span(integer(first), integer(last), entries.length)), withScores);
  }
  const fitting = entries.filter(isReversed ? within(last, first) : within(first, last));
  return listed(limited(fitting, limit), withScores);
}

function limited(entries: Scored[], limit: string[] | undefined): Scored[] {
  if (!limit) return entries;
  const [offset, count] = limit.map((word) => integer(word));
  if (offset === undefined || count === undefined) throw syntax();
  return entries.slice(offset, count < 0 ? undefined : offset + count);
}

export const sortedSets: Commands = {
  ZADD: { least: 3, run: (store, key = "", ...words) => zadd(store, key, words) },
  ZINCRBY: { least: 3, run: (store, key = "", by = "", member = "") => zadd(store, key, ["INCR", by, member]) },
  ZCARD: { least: 1, run: (store, key = "") => store.read(key, "zset")?.size ?? 0 },
  ZSCORE: {
    least: 2,
    run: (store, key = "", member = "") => {
      const score = store.read(key, "zset")?.get(member);
      return score === undefined ? null : floatText(score);
    },
  },
  ZRANK: {
    least: 2,
    run: (store, key = "", member = "") => {
      const at = sorted(store, key).findIndex(([name]) => name === member);
      return at < 0 ? null : at;
    },
  },
  ZREM: {
    least: 2,
    run: (store, key = "", ...members) => {
      const zset = store.read(key, "zset");
      const count = members.filter((member) => zset?.delete(member)).length;
      store.settle(key);
      return count;
    },
  },
  ZCOUNT: {
    least: 3,
    run: (store, key = "", low = "", high = "") => sorted(store, key).filter(within(low, high)).length,
  },
  ZRANGE: {
    least: 3,
    run: (store, key = "", first = "", last = "", ...words) => zrange(store, key, first, last, words),
  },
  ZREVRANGE: {
    least: 3,
    run: (store, key = "", first = "", last = "", ...words) => zrange(store, key, first, last, [...words, "REV"]),
  },
  ZRANGEBYSCORE: {
    least: 3,
    run: (store, key = "", low = "", high = "", ...words) => zrange(store, key, low, high, [...words, "BYSCORE"]),
  },
  ZREVRANGEBYSCORE: {
    least: 3,
    run: (store, key = "", high = "", low = "", ...words) =>
      zrange(store, key, high, low, [...words, "BYSCORE", "REV"]),
  },
  ZREMRANGEBYSCORE: {
    least: 3,
    run: (store, key = "", low = "", high = "") => removeAll(store, key, sorted(store, key).filter(within(low, high))),
  },
  ZREMRANGEBYRANK: {
    least: 3,
    run: (store, key = "", first = "", last = "") => {
      const entries = sorted(store, key);
      return removeAll(store, key, entries.slice(...span(integer(first), integer(last), entries.length)));
    },
  },
  ZPOPMIN: {
    least: 1,
    run: (store, key = "", ...extra) => {
      if (extra.length > 1) throw arity("zpopmin");
      const entries = sorted(store, key).slice(0, integer(extra[0] ?? "1"));
      removeAll(store, key, entries);
      return listed(entries, true);
    },
  },
};
