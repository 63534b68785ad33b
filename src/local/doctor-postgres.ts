import { neon, neonConfig } from "@neondatabase/serverless";
import { z } from "zod";
import type { Config } from "../protocol/config.ts";
import type { Look } from "./doctor-look.ts";
import { unapplied } from "./migrations.ts";
import { places } from "./places.ts";

const facts = z.tuple([z.object({ number: z.coerce.number(), version: z.string(), database: z.string() })]);
const extensions = z.array(z.object({ name: z.string() }));

/** The oldest it is tested with. */
const oldest = 150_000;

export function postgresLook({ DATABASE_URL, DATABASE_HTTP_URL }: Config, folder = places.migrations): Look {
  return async (tell, signal) => {
    if (DATABASE_HTTP_URL) neonConfig.fetchEndpoint = DATABASE_HTTP_URL;
    const sql = neon(DATABASE_URL, { fetchOptions: { signal } });
    const asked = await sql.query(
      `select current_setting('server_version_num') as number, current_setting('server_version') as version,
        current_database() as database`,
    );
    const [{ number, version, database }] = facts.parse(asked);
    tell.fine(`PostgreSQL ${version}, database ${database}`);
    if (number < oldest)
      tell.wrong(`PostgreSQL ${version} is older than 15, which PingMe is tested with: take a newer one`);
    const found = extensions.parse(await sql.query("select extname as name from pg_extension"));
    const { missing, changed } = await unapplied(
      { connectionString: DATABASE_URL, endpoint: DATABASE_HTTP_URL },
      folder,
    );
    for (const name of changed)
      tell.wrong(`migrations/${name}.sql was changed after it had been applied: take back the change`);
    if (missing.length > 0) tell.wrong(`not applied: ${missing.join(", ")}; run npm run migrate`);
    else tell.fine("all migrations are applied");
    if (missing.length === 0 && !found.some(({ name }) => name === "pg_trgm"))
      tell.wrong("the extension pg_trgm is not there, and searching for people needs it: create extension pg_trgm");
  };
}
