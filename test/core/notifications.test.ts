import { describe, expect, test } from "vitest";
import { clearing, type News, showing } from "../../src/core/notifications.ts";
import { fcmSend, payloadBytes } from "../../src/local/fcm-message.ts";
import { limits } from "../../src/protocol/limits.ts";
import type { Message } from "../../src/protocol/messages.ts";
import type { Platform } from "../../src/protocol/push.ts";
import { settings } from "../../src/protocol/users.ts";

const conversation_id = "01890000-0000-7000-8000-000000000001";
const now = 1_000_000;
const open = settings.parse({});

const message: Message = {
  conversation_id,
  epoch: "an epoch",
  sequence: 7,
  id: "01890000-0000-7000-8000-000000000007",
  content: "hello",
  sender_id: "01890000-0000-7000-8000-00000000000a",
  sender_name: "Ann",
  media: [],
  mentions: [],
  created_at: "2026-11-01T00:00:00.000Z",
  updated_at: "2026-11-01T00:00:00.000Z",
  is_edited: false,
  is_deleted: false,
};
const counts = { conversation_id, unread: 2, badge: 5 };
const news: News = { ...counts, kind: "group", title: "Lunch", epoch: "an epoch", message };
const platforms: Platform[] = ["android", "ios", "web"];
const to = (platform: Platform) => ({ token: "t", platform });

describe("a notification", () => {
  test("replaces the one before it of its conversation, and counts, in each platform's words", () => {
    expect(showing(to("android"), news, open, now).android).toEqual({
      collapse_key: conversation_id,
      priority: "high",
      ttl: "86400s",
      notification: { tag: conversation_id, notification_count: 2 },
    });
    expect(showing(to("ios"), news, open, now).apns).toEqual({
      headers: {
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-collapse-id": conversation_id,
        "apns-expiration": "87400",
      },
      payload: { aps: { badge: 5, sound: "default", "thread-id": conversation_id, "mutable-content": 1 } },
    });
    expect(showing(to("web"), news, open, now).webpush).toEqual({
      headers: { TTL: "86400", Urgency: "high", Topic: conversation_id.replaceAll("-", "") },
      notification: { tag: conversation_id, renotify: true },
    });
  });

  test("carries where it leads, as texts", () => {
    for (const platform of platforms) {
      expect(showing(to(platform), news, open, now).data).toEqual({
        type: "message",
        conversation_id,
        message_id: message.id,
        sequence: "7",
        epoch: "an epoch",
        unread: "2",
        badge: "5",
      });
    }
  });

  test.each<[string, Partial<News>, Partial<Message>, { title: string; body: string }]>([
    ["in a group", {}, {}, { title: "Lunch", body: "Ann: hello" }],
    ["in a group without a title", { title: null }, {}, { title: "Ann", body: "hello" }],
    ["in a dialog", { kind: "dialog", title: null }, {}, { title: "Ann", body: "hello" }],
    ["of a picture", {}, { content: "", media: [picture("image/png")] }, { title: "Lunch", body: "Ann: Photo" }],
    ["of a paper", {}, { content: "", media: [picture("application/pdf")] }, { title: "Lunch", body: "Ann: File" }],
    ["of a picture with words", {}, { media: [picture("image/png")] }, { title: "Lunch", body: "Ann: hello" }],
  ])("%s says who and what", (_, changes, words, expected) => {
    const told = { ...news, ...changes, message: { ...message, ...words } };
    expect(showing(to("android"), told, open, now).notification).toEqual(expected);
  });

  test("is cut between characters, not within one", () => {
    const bodyOf = (content: string) =>
      showing(to("web"), { ...news, kind: "dialog", message: { ...message, content } }, open, now).notification?.body;
    const most = limits.pushTextCodePoints;
    expect(bodyOf("😀".repeat(most))).toBe("😀".repeat(most));
    expect(bodyOf("😀".repeat(most + 1))).toBe(`${"😀".repeat(most - 1)}…`);
    expect(bodyOf("x".repeat(4_000))).toBe(`${"x".repeat(most - 1)}…`);
  });

  test("says neither name nor word where none is to be seen, in its user's language", () => {
    for (const platform of platforms) {
      const hidden = showing(to(platform), news, { ...open, push_text: false }, now);
      expect(hidden.notification).toEqual({ title: "New message" });
      for (const word of ["Ann", "hello", "Lunch"]) expect(JSON.stringify(hidden)).not.toContain(word);
    }
    const russian = showing(to("web"), news, { ...open, push_text: false, language: "ru" }, now);
    expect(russian.notification).toEqual({ title: "Новое сообщение" });
  });

  test("fits, and has FCM's form, at its longest", () => {
    const long = {
      ...news,
      title: "😀".repeat(limits.titleCodePoints),
      epoch: "e".repeat(limits.epochLength),
      message: { ...message, sender_name: "😀".repeat(limits.nameCodePoints), content: "😀".repeat(4_000) },
    };
    for (const platform of platforms) {
      const whole = showing(to(platform), long, open, now);
      expect(fcmSend.safeParse({ message: whole }).error).toBeUndefined();
      expect(new TextEncoder().encode(JSON.stringify(whole)).length).toBeLessThan(payloadBytes);
    }
  });
});

describe("taking it away", () => {
  test("makes no sound, and sets the number on the icon", () => {
    expect(clearing(to("android"), counts, now)).toEqual({
      token: "t",
      data: { type: "clear", conversation_id, unread: "2", badge: "5" },
      android: { collapse_key: conversation_id, priority: "normal", ttl: "86400s" },
    });
    const ios = clearing(to("ios"), counts, now);
    expect(ios).not.toHaveProperty("notification");
    expect(ios?.apns).toMatchObject({
      headers: { "apns-priority": "5", "apns-collapse-id": conversation_id },
      payload: { aps: { "content-available": 1, badge: 5 } },
    });
    for (const silent of [clearing(to("android"), counts, now), ios]) {
      expect(fcmSend.safeParse({ message: silent }).error).toBeUndefined();
    }
  });

  test("is not said to a browser, which would show something", () => {
    expect(clearing(to("web"), counts, now)).toBeUndefined();
  });
});

function picture(content_type: string): Message["media"][number] {
  return { id: message.id, content_type, size: 1, url: "/api/v1/media/1" };
}
