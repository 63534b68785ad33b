/** A page of the archive, with what it does not have yet: rows that are behind are asked of their objects. */
import type { ListedConversation } from "../db/conversations.ts";
import type { Conversation } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Head, Heads } from "../protocol/rpc.ts";
import type { AppContext } from "./context.ts";
import { askRoom } from "./rooms.ts";

export interface Archived {
  rows: ListedConversation[];
  /** What the user's object has heard of lately. */
  heads: Heads;
  isFirst: boolean;
  limit: number;
}

/** The page as it is now, the most lately active first; one item more than `limit` where there is a next page. */
export async function freshened(
  c: AppContext,
  { rows, heads, isFirst, limit }: Archived,
): Promise<ListedConversation[]> {
  const headOf = new Map(heads.heard.map((head) => [head.conversation_id, head]));
  const attached = new Set([...heads.attached, ...heads.marked]);
  const oldest = Math.max(Date.now() - limits.unarchivedMs, rows.length > limit ? (rows.at(-1)?.active_at ?? 0) : 0);
  const onPage = new Set(rows.map((row) => row.id));
  const newer = isFirst
    ? [...heads.heard.filter((head) => head.heard_at >= oldest).map((head) => head.conversation_id), ...attached]
    : [];
  const behind = new Set(
    rows.filter((row) => attached.has(row.id) || isBehind(row, headOf.get(row.id))).map((row) => row.id),
  );
  const wanted = new Set([...behind, ...newer.filter((id) => !onPage.has(id))]);
  const asked = await Promise.all([...wanted].map((id) => current(c, id)));
  return [...rows.filter((row) => !behind.has(row.id)), ...asked.filter((item) => item !== undefined)].sort(
    (one, other) => other.active_at - one.active_at || (one.id < other.id ? 1 : -1),
  );
}

function isBehind(row: ListedConversation, head: Head | undefined): boolean {
  return head !== undefined && (head.epoch !== row.epoch || head.sequence > row.sequence);
}

/** Undefined for a conversation that is no longer the user's. */
async function current(c: AppContext, roomId: string): Promise<ListedConversation | undefined> {
  try {
    const record = await askRoom(c, roomId, (room) => room.record(c.get("actor").user_id));
    return record.me.hidden ? undefined : { ...record, active_at: activeAt(record) };
  } catch (error) {
    if (error instanceof Fault && error.code === "CONVERSATION_NOT_FOUND") return undefined;
    throw error;
  }
}

function activeAt({ last_message, created_at }: Conversation): number {
  return Date.parse(last_message?.created_at ?? created_at);
}
