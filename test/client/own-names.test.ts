import { expect, test } from "vitest";
import { parse } from "yaml";
import { ownNames } from "../../src/local/sdk.ts";
import { server } from "../support/server.ts";

/** All names of properties and parameters in a specification. */
function namesIn(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  const here = Object.entries(part).flatMap(([name, value]) =>
    name === "properties" ? Object.keys(value) : name === "name" && typeof value === "string" ? [value] : [],
  );
  return [...here, ...Object.values(part).flatMap(namesIn)];
}

test("no name that is shortened in the file of the SDK is one of the wire", async () => {
  const { url } = await server();
  const [rest, sockets] = await Promise.all(
    ["/openapi.json", "/asyncapi.yml"].map(async (path) => parse(await (await fetch(url + path)).text())),
  );
  const wire = new Set([...namesIn(rest), ...namesIn(sockets)]);
  expect(wire).toContain("since");
  expect(wire).toContain("retry_after_ms");
  expect(ownNames.filter((name) => wire.has(name))).toEqual([]);
});
