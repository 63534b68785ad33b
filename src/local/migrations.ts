import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type NeonDbError, type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { Refusal } from "./say.ts";

export interface Database {
  connectionString: string;
  /** Where Neon's HTTP protocol is spoken, if not at the database's host. */
  endpoint?: string | undefined;
}

interface Migration {
  name: string;
  statements: string[];
  hash: string;
  /** Milliseconds since 1970, drizzle-kit's: the order, and the identity in drizzle's table. */
  made: number;
}

interface Applied {
  hash: string;
  created_at: string;
}

/** One writer at a time, whoever else runs this. The number is PingMe's own choice. */
const lock = "select pg_advisory_xact_lock(7461630987)";
const alreadyApplied = "PM001";
const table = "drizzle.__drizzle_migrations";

/**
 * Applies what `folder` (drizzle-kit's) has and the database has not. Each file is one transaction together with its row
 * in drizzle's own table, so both migrators agree on what is done; a second run, also at the same time, does nothing.
 *
 * @returns the names of the files this run applied
 * @throws Refusal when a file was changed after it had been applied
 */
export async function migrate(database: Database, folder: string): Promise<string[]> {
  if (database.endpoint) neonConfig.fetchEndpoint = database.endpoint;
  const sql = neon(database.connectionString);
  const migrations = await readMigrations(folder);
  const applied = await readApplied(sql);
  refuseChanged(migrations, applied);
  const last = Math.max(0, ...applied.map((row) => Number(row.created_at)));
  const done: string[] = [];
  for (const migration of migrations.filter(({ made }) => made > last)) {
    if (await apply(sql, migration)) done.push(migration.name);
  }
  return done;
}

/** What `folder` has and the database has not, and what was changed since it was applied. Changes nothing. */
export async function unapplied(database: Database, folder: string): Promise<{ missing: string[]; changed: string[] }> {
  if (database.endpoint) neonConfig.fetchEndpoint = database.endpoint;
  const sql = neon(database.connectionString);
  const migrations = await readMigrations(folder);
  const [there] = await sql.query(`select to_regclass('${table}') is not null as is_there`);
  const applied = there?.is_there ? ((await sql.query(`select hash, created_at from ${table}`)) as Applied[]) : [];
  const last = Math.max(0, ...applied.map((row) => Number(row.created_at)));
  const missing = migrations.filter(({ made }) => made > last).map(({ name }) => name);
  return { missing, changed: changedSince(migrations, applied) };
}

type Sql = NeonQueryFunction<false, false>;

async function readApplied(sql: Sql): Promise<Applied[]> {
  const results = await sql.transaction([
    sql.query(lock),
    sql.query("create schema if not exists drizzle"),
    sql.query(`create table if not exists ${table} (id serial primary key, hash text not null, created_at bigint)`),
    sql.query(`select hash, created_at from ${table}`),
  ]);
  return results[3] as Applied[];
}

function refuseChanged(migrations: Migration[], applied: Applied[]): void {
  const [name] = changedSince(migrations, applied);
  if (name) throw new Refusal(`migrations/${name}.sql was changed after it had been applied`);
}

function changedSince(migrations: Migration[], applied: Applied[]): string[] {
  const isChanged = ({ hash, made }: Migration) =>
    applied.some((row) => Number(row.created_at) === made && row.hash !== hash);
  return migrations.filter(isChanged).map(({ name }) => name);
}

async function apply(sql: Sql, { statements, hash, made }: Migration): Promise<boolean> {
  const refuseTwice = `do $$ begin
    if exists (select from ${table} where created_at >= ${made}) then raise exception using errcode = '${alreadyApplied}'; end if;
  end $$`;
  const record = `insert into ${table} (hash, created_at) values ('${hash}', ${made})`;
  try {
    await sql.transaction([lock, refuseTwice, ...statements, record].map((statement) => sql.query(statement)));
    return true;
  } catch (error) {
    if ((error as NeonDbError).code === alreadyApplied) return false;
    throw error;
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const journal = JSON.parse(await readFile(join(folder, "meta/_journal.json"), "utf8")) as {
    entries: { tag: string; when: number }[];
  };
  return Promise.all(
    journal.entries.map(async ({ tag, when }) => {
      const text = await readFile(join(folder, `${tag}.sql`), "utf8");
      const hash = createHash("sha256").update(text).digest("hex");
      return { name: tag, statements: text.split("--> statement-breakpoint"), hash, made: when };
    }),
  );
}
