import { describe, expect, test } from "vitest";
import { Queue } from "../../src/objects/queue.ts";
import { until, withLimits } from "../support/room.ts";

withLimits({ fanAtOnce: 4, fanCalls: 6, fanOthersEvery: 4, fanSlowMs: 60_000 });

/** Calls that are over when the test says so. */
function calling() {
  const called: string[] = [];
  const ends = new Map<string, () => void>();
  const under = { way: 0, most: 0 };
  const queue = new Queue((userId) => {
    called.push(userId);
    under.way += 1;
    under.most = Math.max(under.most, under.way);
    return new Promise((resolve) => ends.set(userId, resolve));
  });
  const add = (...ids: string[]) => {
    for (const id of ids) queue.add(id, id.startsWith("listener") ? "listening" : "others");
  };
  const end = (...ids: string[]) => {
    under.way -= ids.length;
    for (const id of ids) ends.get(id)?.();
  };
  const reach = (count: number) => until(`${count} calls`, () => called.length >= count || undefined);
  return { queue, called, under, add, end, reach };
}

describe("who waits to be called", () => {
  test("is called a few at a time, and only so many at once", async () => {
    const { queue, called, under, add, end, reach } = calling();
    add("a", "b", "c", "d", "e", "f", "g", "h");
    queue.begin();
    expect(called).toEqual(["a", "b", "c", "d"]);
    await reach(6);
    end("c");
    await reach(7);
    end("a");
    await reach(8);
    expect(called).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
    expect(under.most).toBe(6);
  });

  test("comes first when listening, and last never", async () => {
    const { queue, called, add, reach } = calling();
    add("one", "two", "three", "listener 1", "listener 2", "listener 3", "listener 4");
    queue.begin();
    await reach(6);
    expect(called).toEqual(["listener 1", "listener 2", "listener 3", "one", "listener 4", "two"]);
  });

  test("comes before all others having just spoken", async () => {
    const { queue, called, add, reach } = calling();
    add("one", "listener 1", "listener 2");
    queue.add("one", "speaking");
    queue.add("one", "listening");
    queue.begin();
    await reach(3);
    expect(called).toEqual(["one", "listener 1", "listener 2"]);
  });

  test("waits once, and comes forward on beginning to listen", async () => {
    const { queue, called, add, reach } = calling();
    add("one", "two", "two");
    queue.add("two", "listening");
    queue.begin();
    await reach(2);
    expect(called).toEqual(["two", "one"]);
    expect(queue.isEmpty).toBe(true);
  });
});
