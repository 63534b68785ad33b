import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import release from "../../package.json" with { type: "json" };
import { connect } from "../connect.ts";
import { type App, json, routes } from "./context.ts";
import { asset } from "./files.ts";
import { readiness, readinessOf } from "./readiness.ts";

const healthRoute = createRoute({
  method: "get",
  path: "/health",
  tags: ["system"],
  summary: "Alive",
  responses: { 200: { description: "The Worker runs", ...json(z.object({ status: z.literal("ok") })) } },
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
    const report = await readinessOf(connect(c.env));
    return report.status === "ready" ? c.json(report, 200) : c.json(report, 503);
  });
  app.get("/openapi.json", (c) => c.json(specification(whole, c.req.url)));
  app.get("/asyncapi.yml", async (c) => {
    const response = await asset(c, "/asyncapi.yml");
    response.headers.set("Content-Type", "application/yaml");
    return response;
  });
  for (const page of ["/docs", "/docs/ws", "/redoc"]) app.get(page, (c) => asset(c, `${page}/`));
  for (const files of ["/docs/*", "/redoc/*"]) app.get(files, (c) => asset(c, c.req.path));
  return app;
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
      description: "A messenger at the edge. Sockets are described in /asyncapi.yml.",
    },
    servers: [{ url: new URL(url).origin }],
  });
}
