/** Notifications in FCM's words (HTTP v1), with what each platform needs to replace one, to count, and to take one away. */
import type { Language } from "../protocol/letters.ts";
import { limits } from "../protocol/limits.ts";
import type { Notable } from "../protocol/lookups.ts";
import type { Message } from "../protocol/messages.ts";
import type { FcmMessage, Platform } from "../protocol/push.ts";
import type { Settings } from "../protocol/users.ts";

export interface Target {
  token: string;
  platform: Platform;
}

/** What is said of a conversation, whatever the message. */
export interface Counts {
  conversation_id: string;
  /** Unread there. */
  unread: number;
  /** Unread in all conversations that are not muted: what stands on the app's icon. */
  badge: number;
}

export interface News extends Counts, Pick<Notable, "kind" | "title" | "epoch"> {
  message: Message;
}

const words: Record<Language, { bare: string; image: string; video: string; audio: string; file: string }> = {
  en: { bare: "New message", image: "Photo", video: "Video", audio: "Audio", file: "File" },
  ru: { bare: "Новое сообщение", image: "Фото", video: "Видео", audio: "Аудио", file: "Файл" },
};

/** A notification that takes the place of the one before it of this conversation. */
export function showing(target: Target, news: News, settings: Settings, now: number): FcmMessage {
  const { conversation_id, message, epoch } = news;
  const data = {
    ...dataOf("message", news),
    message_id: message.id,
    sequence: String(message.sequence),
    epoch,
  };
  const notification = settings.push_text
    ? textOf(news, words[settings.language ?? "en"])
    : { title: words[settings.language ?? "en"].bare };
  const seconds = limits.pushTtlMs / 1_000;
  const ofPlatform: Record<Platform, Omit<FcmMessage, "token" | "data">> = {
    android: {
      android: {
        collapse_key: conversation_id,
        priority: "high",
        ttl: `${seconds}s`,
        notification: { tag: conversation_id, notification_count: news.unread },
      },
    },
    ios: {
      apns: {
        headers: {
          ...apnsHeaders(conversation_id, now),
          "apns-priority": "10",
        },
        // An extension of the app may fetch by the ids what is not in it.
        payload: {
          aps: { badge: news.badge, sound: "default", "thread-id": conversation_id, "mutable-content": 1 },
        },
      },
    },
    web: {
      webpush: {
        headers: { TTL: String(seconds), Urgency: "high", Topic: topicOf(conversation_id) },
        notification: { tag: conversation_id, renotify: true },
      },
    },
  };
  return { token: target.token, data, notification, ...ofPlatform[target.platform] };
}

/**
 * Takes the conversation's notification away without a sound. None for the web: a browser shows something for each push,
 * or takes the permission away; a page closes its notifications when it is opened.
 */
export function clearing(target: Target, counts: Counts, now: number): FcmMessage | undefined {
  const { conversation_id, badge } = counts;
  const bare = { token: target.token, data: dataOf("clear", counts) };
  const ofPlatform: Record<Platform, Omit<FcmMessage, "token" | "data"> | undefined> = {
    android: {
      android: { collapse_key: conversation_id, priority: "normal", ttl: `${limits.pushTtlMs / 1_000}s` },
    },
    ios: {
      apns: {
        headers: { ...apnsHeaders(conversation_id, now), "apns-priority": "5" },
        // With a badge it is of the kind `alert`, though there is none.
        payload: { aps: { "content-available": 1, badge } },
      },
    },
    web: undefined,
  };
  const own = ofPlatform[target.platform];
  return own && { ...bare, ...own };
}

function dataOf(type: "message" | "clear", { conversation_id, unread, badge }: Counts): Record<string, string> {
  return { type, conversation_id, unread: String(unread), badge: String(badge) };
}

function apnsHeaders(conversation_id: string, now: number): Record<string, string> {
  return {
    "apns-push-type": "alert",
    "apns-collapse-id": conversation_id,
    "apns-expiration": String(Math.floor((now + limits.pushTtlMs) / 1_000)),
  };
}

/** 32 characters at most (RFC 8030, 5.4). */
function topicOf(conversationId: string): string {
  return conversationId.replaceAll("-", "");
}

/** In a dialog who says it stands above, in a group before it. */
function textOf({ kind, title, message }: News, own: (typeof words)[Language]): { title: string; body: string } {
  const said = cut(message.content.trim() || mediaOf(message, own));
  const { sender_name } = message;
  return kind === "dialog" || title === null
    ? { title: sender_name, body: said }
    : { title, body: `${sender_name}: ${said}` };
}

function mediaOf({ media: [first] }: Message, own: (typeof words)[Language]): string {
  const [kind] = first?.content_type.split("/") ?? [];
  if (kind === "image" || kind === "video" || kind === "audio") return own[kind];
  return own.file;
}

/** A device shows a few lines; and all that is sent to it must fit into 4 KiB. */
function cut(text: string): string {
  const points = [...text.slice(0, limits.pushTextCodePoints * 2)];
  if (points.length <= limits.pushTextCodePoints && points.join("").length === text.length) return text;
  return `${points.slice(0, limits.pushTextCodePoints - 1).join("")}…`;
}
