import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { peopleByIds } from "../db/people.ts";
import { type Member, member, newMembers } from "../protocol/conversations.ts";
import { eventFrames } from "../protocol/frames.ts";
import { id, time } from "../protocol/ids.ts";
import { page } from "../protocol/paging.ts";
import type { RosterEntry, RosterPlace } from "../protocol/rpc.ts";
import { type App, type AppContext, json, jsonBody, routes } from "./context.ts";
import { retell } from "./facts.ts";
import { signedIn } from "./guard.ts";
import { cut, pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";
import { askRoom, command, ifMay } from "./rooms.ts";

const common = { tags: ["members"], middleware: [signedIn], security: [{ bearer: [] }] };

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/conversations/{id}/members",
  summary: "The members, in the order of joining",
  request: { params: z.object({ id }), query: page },
  responses: {
    200: {
      description: "A page; `next` is the cursor of the next one, null on the last",
      ...json(pageOf(member)),
    },
    ...problems("AUTH_REQUIRED", "CONVERSATION_NOT_FOUND", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/conversations/{id}/members",
  summary: "Add people to a group",
  request: { params: z.object({ id }), body: jsonBody(newMembers) },
  responses: {
    200: {
      description: "Who is in now, and who was not added, without reasons",
      ...json(z.object({ items: z.array(member), not_added: z.array(id) })),
    },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "CONFLICT"),
    ...problems("INVALID_CONTENT", "RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const removeRoute = createRoute({
  ...common,
  method: "delete",
  path: "/conversations/{id}/members/{user_id}",
  summary: "Remove a member from a group",
  request: { params: z.object({ id, user_id: id }) },
  responses: {
    204: { description: "Removed: no later event reaches them" },
    ...problems("AUTH_REQUIRED", "PERMISSION_DENIED", "CONVERSATION_NOT_FOUND", "USER_NOT_FOUND"),
    ...problems("RATE_LIMIT_EXCEEDED", "UNAVAILABLE"),
  },
});

const place = z.tuple([time, id]).transform(([joined_at, user_id]) => ({ joined_at, user_id }));

export function memberRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(listRoute, async (c) => {
    const { cursor, limit } = c.req.valid("query");
    return c.json(await list(c, c.req.valid("param").id, placeOf(cursor, place), limit), 200);
  });
  app.openapi(
    addRoute,
    async (c) => c.json(await add(c, c.req.valid("param").id, [...new Set(c.req.valid("json").user_ids)]), 200),
    ifMay("add"),
  );
  app.openapi(removeRoute, async (c) => {
    const { id: roomId, user_id } = c.req.valid("param");
    await command(c, roomId, { type: "remove_member", user_id });
    return c.body(null, 204);
  });
  return app;
}

async function list(c: AppContext, roomId: string, after: RosterPlace | undefined, limit: number) {
  const { user_id } = c.get("actor");
  const roster = await askRoom(c, roomId, (room) => room.roster(user_id, { after, limit: limit + 1 }));
  const { items, next } = cut(roster, limit, (entry) => [entry.joined_at, entry.user_id]);
  return { items: await named(c, items), next };
}

async function add(c: AppContext, roomId: string, userIds: string[]) {
  const people = await peopleByIds(connect(c.env).db, userIds);
  const { events } = await command(c, roomId, { type: "add_members", people });
  const added = events.map((frame) => eventFrames.member_added.parse(JSON.parse(frame)).user_id);
  const isAdded = new Set(added);
  await retell(
    c,
    roomId,
    people.filter((person) => isAdded.has(person.user_id)),
  );
  return { items: await membersIn(c, roomId, added), not_added: userIds.filter((userId) => !isAdded.has(userId)) };
}

/** Those of the users who are in it. */
export async function membersIn(c: AppContext, roomId: string, only: string[]): Promise<Member[]> {
  const { user_id } = c.get("actor");
  return await named(c, await askRoom(c, roomId, (room) => room.roster(user_id, { only, limit: only.length })));
}

async function named(c: AppContext, roster: RosterEntry[]): Promise<Member[]> {
  const users = await connect(c.env).profiles.shown(roster.map((entry) => entry.user_id));
  return roster.flatMap(({ user_id, ...entry }) => {
    const user = users.get(user_id);
    return user ? [{ user, ...entry }] : [];
  });
}
