import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../src/local/places.ts";
import { server } from "../support/server.ts";

/** No JSON goes there or comes back: ways of a browser, and bytes. */
const others = ["GET /auth/google", "GET /auth/google/callback", "PUT /media/{id}/bytes"];

function typed(): string[] {
  const source = readFileSync(join(root, "src/client/routes.ts"), "utf8");
  return [...source.matchAll(/^ {2}"([A-Z]+ \/\S*)":/gm)].map((found) => found[1] ?? "");
}

test("every route of the server is one the client can call, and no other", async () => {
  const response = await fetch(`${(await server()).url}/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, object> };
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const underApi = served.filter((route) => route.includes(" /api/v1")).map((route) => route.replace("/api/v1", ""));
  expect(typed().length).toBeGreaterThan(60);
  expect([...typed(), ...others].sort()).toEqual(underApi.sort());
});
