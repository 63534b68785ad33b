/** Whom one does not want to hear from. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { blockedBy, deleteBlock, insertBlock } from "../db/blocks.ts";
import { Fault } from "../protocol/errors.ts";
import { id, time } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { page } from "../protocol/paging.ts";
import { user } from "../protocol/users.ts";
import { type App, type AppContext, json, routes, wrongField } from "./context.ts";
import { tellConversations, tellDialog } from "./facts.ts";
import { signedIn, signedOut } from "./guard.ts";
import { cut, pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";

const common = { tags: ["users"], middleware: [signedIn], security: [{ bearer: [] }] };
const theirs = { path: "/users/me/blocks/{user_id}", request: { params: z.object({ user_id: id }) } } as const;

const blockRoute = createRoute({
  ...common,
  ...theirs,
  method: "put",
  summary: "Block somebody",
  description:
    "They cannot open a dialog with me, write in ours, or see whether I am there; shared groups stay. May be repeated.",
  responses: {
    204: { description: "Blocked, and known to our dialog" },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "USER_NOT_FOUND", "CONFLICT", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const unblockRoute = createRoute({
  ...common,
  ...theirs,
  method: "delete",
  summary: "Block somebody no longer",
  responses: {
    204: { description: "Not blocked, and known to our dialog" },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "USER_NOT_FOUND", "UNAVAILABLE"),
  },
});

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/users/me/blocks",
  summary: "Whom I have blocked, the newest first",
  request: { query: page },
  responses: {
    200: { description: "A page; `next` is the cursor of the next one, null on the last", ...json(pageOf(user)) },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

/** Year 0 is none in Postgres. */
const place = z.tuple([time.refine((at) => at >= "0001"), id]).transform(([blocked_at, id]) => ({ blocked_at, id }));

export function blockRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(blockRoute, async (c) => {
    await block(c, c.req.valid("param").user_id);
    return c.body(null, 204);
  });
  app.openapi(unblockRoute, async (c) => {
    const { user_id } = c.req.valid("param");
    await deleteBlock(connect(c.env).db, c.get("actor").user_id, user_id);
    await tell(c, user_id);
    return c.body(null, 204);
  });
  app.openapi(listRoute, async (c) => c.json(await list(c, c.req.valid("query")), 200));
  return app;
}

/** @throws Fault INVALID_CONTENT, USER_NOT_FOUND, CONFLICT, UNAVAILABLE */
async function block(c: AppContext, blocked_id: string): Promise<void> {
  const { user_id } = c.get("actor");
  if (blocked_id === user_id) throw wrongField("user_id", "is oneself");
  const most = limits.blocksPerUser;
  const outcome = await insertBlock(connect(c.env).db, { user_id, blocked_id, most, now: Date.now() });
  if (outcome === "closed") throw signedOut();
  if (outcome === "unknown") throw new Fault("USER_NOT_FOUND", "There is no such user");
  if (outcome === "full") throw new Fault("CONFLICT", `There are ${most} blocks already, the most there may be`);
  await tell(c, blocked_id);
}

/**
 * The dialog knows before the answer, all else soon. In this order: a telling that comes late is mended by the user's
 * object, which reads anew what it tells.
 */
async function tell(c: AppContext, other: string): Promise<void> {
  const { user_id } = c.get("actor");
  await tellDialog(c, user_id, other);
  await tellConversations(c, user_id);
}

async function list(c: AppContext, { cursor, limit }: z.output<typeof page>) {
  const { user_id } = c.get("actor");
  const found = await blockedBy(connect(c.env).db, user_id, { after: placeOf(cursor, place), limit: limit + 1 });
  const { items, next } = cut(found, limit, (one) => [one.blocked_at, one.user.id]);
  return { items: items.map((one) => one.user), next };
}
