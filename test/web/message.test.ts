/** What is made of one message: ticks, what may be done, its words, its pictures. */
import { describe, expect, test } from "vitest";
import { deedsOn } from "../../src/web/conversation/rights.ts";
import { boxOf } from "../../src/web/conversation/sizes.ts";
import { reachOf, tickOf } from "../../src/web/conversation/ticks.ts";
import { isBigEmoji, lengthOf, partsOf } from "../../src/web/conversation/words.ts";
import { message } from "./sample.ts";

const me = "me";
const now = Date.parse("2026-11-27T12:00:00Z");

describe("ticks", () => {
  const readers = (...all: [string, number, number][]) =>
    new Map(all.map(([user_id, delivered, read]) => [user_id, { user_id, delivered, read }]));
  const tick = (sequence: number, memberCount: number, ...all: [string, number, number][]) =>
    tickOf(sequence, reachOf({ readers: readers(...all), userId: me, memberCount }));

  test("two once all the others have it, coloured once all have read it", () => {
    expect(tick(5, 3, [me, 9, 9], ["ann", 9, 9], ["bob", 4, 4])).toBe("stored");
    expect(tick(5, 3, [me, 9, 9], ["ann", 9, 9], ["bob", 5, 4])).toBe("delivered");
    expect(tick(5, 3, [me, 9, 9], ["ann", 9, 9], ["bob", 4, 5])).toBe("read");
  });

  test("what is not known of somebody is not claimed", () => {
    expect(tick(5, 200, [me, 9, 9], ["ann", 9, 9])).toBe("stored");
    expect(tick(5, 1, [me, 9, 9])).toBe("stored");
  });
});

describe("what may be done with a message", () => {
  const hour = 3_600_000;
  const mine = message({ sender_id: me, created_at: new Date(now - hour).toISOString() });
  const theirs = message({ sender_id: "ann" });
  const on = (of: typeof mine, kind: "dialog" | "group", role: "OWNER" | "ADMIN" | "MEMBER") =>
    deedsOn(of, { kind, me: { role } }, { userId: me, ownerId: "the owner", now });

  test("one's own is edited for 48 hours, and deleted always", () => {
    const old = { ...mine, created_at: new Date(now - 49 * hour).toISOString() };
    expect(on(mine, "dialog", "MEMBER").has("edit")).toBe(true);
    expect(on(old, "dialog", "MEMBER").has("edit")).toBe(false);
    expect(on(old, "dialog", "MEMBER").has("delete")).toBe(true);
  });

  test("what the owner said only they delete", () => {
    expect(on({ ...theirs, sender_id: "the owner" }, "group", "ADMIN").has("delete")).toBe(false);
  });

  test("what is forwarded stays as it was said", () => {
    const forwarded = { ...mine, forwarded_from: { user_id: "ann", message_id: "m" } };
    expect(on(forwarded, "dialog", "MEMBER").has("edit")).toBe(false);
  });

  test("another's is deleted by those who lead a group, and edited by nobody", () => {
    expect(on(theirs, "group", "MEMBER").has("delete")).toBe(false);
    expect(on(theirs, "group", "ADMIN").has("delete")).toBe(true);
    expect(on(theirs, "dialog", "OWNER").has("delete")).toBe(false);
    expect(on(theirs, "group", "OWNER").has("edit")).toBe(false);
  });

  test("in a group those who lead it pin, in a dialog both", () => {
    expect(on(theirs, "group", "MEMBER").has("pin")).toBe(false);
    expect(on(theirs, "group", "ADMIN").has("pin")).toBe(true);
    expect(on(theirs, "dialog", "MEMBER").has("pin")).toBe(true);
  });

  test("nothing is done with what is deleted", () => {
    expect(on({ ...mine, is_deleted: true }, "group", "OWNER").size).toBe(0);
  });
});

describe("words", () => {
  const linksIn = (text: string) => partsOf(text).flatMap((part) => (part.kind === "link" ? [part.href] : []));

  test("addresses are links, without the marks that end a sentence", () => {
    expect(linksIn("See https://example.com/a?b=c, or www.example.org.")).toEqual([
      ...["https://example.com/a?b=c", "https://www.example.org/"],
    ]);
  });

  test("a bracket belongs to an address that opened it", () => {
    expect(linksIn("(https://example.com/a_(b))")).toEqual(["https://example.com/a_(b)"]);
  });

  test("nothing that runs is a link, and no word is lost", () => {
    const text = "javascript:alert(1) data:text/html,x <b>https://example.com</b> end";
    expect(linksIn(text)).toEqual(["https://example.com/"]);
    expect(
      partsOf(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  test("one to three emoji alone are large", () => {
    for (const text of ["👍", "👨‍👩‍👧", "🎉 🎉", "❤️🔥😂"]) expect(isBigEmoji(text)).toBe(true);
    for (const text of ["", " ", "👍👍👍👍", "👍!", "1", "ok"]) expect(isBigEmoji(text)).toBe(false);
  });

  test("length is counted in code points", () => {
    expect(lengthOf("a😀")).toBe(2);
  });
});

describe("pictures", () => {
  test("keep their form within 420 pixels", () => {
    expect(boxOf({ width: 2_000, height: 1_000 })).toEqual({ width: 420, height: 210 });
    expect(boxOf({ width: 500, height: 1_000 })).toEqual({ width: 210, height: 420 });
    expect(boxOf({ width: 200, height: 100 })).toEqual({ width: 200, height: 100 });
  });

  test("have a place where their size is not known", () => {
    expect(boxOf({})).toEqual({ width: 320, height: 240 });
  });
});
