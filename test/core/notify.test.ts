import { describe, expect, test } from "vitest";
import { bearingOf, isNotable, stepFor } from "../../src/core/notify.ts";
import type { Notable } from "../../src/protocol/lookups.ts";
import type { Message } from "../../src/protocol/messages.ts";
import { ann, bob } from "../support/world.ts";

const me = bob.user_id;

function message(changes: Partial<Message> = {}): Message {
  return {
    conversation_id: "01890000-0000-7000-8000-000000000001",
    epoch: "an epoch",
    sequence: 7,
    id: "01890000-0000-7000-8000-000000000007",
    content: "hello",
    sender_id: ann.user_id,
    sender_name: "Ann",
    media: [],
    mentions: [],
    created_at: "2026-11-01T00:00:00.000Z",
    updated_at: "2026-11-01T00:00:00.000Z",
    is_edited: false,
    is_deleted: false,
    ...changes,
  };
}

function notable(changes: Partial<Notable> = {}): Notable {
  const base = { kind: "group" as const, title: "Lunch", epoch: "an epoch", unread: 1, is_muted: false };
  return { ...base, standing: [], ...changes };
}

describe("an event bears on notifications", () => {
  test.each([
    ["message", { sender_id: ann.user_id }, "news"],
    ["message_forward", { sender_id: ann.user_id }, "news"],
    ["message", { sender_id: me }, "less"],
    ["message_delete", {}, "less"],
    ["conversation_deleted", {}, "less"],
    ["member_removed", { user_id: me }, "less"],
    ["member_removed", { user_id: ann.user_id }, "none"],
    ["member_added", { user_id: me }, "none"],
    ["message_edit", {}, "none"],
    ["reaction", { user_id: ann.user_id }, "none"],
    ["inbox", {}, "none"],
  ])("%s %j: %s", (type, more, bearing) => {
    expect(bearingOf({ type, ...more }, me)).toBe(bearing);
  });
});

describe("one is notified of a message", () => {
  test.each<[string, Partial<Message>, boolean, boolean]>([
    ["of another", {}, false, true],
    ["of one's own", { sender_id: me }, false, false],
    ["that is deleted", { is_deleted: true }, false, false],
    ["in a muted conversation", {}, true, false],
    ["in a muted one that speaks to one", { mentions: [ann.user_id, me] }, true, true],
    ["in a muted one that speaks to another", { mentions: [ann.user_id] }, true, false],
    ["that spoke to one and is deleted", { mentions: [me], is_deleted: true }, true, false],
  ])("%s", (_, changes, isMuted, is) => {
    expect(isNotable(message(changes), { userId: me, isMuted })).toBe(is);
  });
});

describe("a device is brought", () => {
  const newest = message();

  test.each<[string, number | undefined, Notable | undefined, string]>([
    ["to show what is new", undefined, notable({ newest }), "show"],
    ["to show what is newer than what it shows", 5, notable({ newest, standing: [5] }), "show"],
    ["to show what is newer than what was read", 5, notable({ newest }), "show"],
    ["nowhere where it shows that already", 7, notable({ newest, standing: [7] }), "nothing"],
    ["nowhere where all is read and it shows nothing", undefined, notable(), "nothing"],
    ["nowhere where what it shows is unread, and nothing is new", 5, notable({ standing: [5] }), "nothing"],
    ["to clear what was read or deleted", 5, notable(), "clear"],
    ["to clear what was deleted, though older words are unread", 9, notable({ newest, standing: [] }), "clear"],
    ["to clear what is not theirs any more", 5, undefined, "clear"],
    ["nowhere where nothing is shown of what is not theirs", undefined, undefined, "nothing"],
  ])("%s", (_, shown, known, to) => {
    expect(stepFor(shown, known).to).toBe(to);
  });
});
