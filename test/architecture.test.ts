/** The arrows of the house: who may know whom. A rule is a test, and each is shown to fail on a bad example. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../src/local/places.ts";
import {
  arrowsBroken,
  barrelsIn,
  consolesIn,
  cyclesIn,
  defaultExportsIn,
  extensionsMissing,
  impuritiesIn,
  type Layer,
  type Module,
  modulesOf,
  packagesBeyond,
  type Sources,
  sqlIn,
} from "./support/architecture.ts";

/** What each folder of src, and each file at its root, may import. Only the Worker knows http and objects, nobody local. */
const layers: Record<string, Layer> = {
  protocol: { imports: [], packages: ["zod"] },
  // A hash is a function: the one library whose work is a rule.
  core: { imports: ["protocol"], packages: ["@noble/hashes"] },
  db: { imports: ["protocol"], packages: ["drizzle-orm", "@neondatabase/serverless"] },
  services: {
    imports: ["protocol", "log"],
    packages: [
      ...["@upstash/redis", "argon2id", "aws4fetch", "cloudflare:sockets", "file-type", "image-size", "jose"],
      ...["worker-mailer", "zod"],
    ],
  },
  objects: {
    imports: ["protocol", "core", "db", "services", "connect", "env", "log", "chance"],
    packages: ["cloudflare:workers", "zod"],
  },
  http: {
    imports: ["protocol", "core", "db", "services", "connect", "env", "log", "chance"],
    packages: ["hono", "@hono/zod-openapi", "@hono/zod-validator", "zod", "package.json"],
  },
  local: {
    // The doctor asks S3 as the Worker does.
    imports: ["protocol", "services"],
    packages: [
      ...[
        "node:",
        "package.json",
        "@upstash/redis",
        "miniflare",
        "@electric-sql/pglite",
        "@neondatabase/serverless",
        "pg",
      ],
      ...["fengari", "jose", "smtp-server", "postal-mime", "terser", "vite", "yaml", "zod"],
    ],
  },
  client: { imports: ["protocol"], packages: ["zod"], types: ["protocol", "zod"] },
  web: { imports: ["client", "protocol"], packages: ["preact"], types: ["protocol"] },
  connect: { imports: ["env", "protocol", "db", "services"], packages: [] },
  env: { imports: ["log", "protocol"], packages: [] },
  log: { imports: [], packages: [] },
  chance: { imports: [], packages: [] },
  worker: { imports: ["http", "objects"], packages: [] },
};

const read = (pattern: string): Sources =>
  Object.fromEntries(globSync(pattern, { cwd: root }).map((path) => [path, readFileSync(join(root, path), "utf8")]));

const src = modulesOf(read("src/**/*.{ts,tsx}"));
const all = [...src, ...modulesOf(read("test/**/*.ts")), ...modulesOf(read("*.config.ts"))];
const inside = (folder: string) => src.filter(({ path }) => path.startsWith(`src/${folder}/`));
const except = (modules: Module[], ...homes: RegExp[]) =>
  modules.filter(({ path }) => !homes.some((home) => home.test(path)));

/** A bad example. */
const bad = (source: string, path = "src/core/example.ts") => modulesOf({ [path]: source });

describe("arrows go down", () => {
  test("each folder imports what its layer may, and no other package", () => {
    expect(src.length).toBeGreaterThan(50);
    expect(arrowsBroken(src, layers)).toEqual([]);
  });

  test.each([
    ["core -> objects", "src/core/a.ts", 'import { Log } from "../objects/log.ts";'],
    ["a type counts", "src/core/a.ts", 'import type { Log } from "../objects/log.ts";'],
    ["so does a type in place", "src/core/a.ts", 'export type A = import("../db/users.ts").User;'],
    ["and an import at run time", "src/core/a.ts", 'export const a = () => import("../db/users.ts");'],
    ["and what is passed on", "src/core/a.ts", 'export { a } from "../db/users.ts";'],
    ["http -> objects", "src/http/a.ts", 'import type { UserObject } from "../objects/user.ts";'],
    ["objects -> http", "src/objects/a.ts", 'import { routes } from "../http/context.ts";'],
    ["services -> db", "src/services/a.ts", 'import { ping } from "../db/connect.ts";'],
    ["anything -> local", "src/connect.ts", 'import { places } from "./local/places.ts";'],
    ["core -> log", "src/core/a.ts", 'import { log } from "../log.ts";'],
    ["protocol -> a package", "src/protocol/a.ts", 'import { Hono } from "hono";'],
    ["objects -> drizzle", "src/objects/a.ts", 'import { eq } from "drizzle-orm";'],
    ["the Worker -> Node", "src/http/a.ts", 'import { readFileSync } from "node:fs";'],
    ["out of src", "src/http/a.ts", 'import { world } from "../../test/support/world.ts";'],
    ["client -> a schema", "src/client/a.ts", 'import { message, type Message } from "../protocol/messages.ts";'],
    ["web -> a schema", "src/web/a.tsx", 'import { limits } from "../protocol/limits.ts"; const a = <b />;'],
    ["protocol -> client", "src/protocol/a.ts", 'import type { Client } from "../client/api.ts";'],
    ["a folder nobody knows", "src/helpers/a.ts", "export const a = 1;"],
    ["a file nobody knows", "src/utils.ts", "export const a = 1;"],
  ])("refuses %s", (_, path, source) => {
    expect(arrowsBroken(bad(source, path), layers)).toHaveLength(1);
  });

  test("what is only for types may be imported as such", () => {
    const types = 'import type { A } from "../protocol/ids.ts"; import { type B } from "../protocol/users.ts";';
    expect(arrowsBroken(bad(types, "src/client/a.ts"), layers)).toEqual([]);
  });

  test("no file imports itself by way of others", () => {
    expect(cyclesIn(src)).toEqual([]);
    const ring = modulesOf({
      "src/core/a.ts": 'import "./b.ts";',
      "src/core/b.ts": 'import "./c.ts";',
      "src/core/c.ts": 'import type { A } from "./a.ts";',
    });
    expect(cyclesIn(ring)).toEqual(["src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts"]);
  });

  test("a service knows one library", () => {
    const besides = ["zod", "cloudflare:sockets"];
    expect(packagesBeyond(inside("services"), 1, besides)).toEqual([]);
    expect(packagesBeyond(bad('import "jose"; import "argon2id"; import "zod";'), 1, besides)).toHaveLength(1);
  });
});

