import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../src/local/places.ts";
import { variables } from "../../src/protocol/config.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Types alone need no explanation. */
const packages = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(
  ([name]) => !name.startsWith("@types/"),
);

test("the README names each dependency with its exact version", () => {
  const missing = packages.filter(([name, version]) => {
    const alias = /^npm:(.+)@(.+)$/.exec(version);
    const said = alias ? `${alias[1]} (${alias[2]})` : `${name} ${version}`;
    return !readme.includes(said);
  });
  expect(missing).toEqual([]);
});

test("the README's variables exist", () => {
  const named = [...readme.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, name]) => name ?? "");
  const known = [...Object.keys(variables.shape), "PINGME_STATE"];
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});
