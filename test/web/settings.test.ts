import { describe, expect, test } from "vitest";
import { middleOf, moved, sideOf, squareOf, zoomed } from "../../src/web/avatars/crop.ts";
import { browserOf } from "../../src/web/settings/device-name.ts";
import { changeOf, fieldsOf } from "../../src/web/settings/profile.ts";

describe("what is told of a changed profile", () => {
  const me = {
    ...{ id: "1", name: "Ann", username: "ann", email: "ann@example.com", created_at: "2026-01-01T00:00:00.000Z" },
    settings: { last_seen: "everyone", read_receipts: true, push_text: true } as const,
  };
  const changed = (change: Partial<ReturnType<typeof fieldsOf>>) => changeOf(me, { ...fieldsOf(me), ...change });

  test("is nothing where nothing is other, blanks around apart", () => {
    expect(changed({})).toBeUndefined();
    expect(changed({ name: " Ann ", username: "ann " })).toBeUndefined();
  });

  test("is what is other alone; what was emptied is taken away", () => {
    expect(changed({ name: "Anna", username: "" })).toEqual({ name: "Anna", username: null });
    expect(changed({ bio: " hello " })).toEqual({ bio: "hello" });
  });

  test("has the number of a phone without what people write between its digits", () => {
    expect(changed({ phone_number: "+1 (415) 555-0100" })).toEqual({ phone_number: "+14155550100" });
  });
});

describe("the square of a picture", () => {
  const wide = { width: 4_000, height: 1_000 };

  test("is the middle at first, as large as fits", () => {
    expect(squareOf(wide, middleOf(wide))).toEqual({ x: 1_500, y: 0, side: 1_000 });
  });

  test("stays within the picture, however far one moves, and comes back at once", () => {
    const far = moved(wide, middleOf(wide), { x: -99, y: -99 });
    expect(squareOf(wide, far)).toEqual({ x: 0, y: 0, side: 1_000 });
    expect(squareOf(wide, moved(wide, far, { x: 0.5, y: 0 }))).toEqual({ x: 500, y: 0, side: 1_000 });
  });

  test("is smaller when one comes closer, and is moved in when one goes back at an edge", () => {
    const close = moved(wide, zoomed(wide, middleOf(wide), 4), { x: 99, y: 99 });
    expect(squareOf(wide, close)).toEqual({ x: 3_750, y: 750, side: 250 });
    expect(squareOf(wide, zoomed(wide, close, 1))).toEqual({ x: 3_000, y: 0, side: 1_000 });
  });

  test("has 512 pixels at most, and never more than the picture", () => {
    expect([4_000, 512, 100.4, 0.2].map((side) => sideOf({ x: 0, y: 0, side }))).toEqual([512, 512, 100, 1]);
  });
});

describe("a session's device", () => {
  const engine = "AppleWebKit/537.36 (KHTML, like Gecko)";

  test.each([
    [`Mozilla/5.0 (X11; Linux x86_64) ${engine} Chrome/140.0.0.0 Safari/537.36`, "Chrome", "Linux"],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${engine} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`, "Edge", "Windows"],
    [`Mozilla/5.0 (Linux; Android 10; K) ${engine} Chrome/140.0.0.0 Mobile Safari/537.36`, "Chrome", "Android"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "macOS"],
    [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${engine} Version/18.0 Safari/604.1`, "Safari", "iPhone"],
  ])("is named by its browser and system: %s", (agent, browser, system) => {
    expect(browserOf(agent)).toEqual({ browser, system });
  });

  test("has only its own name where it is no browser", () => {
    expect([browserOf("PingMe-iOS/2.1"), browserOf("curl/8.0"), browserOf("")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
