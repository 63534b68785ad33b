/** The rules of the client that know no socket, no clock and no chance. */
import { describe, expect, test } from "vitest";
import { backoffMs } from "../../src/client/backoff.ts";
import { afterClose } from "../../src/client/closing.ts";
import { answered, type Cursor, cursorAt, isBehind, take } from "../../src/client/cursor.ts";
import { uuidv7 } from "../../src/client/ids.ts";
import { closes } from "../../src/protocol/errors.ts";
import type { EventFrame } from "../../src/protocol/frames.ts";

const about = { conversation_id: "c", epoch: "e" };
const pin = (sequence: number, epoch = "e"): EventFrame => ({
  ...{ type: "pin", ...about, epoch, sequence, message_id: "m", on: true, user_id: "u" },
});
const subscribed = (sequence: number, status: "live" | "recovered" | "more" | "reset", epoch = "e") => ({
  ...{ type: "subscribed" as const, ...about, epoch, sequence, status },
  ...{ floor: 0, watermarks: [], unread: 0, online: [] },
});
const synced = (sequence: number, status: "recovered" | "reset" = "recovered", epoch = "e") => ({
  ...{ type: "synced" as const, ...about, epoch, sequence, status, more: false },
});

/** Takes frames one after the other. @returns the sequences applied, and the cursor */
function heard(frames: EventFrame[], from?: Cursor) {
  let cursor = from;
  const applied: number[] = [];
  for (const frame of frames) {
    const step = take(cursor, frame);
    cursor = step.cursor;
    applied.push(...step.apply.map(({ sequence }) => sequence));
  }
  return { applied, cursor };
}

describe("the cursor", () => {
  test("begins where a conversation is heard of first", () => {
    expect(heard([pin(7), pin(8)])).toMatchObject({ applied: [7, 8], cursor: { epoch: "e", last: 8, head: 8 } });
  });

  test("drops what it knows, and holds what comes after a gap until the gap is filled", () => {
    const { applied, cursor } = heard([pin(5), pin(6), pin(9), pin(8), pin(9)], cursorAt(pin(5)));
    expect(applied).toEqual([6]);
    expect(cursor && isBehind(cursor)).toBe(true);
    expect(heard([pin(7)], cursor)).toMatchObject({ applied: [7, 8, 9], cursor: { last: 9 } });
  });

  test("takes no event of another epoch", () => {
    const step = take(cursorAt(pin(5)), pin(6, "other"));
    expect(step).toMatchObject({ apply: [], isForeign: true, cursor: { epoch: "e", last: 5 } });
  });

  test("is behind after an answer that says there is more, and not where nothing was missed", () => {
    const at = cursorAt(pin(5));
    expect(isBehind(answered(at, subscribed(5, "live")).cursor)).toBe(false);
    expect(isBehind(answered(at, subscribed(900, "more")).cursor)).toBe(true);
    expect(isBehind(answered(at, synced(6)).cursor)).toBe(true);
  });

  test("goes where a reset says, and lets go what it held", () => {
    const { cursor } = heard([pin(9)], cursorAt(pin(5)));
    const step = answered(cursor, subscribed(3, "reset", "new"));
    expect(step).toMatchObject({ isReset: true, cursor: { epoch: "new", last: 3, head: 3 }, passed: [pin(9)] });
    expect(step.cursor.held.size).toBe(0);
  });

  test("asks to subscribe anew where a sync cannot be answered", () => {
    expect(answered(cursorAt(pin(5)), synced(9, "reset"))).toMatchObject({ isForeign: true });
    expect(answered(cursorAt(pin(5)), synced(9, "recovered", "new"))).toMatchObject({ isForeign: true });
  });
});

test("waits between tries grow, are left to chance wholly, and not before the server allows", () => {
  expect([0, 1, 5, 6, 60].map((attempt) => backoffMs(attempt, 1))).toEqual([500, 1_000, 16_000, 30_000, 30_000]);
  expect(backoffMs(9, 0)).toBe(0);
  expect(backoffMs(0, 0.5, 4_000)).toBe(4_250);
});

describe("after a close", () => {
  test("the socket is opened again where the server says that it may be", () => {
    for (const { code, resume } of Object.values(closes)) {
      if (code !== closes.tooMany.code) expect([code, afterClose(code).what === "resume"]).toEqual([code, resume]);
    }
    expect(afterClose(1006)).toEqual({ what: "resume", floorMs: 0 });
  });

  test("one signs in again, or the conversation is gone, or one waits", () => {
    expect(afterClose(4401).what).toBe("sign-in");
    expect([4403, 4404].map((code) => afterClose(code).what)).toEqual(["gone", "gone"]);
    expect(afterClose(4503, '{"retry_after_ms":1500}')).toEqual({ what: "resume", floorMs: 1_500 });
    expect(afterClose(4429)).toEqual({ what: "resume", floorMs: 30_000 });
  });
});

test("an id has its time in front, its version and its variant", () => {
  const id = uuidv7(
    0x0192_3456_789a,
    Uint8Array.from({ length: 10 }, (_, at) => at * 16 + at),
  );
  expect(id).toMatch(/^01923456-789a-7[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});
