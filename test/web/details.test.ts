import { describe, expect, test } from "vitest";
import type { SharedFile } from "../../src/protocol/media.ts";
import { boundsOf, isUsable } from "../../src/web/details/bounds.ts";
import { sharedOf } from "../../src/web/details/shared.ts";

const now = Date.parse("2026-11-27T12:00:00.000Z");

describe("an invite", () => {
  const made = { id: "i", created_by: "u", created_at: "2026-11-27T10:00:00.000Z", uses: 0 };

  test("is bound as one chose", () => {
    expect(boundsOf({ life: "day", uses: "ten" }, now)).toEqual({
      expires_at: "2026-11-28T12:00:00.000Z",
      max_uses: 10,
    });
    expect(boundsOf({ life: "forever", uses: "any" }, now)).toEqual({});
  });

  test("can be used until its time, and as often as it says", () => {
    expect(isUsable(made, now)).toBe(true);
    expect(isUsable({ ...made, expires_at: "2026-11-27T12:00:00.000Z" }, now)).toBe(false);
    expect(isUsable({ ...made, max_uses: 1, uses: 1 }, now)).toBe(false);
  });
});

test("shared pictures stand apart from other files", () => {
  const file = (content_type: string): SharedFile => ({
    media: { id: content_type, content_type, size: 1, url: "" },
    ...{ message_id: "m", sequence: 1, sender_id: "u", created_at: "2026-11-27T10:00:00.000Z" },
  });
  const [png, pdf, svg] = [file("image/png"), file("application/pdf"), file("image/svg+xml")];
  expect(sharedOf([png, pdf, svg])).toEqual({ pictures: [png], files: [pdf, svg] });
});
