import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import release from "../../package.json" with { type: "json" };
import { connect, type Services } from "../connect.ts";
import { ping } from "../db/connect.ts";
import { Fault } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import { type App, type AppContext, json, routes } from "./context.ts";

const healthRoute = createRoute({
  method: "get",
  path: "/health",
  tags: ["system"],
  summary: "Alive",
  responses: { 200: { description: "The Worker runs", ...json(z.object({ status: z.literal("ok") })) } },
});

const backend = z.object({
  state: z.enum(["up", "down"]),
  delay_ms: z.int().optional(),
  required: z.boolean(),
});

const readiness = z.object({
  status: z.enum(["ready", "not_ready"]),
  backends: z.record(z.string(), backend),
  throttles: z
    .enum(["shared", "local"])
    .describe("Where open routes are counted: in Redis over all isolates, or, while it is away, by each isolate alone"),
  mail: z
    .object({ failures: z.int(), last_failure_at: z.string().optional() })
    .describe("Letters that could not be sent since the last one that was"),
  archive: z
    .object({ behind: z.int(), lag_ms: z.int() })
    .optional()
    .describe("Conversations whose drain to Postgres failed, and the age of the oldest event waiting"),
});

const readyRoute = createRoute({
  method: "get",
  path: "/ready",
  tags: ["system"],
  summary: "Each backend, its state and delay, and how far the archive lags",
  responses: {
    200: { description: "All that is required is up", ...json(readiness) },
    503: { description: "A required backend is down", ...json(readiness) },
  },
});

const versionRoute = createRoute({
  method: "get",
  path: "/version",
  tags: ["system"],
  summary: "What runs here",
  responses: { 200: { description: "The release", ...json(z.object({ name: z.string(), version: z.string() })) } },
});

/** @param whole the app whose routes the specification describes */
export function systemRoutes(whole: OpenAPIHono<App>): OpenAPIHono<App> {
  const app = routes();
  app.openapi(healthRoute, (c) => c.json({ status: "ok" as const }, 200));
  app.openapi(versionRoute, (c) => c.json({ name: release.name, version: release.version }, 200));
  app.openapi(readyRoute, async (c) => {
    const report = await inspect(connect(c.env));
    return report.status === "ready" ? c.json(report, 200) : c.json(report, 503);
  });
  app.get("/openapi.json", (c) => c.json(specification(whole, c.req.url)));
  app.get("/docs", (c) => asset(c, "/docs/"));
  app.get("/docs/*", (c) => asset(c, c.req.path));
  return app;
}

/** A file of our own. Made anew, since the headers of what is fetched cannot be changed. */
async function asset(c: AppContext, path: string): Promise<Response> {
  const found = await c.env.ASSETS.fetch(new URL(path, c.req.url));
  if (found.status === 404) throw new Fault("NOT_FOUND", `No page ${path}`);
  return new Response(found.body, found);
}

function specification(app: OpenAPIHono<App>, url: string) {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "PingMe",
      version: release.version,
      description: "A messenger at the edge. Sockets are described in asyncapi.yml.",
    },
    servers: [{ url: new URL(url).origin }],
  });
}

async function inspect({ db, cache, lag, mail }: Services): Promise<z.infer<typeof readiness>> {
  const [database, redis, behind, letters] = await Promise.all([
    measured(() => ping(db)),
    measured(() => cache.ping()),
    lag.read().catch(() => undefined), // Redis is away: said beside it
    mail.state(),
  ]);
  const isReady = database.state === "up" && redis.state === "up";
  const lagMs = behind?.oldest_since === undefined ? 0 : Math.max(0, Date.now() - behind.oldest_since);
  return {
    status: isReady ? "ready" : "not_ready",
    backends: { postgres: database, redis },
    throttles: redis.state === "up" ? "shared" : "local",
    mail: {
      failures: letters.failures,
      ...(letters.failed_at === undefined ? {} : { last_failure_at: isoTime(letters.failed_at) }),
    },
    ...(behind && { archive: { behind: behind.conversations, lag_ms: lagMs } }),
  };
}

/** A backend that does not answer is down, whatever it did instead. */
async function measured(ask: () => Promise<unknown>): Promise<z.infer<typeof backend>> {
  const startedMs = Date.now();
  const isUp = await ask().then(
    () => true,
    () => false,
  );
  return isUp ? { state: "up", delay_ms: Date.now() - startedMs, required: true } : { state: "down", required: true };
}
