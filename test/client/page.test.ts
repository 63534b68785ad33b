import { afterEach, expect, test, vi } from "vitest";
import { createClient } from "../../src/client/client.ts";

afterEach(() => void vi.unstubAllGlobals());

test("a page is listened to while one is connected, once, and not after", () => {
  const heard: AbortSignal[] = [];
  const addEventListener = (_type: string, _hear: () => void, { signal }: { signal: AbortSignal }) =>
    heard.push(signal);
  vi.stubGlobal("addEventListener", addEventListener);
  vi.stubGlobal("document", { visibilityState: "visible", addEventListener });
  const client = createClient({ url: "http://127.0.0.1:9" });
  expect(heard).toEqual([]);
  client.connect();
  client.connect({ conversation: "one" });
  expect(heard.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  client.disconnect();
  expect(heard.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  client.connect();
  expect(heard.filter(({ aborted }) => !aborted)).toHaveLength(3);
  client.disconnect();
});
