import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";
import { migrate as drizzleMigrate } from "drizzle-orm/neon-http/migrator";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { migrate } from "../../src/local/migrations.ts";
import { places } from "../../src/local/places.ts";
import { type Postgres, startPostgres } from "../../src/local/postgres.ts";

let postgres: Postgres;
let folder: string;
const sharedEndpoint = neonConfig.fetchEndpoint;

beforeEach(async ({ task }) => {
  const place = join(inject("scratch"), `migrations-${task.id}`);
  mkdirSync(place);
  cpSync(inject("template"), join(place, "data"), { recursive: true });
  postgres = await startPostgres({ port: 0, folder: join(place, "data") });
  neonConfig.fetchEndpoint = postgres.endpoint;
  folder = join(place, "migrations");
  cpSync(places.migrations, folder, { recursive: true });
});

afterEach(async () => {
  await postgres.close();
  neonConfig.fetchEndpoint = sharedEndpoint;
});

/** One more file, as drizzle-kit would add it. */
function add(name: string, sql: string, made = Date.now() + 1): void {
  writeFileSync(join(folder, `${name}.sql`), sql);
  const journal = join(folder, "meta/_journal.json");
  const { entries, ...rest } = readJournal();
  const entry = { idx: entries.length, version: "7", when: made, tag: name, breakpoints: true };
  writeFileSync(journal, JSON.stringify({ ...rest, entries: [...entries, entry] }));
}

const readJournal = () =>
  JSON.parse(readFileSync(join(folder, "meta/_journal.json"), "utf8")) as { entries: unknown[] };
const two = "create table one (a int);\n--> statement-breakpoint\ncreate table two (a int);";
const sql = () => neon(postgres.connectionString);

describe("migrations", () => {
  test("are applied once, and a second run finds nothing to do", async () => {
    add("9000_two", two);
    expect(await migrate(postgres, folder)).toEqual(["9000_two"]);
    expect(await migrate(postgres, folder)).toEqual([]);
    expect(await sql()`select to_regclass('two') as found`).toEqual([{ found: "two" }]);
  });

  test("are applied once by two at the same time", async () => {
    add("9000_two", two);
    add("9001_three", "create table three (a int);", Date.now() + 2);
    const done = await Promise.all([migrate(postgres, folder), migrate(postgres, folder)]);
    expect(done.flat().toSorted()).toEqual(["9000_two", "9001_three"]);
  });

  test("leave nothing behind of a file that fails, and keep the ones before it", async () => {
    add("9000_two", two);
    add("9001_bad", "create table three (a int);\n--> statement-breakpoint\nselect 1/0;", Date.now() + 2);
    await expect(migrate(postgres, folder)).rejects.toMatchObject({ code: "22012" });
    const [row] = await sql()`select to_regclass('two') is not null as two, to_regclass('three') as three`;
    expect(row).toEqual({ two: true, three: null });
  });

  test("agree with drizzle's own migrator on what is done", async () => {
    add("9000_two", two);
    await drizzleMigrate(drizzle({ client: sql() }), { migrationsFolder: folder });
    expect(await migrate(postgres, folder)).toEqual([]);
    add("9001_three", "create table three (a int);", Date.now() + 2);
    expect(await migrate(postgres, folder)).toEqual(["9001_three"]);
    await drizzleMigrate(drizzle({ client: sql() }), { migrationsFolder: folder });
    expect(await sql()`select count(*)::int as count from drizzle.__drizzle_migrations`).toEqual([
      { count: readJournal().entries.length },
    ]);
  });

  test("refuse a file that was changed after it had been applied", async () => {
    add("9000_two", two);
    await migrate(postgres, folder);
    writeFileSync(join(folder, "9000_two.sql"), `${two}\n-- and more`);
    await expect(migrate(postgres, folder)).rejects.toThrow("migrations/9000_two.sql was changed");
  });
});
