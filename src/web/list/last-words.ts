/** What a row of the list says of the last message. */
import type { ListItem, Pending } from "../../client/api.ts";
import type { Conversation } from "../../protocol/conversations.ts";
import type { Message } from "../../protocol/messages.ts";

export type Words =
  | { kind: "none" | "deleted" | "video" | "audio" }
  | { kind: "text"; text: string }
  | { kind: "photos" | "files"; count: number }
  | { kind: "file"; name: string | undefined };

type Said = Pick<Message, "content" | "is_deleted"> & {
  media: readonly { content_type: string; name?: string | undefined }[];
};

export function wordsOf(message: Said | undefined): Words {
  if (!message) return { kind: "none" };
  if (message.is_deleted) return { kind: "deleted" };
  if (message.content.trim() !== "") return { kind: "text", text: message.content };
  return wordsOfMedia(message.media);
}

function wordsOfMedia(media: Said["media"]): Words {
  const [first] = media;
  if (!first) return { kind: "none" };
  const count = media.length;
  if (media.every(({ content_type }) => content_type.startsWith("image/"))) return { kind: "photos", count };
  if (count > 1) return { kind: "files", count };
  const [type] = first.content_type.split("/");
  return type === "video" || type === "audio" ? { kind: type } : { kind: "file", name: first.name };
}

/** What is said and not heard yet. */
export function wordsOfPending({ entry }: Pending): Words {
  const media = entry.files.map(({ blob, name }) => ({ content_type: blob.type, name }));
  return wordsOf({ content: entry.content, is_deleted: false, media });
}

/** Whose words they are, where that is not plain: in a group. */
export function speaker({ kind, last_message: last }: Conversation, me: string): "you" | { name: string } | undefined {
  if (kind !== "group" || !last || last.is_deleted) return undefined;
  return last.sender_id === me ? "you" : { name: last.sender_name };
}

export type Tick = "waiting" | "failed" | "stored" | "delivered" | "read";

/** How far one's own last words have got; undefined where another's are the last. */
export function tickOf({ conversation, othersRead, othersDelivered }: ListItem, me: string): Tick | undefined {
  const last = conversation.last_message;
  if (last?.sender_id !== me || last.is_deleted) return undefined;
  if (othersRead >= last.sequence) return "read";
  return othersDelivered >= last.sequence ? "delivered" : "stored";
}

export const isMuted = ({ me }: Pick<Conversation, "me">, now: number): boolean =>
  me.muted_until !== undefined && Date.parse(me.muted_until) > now;
