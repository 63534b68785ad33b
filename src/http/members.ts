import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { peopleByIds } from "../db/people.ts";
import { type Member, member, newMembers } from "../protocol/conversations.ts";
import { eventFrames } from "../protocol/frames.ts";
import { id, time } from "../protocol/ids.ts";
import type { RosterEntry, RosterPlace } from "../protocol/lookups.ts";
import { page } from "../protocol/paging.ts";
import type { User } from "../protocol/users.ts";
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
  const users = await connect(c.env).profiles.shown(items.map((entry) => entry.user_id));
  return { items: named(items, users), next };
}

async function add(c: AppContext, roomId: string, userIds: string[]) {
  const { db, profiles } = connect(c.env);
  // Both before it is done: what is done is not to be answered with a backend's absence.
  const [people, users] = await Promise.all([peopleByIds(db, userIds), profiles.shown(userIds)]);
  const { events, members = [] } = await command(c, roomId, { type: "add_members", people });
  const isAdded = new Set(events.map((frame) => eventFrames.member_added.parse(JSON.parse(frame)).user_id));
  const added = people.filter((person) => isAdded.has(person.user_id));
  await retell(c, roomId, added);
  const items = named(
    members.filter((member) => isAdded.has(member.user_id)),
    users,
  );
  return { items, not_added: userIds.filter((userId) => !isAdded.has(userId)) };
}

export function named(roster: RosterEntry[], users: ReadonlyMap<string, User>): Member[] {
  return roster.flatMap(({ user_id, ...entry }) => {
    const user = users.get(user_id);
    return user ? [{ user, ...entry }] : [];
  });
}
