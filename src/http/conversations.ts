import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { writeCursor } from "../core/cursor.ts";
import { bodyHash, dialogId } from "../core/hash.ts";
import { conversationsOf } from "../db/conversations.ts";
import { peopleByIds } from "../db/people.ts";
import { type Conversation, conversation, type NewConversation, newConversation } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import { id } from "../protocol/ids.ts";
import { page } from "../protocol/paging.ts";
import type { Creation } from "../protocol/rpc.ts";
import { type App, type AppContext, hasBody, json, jsonBody, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { freshened } from "./list.ts";
import { pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { askRoom } from "./rooms.ts";

const common = { tags: ["conversations"], middleware: [signedIn], security: [{ bearer: [] }] };

const createRouteOf = createRoute({
  ...common,
  middleware: [signedIn, hasBody],
  method: "post",
  path: "/conversations",
  summary: "Begin a dialog or a group",
  description: "Exactly two people and no title make a dialog, which is one for its pair; anything else a group.",
  request: { body: jsonBody(newConversation) },
  responses: {
    200: { description: "The dialog of these two was there", ...json(conversation) },
    201: { description: "Begun", ...json(conversation) },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "USER_NOT_FOUND", "CONFLICT", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations",
  summary: "My conversations, the most lately active first",
  request: { query: page },
  responses: {
    200: {
      description: "A page; `next` is the cursor of the next one, null on the last",
      ...json(pageOf(conversation)),
    },
    ...problems("AUTH_REQUIRED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const getRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations/{id}",
  summary: "A conversation of mine",
  request: { params: z.object({ id }) },
  responses: {
    200: { description: "As I see it", ...json(conversation) },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "UNAVAILABLE"),
  },
});

export function conversationRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(createRouteOf, async (c) => {
    const { created, conversation } = await create(c, c.req.valid("json"));
    c.header("Location", `/api/v1/conversations/${conversation.id}`);
    return created ? c.json(conversation, 201) : c.json(conversation, 200);
  });
  app.openapi(listRoute, async (c) => c.json(await list(c, c.req.valid("query")), 200));
  app.openapi(getRoute, async (c) => {
    const { user_id } = c.get("actor");
    return c.json(await askRoom(c, c.req.valid("param").id, (room) => room.record(user_id)), 200);
  });
  return app;
}

/** @throws Fault USER_NOT_FOUND, CONFLICT, UNAVAILABLE */
async function create(c: AppContext, body: NewConversation) {
  const { user_id } = c.get("actor");
  const others = [...new Set(body.participant_ids)].filter((participant) => participant !== user_id);
  const people = await peopleByIds(connect(c.env).db, [user_id, ...others]);
  const [creator, ...rest] = people;
  if (!creator || people.length !== others.length + 1) throw new Fault("USER_NOT_FOUND", "A participant is not there");
  const [other] = rest;
  const isDialog = rest.length === 1 && other !== undefined && body.title === undefined;
  const roomId = isDialog ? dialogId(user_id, other.user_id) : (body.id ?? newId());
  const creation: Creation = {
    kind: isDialog ? "dialog" : "group",
    title: body.title,
    description: isDialog ? undefined : body.description,
    public: !isDialog && body.public,
    people: rest,
    creator,
    body_hash: bodyHash([others.toSorted(), body.title ?? null, body.description ?? null, body.public]),
    fresh: !isDialog && body.id === undefined,
  };
  return await askRoom(c, roomId, (room) => room.create(creation));
}

const position = z.tuple([z.int(), id]).transform(([active_at, id]) => ({ active_at, id }));

async function list(
  c: AppContext,
  { cursor, limit }: z.output<typeof page>,
): Promise<{ items: Conversation[]; next: string | null }> {
  const { user_id } = c.get("actor");
  const after = placeOf(cursor, position);
  const { USERS } = c.env;
  const [rows, heads] = await Promise.all([
    conversationsOf(connect(c.env).db, user_id, { after, limit: limit + 1 }),
    USERS.get(USERS.idFromName(user_id)).heads(),
  ]);
  const listed = await freshened(c, { rows, heads, isFirst: after === undefined, limit });
  const items = listed.slice(0, limit);
  const last = items.at(-1);
  const next = listed.length > limit && last ? writeCursor([last.active_at, last.id]) : null;
  return { items: items.map(({ active_at: _order, ...conversation }) => conversation), next };
}
