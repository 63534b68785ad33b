/** Records as the server answers them, for tests of what is made of them. */
import { randomUUID } from "node:crypto";
import type { ListItem } from "../../src/client/api.ts";
import type { Conversation, Mine } from "../../src/protocol/conversations.ts";
import type { Message } from "../../src/protocol/messages.ts";

const time = "2026-11-27T10:00:00.000Z";

type Given = Partial<Omit<Conversation, "me">> & { me?: Partial<Mine> };

export function conversation({ me, ...given }: Given = {}): Conversation {
  return {
    ...{ id: randomUUID(), kind: "group", title: "Garden", public: false, epoch: "e", sequence: 9, member_count: 3 },
    ...{ created_by: randomUUID(), created_at: time, updated_at: time },
    ...given,
    me: {
      ...{ role: "MEMBER", read: 0, delivered: 0, unread: 0, archived: false, pinned: false, hidden: false },
      ...me,
    },
  };
}

export function item(of: Conversation, given: Partial<ListItem> = {}): ListItem {
  return { conversation: of, typing: [], othersRead: 0, othersDelivered: 0, ...given };
}

export function message(given: Partial<Message> = {}): Message {
  return {
    ...{ conversation_id: randomUUID(), epoch: "e", sequence: 9, id: randomUUID(), content: "Hello" },
    ...{ sender_id: randomUUID(), sender_name: "Ann", media: [], mentions: [], created_at: time, updated_at: time },
    ...{ is_edited: false, is_deleted: false },
    ...given,
  };
}
