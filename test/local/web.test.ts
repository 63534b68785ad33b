import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { places, root } from "../../src/local/places.ts";

test("the web client is built as it is deployed, also by a test runner: its script names no file of its sources", () => {
  const scripts = globSync("*.js", { cwd: places.web }).map((name) => readFileSync(join(places.web, name), "utf8"));
  expect(scripts).toHaveLength(1);
  expect(scripts[0]?.length).toBeGreaterThan(100_000);
  expect(scripts[0]).not.toContain(root);
  expect(scripts[0]).not.toContain(".tsx");
});
