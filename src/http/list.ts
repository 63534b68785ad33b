/** A page of the archive, with what it does not have yet: rows that are behind are asked of their objects. */
import { z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { conversationsOf, inOrder, type ListedConversation, type ListPosition, placeIn } from "../db/conversations.ts";
import type { Conversation, listQuery } from "../protocol/conversations.ts";
import type { Head, Heads } from "../protocol/deliveries.ts";
import { Fault } from "../protocol/errors.ts";
import { id } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { AppContext } from "./context.ts";
import { cut, placeOf } from "./paging.ts";
import { askRoom } from "./rooms.ts";

type Query = z.output<typeof listQuery>;
type Page = { after: ListPosition | undefined } & Pick<Query, "limit" | "archived">;

const position = z
  .tuple([z.literal([0, 1]), z.int().min(0).max(limits.lastTimeMs), id])
  .transform(([pinned, active_at, id]) => ({ pinned: pinned === 1, active_at, id }));

/** My conversations as they are now, in the order of lists. @throws Fault INVALID_CONTENT, UNAVAILABLE */
export async function list(c: AppContext, { cursor, limit, archived }: Query) {
  const found = await freshened(c, { after: placeOf(cursor, position), limit, archived });
  const { items, next } = cut(found, limit, ({ me, active_at, id }) => [Number(me.pinned), active_at, id]);
  return { items: items.map(({ active_at: _order, ...conversation }) => conversation), next };
}

export async function headsOf(c: AppContext): Promise<Heads> {
  const { USERS } = c.env;
  return await USERS.get(USERS.idFromName(c.get("actor").user_id)).heads();
}

/**
 * What stands behind `after`, one item more than `limit` where there is a next page. A row may have moved up since the
 * archive heard of it: one that stood on an earlier page is let go, and one from further behind is looked for.
 */
async function freshened(c: AppContext, { after, limit, archived }: Page): Promise<ListedConversation[]> {
  const { user_id } = c.get("actor");
  const { db } = connect(c.env);
  const isHere = (one: ListedConversation) =>
    !one.me.hidden &&
    (archived === undefined || one.me.archived === archived) &&
    (after === undefined || inOrder(after, placeIn(one)) < 0);
  const rowsBehind = (place: ListPosition | undefined) =>
    conversationsOf(db, user_id, { after: place, limit: limit + 1, archived });
  let [rows, heads] = await Promise.all([rowsBehind(after), headsOf(c)]);
  const seen = new Set<string>();
  const found: ListedConversation[] = [];
  for (;;) {
    for (const { id } of rows) seen.add(id);
    found.push(...(await refreshed(c, rows, heads)).filter(isHere));
    const last = rows.length > limit ? rows.at(-1) : undefined;
    if (!last || found.length > limit) {
      const missing = unarchived(heads, { isFirst: after === undefined, last }).filter((id) => !seen.has(id));
      found.push(...(await asked(c, missing)).filter(isHere));
      return found.sort((one, other) => inOrder(placeIn(one), placeIn(other)));
    }
    rows = await rowsBehind(placeIn(last));
  }
}

/** Conversations that may stand before the last row of a page though the archive does not have them there. */
function unarchived(heads: Heads, { isFirst, last }: { isFirst: boolean; last: ListedConversation | undefined }) {
  const lately = Date.now() - (isFirst ? limits.unarchivedMs : limits.unarchivedPageMs);
  const oldest = Math.max(lately, last?.active_at ?? 0);
  const heard = heads.heard.filter((head) => head.heard_at >= oldest).map((head) => head.conversation_id);
  return [...new Set([...heard, ...heads.attached, ...heads.marked])];
}

/** Rows of the archive as they are now; those that are no longer the user's are left out. */
export async function refreshed(
  c: AppContext,
  rows: ListedConversation[],
  heads: Heads,
): Promise<ListedConversation[]> {
  const isOld = isOldBy(heads);
  const current = await asked(
    c,
    rows.filter(isOld).map((row) => row.id),
  );
  return [...rows.filter((row) => !isOld(row)), ...current];
}

/** Whether a conversation's object is to be asked, since what the archive has of it may be old. */
export function isOldBy(heads: Heads): (row: Archived) => boolean {
  const headOf = new Map(heads.heard.map((head) => [head.conversation_id, head]));
  const passing = new Set([...heads.attached, ...heads.marked]);
  return (row) => passing.has(row.id) || isBehind(row, headOf.get(row.id));
}

type Archived = Pick<Conversation, "id" | "epoch" | "sequence">;

function isBehind(row: Archived, head: Head | undefined): boolean {
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
