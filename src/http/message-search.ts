import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { edited } from "../core/edits.ts";
import { parseQuery } from "../core/search-query.ts";
import { snippetOf } from "../core/snippets.ts";
import { type FoundMessage as Found, searchMessages } from "../db/message-search.ts";
import { Fault } from "../protocol/errors.ts";
import { id } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { Amendments } from "../protocol/lookups.ts";
import { type FoundMessage, foundMessage, messageSearch } from "../protocol/messages.ts";
import type { SearchQuery } from "../protocol/search.ts";
import { type App, type AppContext, json, routes, wrongField } from "./context.ts";
import { signedIn } from "./guard.ts";
import { headsOf, isOldBy } from "./list.ts";
import { cut, pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { askRoom } from "./rooms.ts";

const common = {
  method: "get" as const,
  tags: ["messages"],
  middleware: [signedIn],
  security: [{ bearer: [] }],
};

const description =
  "Russian and English. A message has all the words of `query`, in whatever form; the last one may be half typed. " +
  '`"Several words"` in quotes stand so, one after the other; while no quote ends them, the last may be half typed. What ' +
  "has a minus before it, a word or a phrase, the message does not have. Case and signs do not matter, and ё is е. " +
  "Typos are not forgiven. A query without a word to look for, or of exclusions alone, is refused (422).\n\n" +
  "The newest first, by time. Each message is as history shows it, with a `snippet`: part of it as plain text (not HTML), " +
  "and where in that the words stand, in UTF-16 units.\n\n" +
  "A message is found about half a second after it was said, and by its new words after an edit; one that was deleted is " +
  "not found from then on.";

const found = {
  200: {
    description: "A page, which may be short; `next` is the cursor of the next one, null on the last",
    ...json(pageOf(foundMessage)),
  },
};

const everywhere = createRoute({
  ...common,
  path: "/messages/search",
  summary: "Messages of all my conversations by what they say",
  description: `${description} Archived and hidden conversations are searched, too.`,
  request: { query: messageSearch },
  responses: { ...found, ...problems("AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE") },
});

const inRoom = createRoute({
  ...common,
  path: "/conversations/{id}/messages/search",
  summary: "Messages of one conversation by what they say",
  description,
  request: { params: z.object({ id }), query: messageSearch },
  responses: {
    ...found,
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "CONVERSATION_NOT_FOUND", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

type Query = z.output<typeof messageSearch>;

const place = z
  .tuple([z.int().min(0).max(limits.lastTimeMs), z.int().min(0), id])
  .transform(([created_at, sequence, conversation_id]) => ({ created_at, sequence, conversation_id }));

export function messageSearchRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(everywhere, async (c) => {
    const [{ query, items, next }, heads] = await Promise.all([page(c, c.req.valid("query")), headsOf(c)]);
    const isOld = isOldBy(heads);
    const old = items.filter(({ message, archived }) => isOld({ id: message.conversation_id, ...archived }));
    const amended = await amendedIn(c, old);
    return c.json({ items: items.flatMap((item) => shown(item, query, amended)), next }, 200);
  });
  app.openapi(inRoom, async (c) => {
    const { id: roomId } = c.req.valid("param");
    const { query, items, next } = await page(c, c.req.valid("query"), roomId);
    const amended = new Map([[roomId, await amendments(c, roomId, items)]]);
    return c.json({ items: items.flatMap((item) => shown(item, query, amended)), next }, 200);
  });
  return app;
}

/** As the archive has it. @throws Fault INVALID_CONTENT, UNAVAILABLE */
async function page(c: AppContext, { query: text, cursor, limit, ...asked }: Query, conversationId?: string) {
  const after = placeOf(cursor, place);
  const query = parseQuery(text);
  if (!query) throw wrongField("query", "has no word to look for");
  const rows = await searchMessages(connect(c.env).db, {
    ...{ query, after, limit: limit + 1, userId: c.get("actor").user_id, conversationId },
    ...{ sender: asked.sender, sentBefore: asked.sent_before, sentAfter: asked.sent_after, hasMedia: asked.has_media },
  });
  const placed = ({ message }: Found) => [Date.parse(message.created_at), message.sequence, message.conversation_id];
  return { query, ...cut(rows, limit, placed) };
}

/** What became of messages, by conversation; null for one that is no longer the user's. */
type Amended = ReadonlyMap<string, Amendments | null>;

async function amendedIn(c: AppContext, items: Found[]): Promise<Amended> {
  const byRoom = Map.groupBy(items, ({ message }) => message.conversation_id);
  const asked = Array.from(
    byRoom,
    async ([roomId, some]) => [roomId, await ifMine(amendments(c, roomId, some))] as const,
  );
  return new Map(await Promise.all(asked));
}

function amendments(c: AppContext, roomId: string, items: Found[]): Promise<Amendments> {
  const ids = items.map(({ message }) => message.id);
  return askRoom(c, roomId, (room) => room.amendments(c.get("actor").user_id, ids));
}

async function ifMine<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Fault && error.code === "CONVERSATION_NOT_FOUND") return null;
    throw error;
  }
}

/** Nothing of a message that was deleted meanwhile, or is without the words now. */
function shown({ message, forms, ...row }: Found, query: SearchQuery, amended: Amended): FoundMessage[] {
  const news = amended.get(message.conversation_id);
  if (news === null || news?.deleted.includes(message.id)) return [];
  const edit = news?.edits.find(({ message_id }) => message_id === message.id);
  const now = { ...edited(message, edit), ...(news ? { epoch: news.epoch } : {}) };
  const reactions = news ? news.reactions.get(message.id) : row.reactions;
  const snippet = snippetOf(now.content, query, forms);
  const isOther = now.content !== message.content && snippet.highlights.length === 0;
  return isOther ? [] : [{ ...now, ...(reactions?.length ? { reactions } : {}), snippet }];
}
