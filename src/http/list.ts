/** A page of the archive, with what it does not have yet: rows that are behind are asked of their objects. */
import { byActivity, type ListedConversation } from "../db/conversations.ts";
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
  /** Only those that are archived, or only those that are not. */
  archived: boolean | undefined;
}

export async function headsOf(c: AppContext): Promise<Heads> {
  const { USERS } = c.env;
  return await USERS.get(USERS.idFromName(c.get("actor").user_id)).heads();
}

/** The page as it is now, in the order of lists; one item more than `limit` where there is a next page. */
export async function freshened(c: AppContext, page: Archived): Promise<ListedConversation[]> {
  const { rows, heads, isFirst, limit, archived } = page;
  const oldest = Math.max(Date.now() - limits.unarchivedMs, rows.length > limit ? (rows.at(-1)?.active_at ?? 0) : 0);
  const onPage = new Set(rows.map((row) => row.id));
  const newer = isFirst
    ? [
        ...heads.heard.filter((head) => head.heard_at >= oldest).map((head) => head.conversation_id),
        ...heads.attached,
        ...heads.marked,
      ]
    : [];
  const missing = [...new Set(newer)].filter((id) => !onPage.has(id));
  const [known, found] = await Promise.all([refreshed(c, rows, heads), asked(c, missing)]);
  return [...known, ...found]
    .filter(({ me }) => !me.hidden && (archived === undefined || me.archived === archived))
    .sort(byActivity);
}

/** Rows of the archive as they are now; those that are no longer the user's are left out. */
export async function refreshed(
  c: AppContext,
  rows: ListedConversation[],
  heads: Heads,
): Promise<ListedConversation[]> {
  const headOf = new Map(heads.heard.map((head) => [head.conversation_id, head]));
  const passing = new Set([...heads.attached, ...heads.marked]);
  const isOld = (row: ListedConversation) => passing.has(row.id) || isBehind(row, headOf.get(row.id));
  const current = await asked(
    c,
    rows.filter(isOld).map((row) => row.id),
  );
  return [...rows.filter((row) => !isOld(row)), ...current];
}

function isBehind(row: ListedConversation, head: Head | undefined): boolean {
  return head !== undefined && (head.epoch !== row.epoch || head.sequence > row.sequence);
}

/** Those of the conversations that are the user's, as their objects say. */
async function asked(c: AppContext, ids: string[]): Promise<ListedConversation[]> {
  const found = await Promise.all(ids.map((id) => current(c, id)));
  return found.filter((record) => record !== undefined);
}

async function current(c: AppContext, roomId: string): Promise<ListedConversation | undefined> {
  try {
    const record = await askRoom(c, roomId, (room) => room.record(c.get("actor").user_id));
    return { ...record, active_at: activeAt(record) };
  } catch (error) {
    if (error instanceof Fault && error.code === "CONVERSATION_NOT_FOUND") return undefined;
    throw error;
  }
}

function activeAt({ last_message, created_at }: Conversation): number {
  return Date.parse(last_message?.created_at ?? created_at);
}
