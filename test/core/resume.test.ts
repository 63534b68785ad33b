import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resume, sync } from "../../src/core/resume.ts";
import { limits } from "../../src/protocol/limits.ts";

const extent = fc
  .record({ floor: fc.nat(5_000), above: fc.nat(5_000) })
  .map(({ floor, above }) => ({ epoch: "present", floor, head: floor + above }));

describe("a resume", () => {
  test("sends all that was missed, or says that it does not, and never more than a page", () => {
    fc.assert(
      fc.property(extent, fc.nat(12_000), (log, since) => {
        const found = resume({ epoch: "present", since }, log);
        if ("from" in found) {
          expect(found.from).toBe(since);
          expect(found.to - found.from).toBeLessThanOrEqual(limits.replayPage);
          expect(found.from).toBeGreaterThanOrEqual(log.floor);
          expect(found.status === "recovered").toBe(found.to === log.head);
        } else if (found.status === "live") expect(since).toBe(log.head);
        else {
          const isOutside = since < log.floor || since > log.head || log.head - since > limits.resetBehind;
          expect(isOutside).toBe(true);
        }
      }),
    );
  });

  test.each([
    [{ since: 10 }, "live"],
    [{ since: 9 }, "recovered"],
    [{ since: 3 }, "recovered"],
    [{ since: 2 }, "reset"],
    [{ since: 11 }, "reset"],
    [{ since: 10, epoch: "present" }, "live"],
    [{ since: 10, epoch: "another" }, "reset"],
    [{ since: 10, epoch: "" }, "reset"],
  ])("of %j in a log of 4 to 10 is %s", (cursor, status) => {
    expect(resume(cursor, { epoch: "present", floor: 3, head: 10 })).toMatchObject({ status });
  });

  test("is a reset one event beyond the most, and more at the most", () => {
    const log = { epoch: "present", floor: 0, head: limits.resetBehind + 1 };
    expect(resume({ since: 0 }, log)).toEqual({ status: "reset" });
    expect(resume({ since: 1 }, log)).toEqual({ status: "more", from: 1, to: 1 + limits.replayPage });
  });
});

describe("a sync", () => {
  test("asked again from where it ended gives every event once, up to `until`", () => {
    fc.assert(
      fc.property(extent, fc.nat(5_000), fc.option(fc.nat(12_000)), (log, back, until) => {
        let since = Math.max(log.floor, log.head - back);
        const wanted = Math.max(since, Math.min(log.head, until ?? log.head));
        for (let more = true; more; ) {
          const found = sync({ since, until: until ?? undefined }, log);
          if (found.status === "reset") throw new Error("It is within the log");
          expect(found.from).toBe(since);
          since = found.to;
          more = found.more;
        }
        expect(since).toBe(wanted);
      }),
    );
  });

  test("outside the log is a reset", () => {
    const log = { epoch: "present", floor: 3, head: 10 };
    expect(sync({ since: 2 }, log)).toEqual({ status: "reset" });
    expect(sync({ since: 11 }, log)).toEqual({ status: "reset" });
    expect(sync({ since: 3 }, log)).toEqual({ status: "recovered", from: 3, to: 10, more: false });
  });
});
