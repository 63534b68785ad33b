/** Changes of where one stands in a conversation; the list and its room take them in at once. */
import type { Conversation, Mine } from "../../protocol/conversations.ts";
import { client } from "../client.ts";

interface Change extends Partial<Pick<Mine, "archived" | "pinned" | "hidden">> {
  /** null ends it. */
  muted_until?: string | null;
}

export async function changeMine(id: string, body: Change): Promise<void> {
  client.conversations.put(await client.call("PATCH /conversations/{id}/me", { path: { id }, body }));
}

export async function markAllRead(conversation: Conversation): Promise<void> {
  const { id, sequence, me } = conversation;
  const mark = await client.call("POST /conversations/{id}/read", { path: { id }, body: { sequence } });
  client.conversations.put({ ...conversation, me: { ...me, ...mark } });
}

export async function leave(conversation: Conversation): Promise<void> {
  await client.call("POST /conversations/{id}/leave", { path: { id: conversation.id } });
  letGo(conversation);
}

export async function deleteGroup(conversation: Conversation): Promise<void> {
  await client.call("DELETE /conversations/{id}", { path: { id: conversation.id } });
  letGo(conversation);
}

/** It is gone by an event, too; lists show no hidden one until that is heard. */
function letGo(conversation: Conversation): void {
  client.conversations.put({ ...conversation, me: { ...conversation.me, hidden: true } });
}
