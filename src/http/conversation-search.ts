import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { conversationsByIds } from "../db/conversations.ts";
import { type FoundPublic, type SearchPlace, searchMine, searchPublic } from "../db/search.ts";
import { conversationSearch, type FoundConversation, foundConversation } from "../protocol/conversations.ts";
import { id } from "../protocol/ids.ts";
import { type App, type AppContext, json, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { headsOf, refreshed } from "./list.ts";
import { cut, pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";

const searchRoute = createRoute({
  method: "get",
  path: "/conversations/search",
  tags: ["conversations"],
  summary: "My conversations by title or people's names, then public groups by title",
  description:
    "Typos, and words half typed, are forgiven; Russian and English. The best first. Hidden conversations of mine are found, too. " +
    "A public group I am not in has no `me`. `scope` shows one of the two kinds only.",
  middleware: [signedIn],
  security: [{ bearer: [] }],
  request: { query: conversationSearch },
  responses: {
    200: {
      description: "A page; `next` is the cursor of the next one, null on the last",
      ...json(pageOf(foundConversation)),
    },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

type Kind = "mine" | "public";
type Found = ({ kind: "mine" } & SearchPlace) | ({ kind: "public" } & FoundPublic);

const place = z
  .tuple([z.enum(["mine", "public"]), z.int().min(0).max(1_000), id])
  .transform(([kind, rank, id]) => ({ kind, rank, id }));

const saysSomething = /[\p{L}\p{N}]/u;

export function conversationSearchRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(searchRoute, async (c) => c.json(await search(c, c.req.valid("query")), 200));
  return app;
}

async function search(c: AppContext, { query, scope, cursor, limit }: z.output<typeof conversationSearch>) {
  const after = placeOf(cursor, place);
  if (!saysSomething.test(query)) return { items: [], next: null };
  const { db } = connect(c.env);
  const { user_id } = c.get("actor");
  /** What comes before the place of the cursor is done. */
  const wanted = (kind: Kind) => {
    const isAsked = scope === undefined || scope === kind;
    const isDone = kind === "mine" && after?.kind === "public";
    return isAsked && !isDone
      ? { query, after: after?.kind === kind ? after : undefined, limit: limit + 1 }
      : undefined;
  };
  const [inMine, inPublic] = [wanted("mine"), wanted("public")];
  const [mine, others] = await Promise.all([
    inMine ? searchMine(db, user_id, inMine) : [],
    inPublic ? searchPublic(db, user_id, inPublic) : [],
  ]);
  const found: Found[] = [
    ...mine.map((one) => ({ kind: "mine" as const, ...one })),
    ...others.map((one) => ({ kind: "public" as const, ...one })),
  ];
  const { items, next } = cut(found, limit, ({ kind, rank, id }) => [kind, rank, id]);
  return { items: await shown(c, items), next };
}

/** In the order they were found. One that has ceased to be the user's meanwhile is left out. */
async function shown(c: AppContext, found: Found[]): Promise<FoundConversation[]> {
  const { user_id } = c.get("actor");
  const ids = found.filter(({ kind }) => kind === "mine").map(({ id }) => id);
  const [rows, heads] = await Promise.all([conversationsByIds(connect(c.env).db, user_id, ids), headsOf(c)]);
  const records = new Map((await refreshed(c, rows, heads)).map((record) => [record.id, record]));
  return found.flatMap((one): FoundConversation[] => {
    if (one.kind === "public") return [one.conversation];
    const record = records.get(one.id);
    if (!record) return [];
    const { active_at: _order, ...conversation } = record;
    return [conversation];
  });
}
