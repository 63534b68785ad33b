import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { usersByPrefix } from "../db/users.ts";
import { Fault } from "../protocol/errors.ts";
import { id } from "../protocol/ids.ts";
import { user, userSearch } from "../protocol/users.ts";
import { type App, json, routes } from "./context.ts";
import { signedIn } from "./guard.ts";
import { cut, pageOf, placeOf } from "./paging.ts";
import { problems } from "./problem.ts";

const searchRoute = createRoute({
  method: "get",
  path: "/users/search",
  tags: ["users"],
  summary: "People whose name or username begins with the query",
  middleware: [signedIn],
  security: [{ bearer: [] }],
  request: { query: userSearch },
  responses: {
    200: { description: "In the order of names; never by e-mail or phone", ...json(pageOf(user)) },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const userRoute = createRoute({
  method: "get",
  path: "/users/{id}",
  tags: ["users"],
  summary: "A person",
  middleware: [signedIn],
  security: [{ bearer: [] }],
  request: { params: z.object({ id }) },
  responses: {
    200: { description: "As others see them", ...json(user) },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "USER_NOT_FOUND", "NOT_FOUND", "UNAVAILABLE"),
  },
});

/** The last name of the page before, and whose it is. */
const place = z.tuple([z.string().regex(/^[^\0\p{Cs}]*$/u), id]);

/** Of blanks and wildcards alone nobody's name is made. */
const saysNothing = /^[\s%_*?\\]*$/u;

export function userRoutes(): OpenAPIHono<App> {
  const app = routes();

  app.openapi(searchRoute, async (c) => {
    const { query, cursor, limit } = c.req.valid("query");
    const [name, id] = placeOf(cursor, place) ?? [];
    const after = name === undefined || id === undefined ? undefined : { name, id };
    if (saysNothing.test(query)) return c.json({ items: [], next: null }, 200);
    const found = await usersByPrefix(connect(c.env).db, { prefix: query, after, limit: limit + 1 });
    return c.json(
      cut(found, limit, (one) => [one.name, one.id]),
      200,
    );
  });

  app.openapi(userRoute, async (c) => {
    const { id } = c.req.valid("param");
    const found = (await connect(c.env).profiles.people([id])).get(id);
    if (!found) throw new Fault("USER_NOT_FOUND", "There is no such user");
    return c.json(found, 200);
  });

  return app;
}
