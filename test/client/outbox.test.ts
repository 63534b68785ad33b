/** The outbox by itself: what it does about refusals, errors and whoever comes after. */
import { expect, test } from "vitest";
import type { Client, OutboxStore } from "../../src/client/api.ts";
import { PingMeError } from "../../src/client/error.ts";
import { createOutbox } from "../../src/client/outbox.ts";
import { memoryOutbox } from "../../src/client/stores.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { ClientFrame } from "../../src/protocol/frames.ts";
import { houseOf } from "../support/house.ts";

const room = "a room";

interface Parts {
  upload?: Client["upload"];
  store?: OutboxStore;
}

function outboxWith({ upload = () => Promise.resolve({ id: "a file" }), store = memoryOutbox() }: Parts = {}) {
  const said: ClientFrame[] = [];
  const house = houseOf({ say: (frame) => said.push(frame) > 0 });
  const outbox = createOutbox(house, store, upload);
  return { outbox, said: () => said.map((frame) => ("content" in frame ? frame.content : frame.type)) };
}

const refusal = (code: ErrorCode, retry_after_ms?: number) => ({
  type: "error" as const,
  code,
  message: "No",
  ...(retry_after_ms && { details: { retry_after_ms } }),
});

const file = { blob: new Blob(["Words"]), name: "words.txt" };

test("what cannot be sent for a fault of the client's own fails, and the next is sent", async () => {
  const { outbox, said } = outboxWith({ upload: () => Promise.reject(new TypeError("A fault")) });
  await outbox.add(room, { content: "With a file", files: [file] });
  await outbox.add(room, { content: "The next" });
  await expect.poll(said).toEqual(["The next"]);
  expect(outbox.of(room)).toMatchObject([{ state: "failed", entry: { content: "With a file" } }, { state: "sending" }]);
});

test("what the server puts off says until when, and what is behind it waits too", async () => {
  const { outbox, said } = outboxWith();
  const id = await outbox.add(room, { content: "Too fast" });
  await outbox.add(room, { content: "The next" });
  await expect.poll(said).toEqual(["Too fast"]);
  const before = Date.now();
  outbox.refused(id, refusal("RATE_LIMIT_EXCEEDED", 60_000));
  await expect.poll(() => outbox.of(room)[0]?.heldUntil).toBeGreaterThanOrEqual(before + 60_000);
  expect(outbox.of(room)).toMatchObject([{ state: "waiting" }, { state: "waiting" }]);
  await outbox.takeAway(id);
  await expect.poll(said).toEqual(["Too fast", "The next"]);
});

test("who comes back does not wait for what was put off before", async () => {
  const { outbox, said } = outboxWith();
  const id = await outbox.add(room, { content: "Too fast" });
  await expect.poll(said).toEqual(["Too fast"]);
  outbox.refused(id, refusal("RATE_LIMIT_EXCEEDED", 60_000));
  await expect.poll(() => outbox.of(room)[0]?.state).toBe("waiting");
  outbox.end();
  await outbox.adopt();
  await expect.poll(said).toEqual(["Too fast", "Too fast"]);
});

test("what is said until when it waits for is not said any more once it fails", async () => {
  const refusals = [
    new PingMeError("Too often", { code: "RATE_LIMIT_EXCEEDED", retryAfterMs: 1 }),
    new PingMeError("No", { code: "TOO_LARGE" }),
  ];
  const { outbox } = outboxWith({ upload: () => Promise.reject(refusals.shift()) });
  await outbox.add(room, { content: "With a file", files: [file] });
  await expect.poll(() => outbox.of(room)[0]?.state).toBe("failed");
  expect(outbox.of(room)[0]?.heldUntil).toBeUndefined();
});

test("is sent, where a device keeps nothing", async () => {
  const store = memoryOutbox();
  store.put = () => {
    throw new Error("No room");
  };
  const { outbox, said } = outboxWith({ store });
  await outbox.add(room, { content: "With a file", files: [file] });
  await expect.poll(said).toEqual(["With a file"]);
});