describe("core stays pure", () => {
  test("it waits for nothing, and knows no clock, no chance and nothing outside", () => {
    expect(inside("core").length).toBeGreaterThan(10);
    expect(impuritiesIn(inside("core"))).toEqual([]);
  });

  test.each([
    ["async", "export const a = async () => 1;"],
    ["await", "export const a = await b;"],
    ["await", "async function a() { for await (const b of c) b(); }"],
    ["Promise", "export function a(): Promise<void> { return b; }"],
    ["Date.now", "export const a = () => Date.now();"],
    ["new Date()", "export const a = () => new Date();"],
    ["Math.random", "export const a = () => Math.random();"],
    ["crypto", "export const a = () => crypto.randomUUID();"],
    ["performance", "export const a = () => performance.now();"],
    ["setTimeout", "setTimeout(() => a(), 1);"],
    ["fetch", 'fetch("https://example.com");'],
    ["console", 'console.log("a");'],
    ["globalThis", "export const a = globalThis.b;"],
  ])("refuses %s", (name, source) => {
    expect(impuritiesIn(bad(source))).toContain(`src/core/example.ts: ${name}`);
  });

  test("allows a date of a time given, and a field that is only called so", () => {
    expect(
      impuritiesIn(bad("export const a = (view) => new Date(view.now); const b = { fetch: view.crypto };")),
    ).toEqual([]);
  });
});

describe("files keep their form", () => {
  test("only the Worker, and the entry of the SDK, pass on what others export", () => {
    expect(barrelsIn(except(src, /^src\/worker\.ts$/, /^src\/client\/client\.ts$/))).toEqual([]);
    expect(barrelsIn(bad('export * from "./a.ts";'))).toHaveLength(1);
    expect(barrelsIn(bad('export type { A } from "./a.ts";'))).toHaveLength(1);
    expect(barrelsIn(bad('import { a } from "./a.ts"; export { a };'))).toHaveLength(1);
  });

  test("only Workers, and what tools read, export a default", () => {
    const homes = [/^src\/worker\.ts$/, /^test\/bench\/workers\//, /^[\w.]+\.config\.ts$/];
    expect(defaultExportsIn(except(all, ...homes))).toEqual([]);
    expect(defaultExportsIn(bad("export default 1;"))).toHaveLength(1);
    expect(defaultExportsIn(bad("const a = 1; export { a as default };"))).toHaveLength(1);
  });

  test("an import of ours names the file", () => {
    expect(extensionsMissing(all)).toEqual([]);
    expect(extensionsMissing(bad('import { a } from "./a";'))).toHaveLength(1);
    expect(extensionsMissing(bad('import { a } from "./a.js";'))).toHaveLength(1);
  });

  test("only the log writes to the console", () => {
    expect(consolesIn(except(src, /^src\/log\.ts$/))).toEqual([]);
    expect(consolesIn(bad("console.error(1);"))).toHaveLength(1);
  });

  test("SQL has two homes, db and the objects' own log and inbox; what stands in for Postgres speaks it too", () => {
    const homes = [/^src\/db\//, /^src\/objects\/((log|inbox)[\w-]*|schema)\.ts$/, /^src\/local\//];
    expect(sqlIn(except(src, ...homes))).toEqual([]);
    expect(sqlIn(inside("db")).length).toBeGreaterThan(0);
    expect(sqlIn(bad("storage.sql.exec(`SELECT id FROM events WHERE id = ?`, id);"))).toHaveLength(1);
    expect(sqlIn(bad('sql.exec("delete from events");'))).toHaveLength(1);
  });
});
