import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startBackends } from "../../src/local/backends.ts";
import { embeddedVariables } from "../../src/local/embedded.ts";
import { migrate } from "../../src/local/migrations.ts";
import { places, root } from "../../src/local/places.ts";
import { startPostgres } from "../../src/local/postgres.ts";
import { variables } from "../../src/protocol/config.ts";
import { endServer } from "./ending.ts";
import { startWrongGoogle } from "./google.setup.ts";

/** Vitest's global setup: Postgres, Redis, S3, mailbox, Google and FCM on free ports, told to the tests by `inject` (`provided.d.ts`). */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const scratch = mkdtempSync(join(tmpdir(), "pingme-test-"));
  const template = await postgresTemplate();
  cpSync(template, join(scratch, "postgres"), { recursive: true });
  const free = { postgres: 0, redis: 0, s3: 0, mailbox: 0, google: 0, smtp: 0, fcm: 0 };
  const given = { PGURL: process.env.PGURL };
  const backends = await startBackends({ folder: scratch, ports: free, given, isQuiet: true });
  const { ports } = backends;
  project.provide("variables", {
    ...unset,
    PUBLIC_URL: "http://localhost",
    ...(embeddedVariables(scratch, ports) as Record<string, string>),
  });
  project.provide("mailbox", `http://127.0.0.1:${ports.mailbox}`);
  project.provide("fcm", `http://127.0.0.1:${ports.fcm}`);
  const google = await startWrongGoogle();
  project.provide("google", google.provided);
  project.provide("template", template);
  project.provide("scratch", scratch);
  return async () => {
    await endServer(join(scratch, "server"));
    await Promise.all([backends.close(), google.close()]);
    rmSync(scratch, { recursive: true, force: true });
  };
}

/** Empty is not set: a developer's `.dev.vars` must not reach the tests. */
const unset = Object.fromEntries(Object.keys(variables.shape).map((name) => [name, ""]));

/** Making a database takes seconds, copying one milliseconds: it is made anew only when the migrations have changed. */
async function postgresTemplate(): Promise<string> {
  const template = join(root, "node_modules/.cache/pingme", `postgres-${fingerprint()}`);
  if (existsSync(template)) return template;
  mkdirSync(join(template, ".."), { recursive: true });
  const unfinished = mkdtempSync(`${template}.`);
  const postgres = await startPostgres({ port: 0, folder: join(unfinished, "data") });
  await migrate(postgres, places.migrations);
  await postgres.close();
  if (!existsSync(template)) renameSync(join(unfinished, "data"), template);
  rmSync(unfinished, { recursive: true, force: true });
  return template;
}

function fingerprint(): string {
  const sql = readdirSync(places.migrations).filter((name) => name.endsWith(".sql"));
  const files = [...sql, "meta/_journal.json"].map((name) => join(places.migrations, name));
  const hash = createHash("sha256");
  for (const file of [...files, join(root, "node_modules/@electric-sql/pglite/package.json")]) {
    hash.update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}
