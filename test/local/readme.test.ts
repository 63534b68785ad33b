import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { root } from "../../src/local/places.ts";
import { variables } from "../../src/protocol/config.ts";
import { server } from "../support/server.ts";
import { until } from "../support/until.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const { dependencies, devDependencies, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

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
  const known = [...Object.keys(variables.shape), "PINGME_STATE", "PINGME_VARS"];
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

test("the README's commands exist", () => {
  const named = [...readme.matchAll(/npm run (\w+)/g)].map(([, name]) => name ?? "");
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

/** A part of the README, from its heading to the next one of the same rank. */
const part = (heading: string) => readme.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";

/** As the table has it. */
function shownDefault(value: unknown): string {
  if (value === undefined) return "";
  if (!Array.isArray(value)) return `\`${value}\``;
  return value.length === 0 ? "none" : "a list";
}

test("the README's table of variables is that of the code: names, defaults, what cannot be left out", () => {
  const rows = part("Configuration").matchAll(/^\| `(\w+)` +\|.*\| ([^|]*) \| ([^|]*) \|$/gm);
  const told = [...rows].map(([, name, standard = "", needed = ""]) => [
    name,
    standard.trim(),
    needed.trim() === "yes",
  ]);
  const known = Object.entries(variables.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    return [name, shownDefault(unset.data), !unset.success];
  });
  const byName = (rows: unknown[][]) => rows.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1));
  expect(byName(told)).toEqual(byName(known));
});

test("the README's example of the SDK runs as it stands there", async () => {
  const { url, mailboxUrl } = await server();
  const example = /```ts\n([\s\S]+?)```/.exec(part("For authors of clients"))?.[1] ?? "";
  const program = example
    .replace('"pingme/client"', JSON.stringify(join(root, "src/client/client.ts")))
    .replace("http://127.0.0.1:8787", url);
  const file = join(inject("scratch"), "readme.ts");
  writeFileSync(
    file,
    `import { mailedCode as coded } from ${JSON.stringify(join(root, "test/support/client.ts"))};
     const mailedCode = (email) => coded({ mailboxUrl: ${JSON.stringify(mailboxUrl)} }, email);
     ${program}`,
  );
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  try {
    await until("what was said", () => (said.includes("Ann: Hello") && said.includes("1 Hello")) || undefined);
  } finally {
    child.kill();
  }
}, 120_000);
