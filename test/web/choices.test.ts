import { describe, expect, test } from "vitest";
import type { Conversation } from "../../src/protocol/conversations.ts";
import { choicesOf, mutedUntil } from "../../src/web/list/choices.ts";
import { conversation } from "./sample.ts";

const now = Date.parse("2026-11-27T12:00:00.000Z");

describe("what can be done with a conversation of the list", () => {
  test("is to undo what is done", () => {
    const me = { pinned: true, archived: true, muted_until: "2026-11-27T13:00:00.000Z" };
    expect(choicesOf(conversation({ me }), now)).toEqual(expect.arrayContaining(["unpin", "unmute", "unarchive"]));
    expect(choicesOf(conversation(), now)).toEqual(expect.arrayContaining(["pin", "mute", "archive"]));
  });

  test("is to read only what is unread", () => {
    expect(choicesOf(conversation({ me: { unread: 2 } }), now)).toContain("markRead");
    expect(choicesOf(conversation(), now)).not.toContain("markRead");
  });

  const endings = (of: Conversation) => choicesOf(of, now).filter((choice) => /hide|leave|delete/.test(choice));

  test("ends as the role allows: an owner leaves only alone", () => {
    expect(endings(conversation({ kind: "dialog", title: null }))).toEqual(["hide"]);
    expect(endings(conversation({ me: { role: "MEMBER" } }))).toEqual(["hide", "leave"]);
    expect(endings(conversation({ me: { role: "ADMIN" } }))).toEqual(["hide", "leave"]);
    expect(endings(conversation({ me: { role: "OWNER" } }))).toEqual(["hide", "delete"]);
    expect(endings(conversation({ me: { role: "OWNER" }, member_count: 1 }))).toEqual(["hide", "leave", "delete"]);
  });

  test("mutes for a while, or until it is turned on", () => {
    expect(mutedUntil("hours", now)).toBe("2026-11-27T20:00:00.000Z");
    expect(Date.parse(mutedUntil("forever", now))).toBeGreaterThan(Date.parse("9000-01-01T00:00:00Z"));
  });
});
