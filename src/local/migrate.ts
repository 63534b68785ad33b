import { migrate } from "./migrations.ts";
import { places } from "./places.ts";
import { main, Refusal, say } from "./say.ts";
import { loadVariablesFile } from "./variables.ts";

/** `npm run migrate`: brings the database at DATABASE_URL up to `migrations/`. */
await main(async () => {
  const given = { ...loadVariablesFile(), ...process.env };
  const connectionString = given.DATABASE_URL;
  if (!connectionString) throw new Refusal("DATABASE_URL is not set: postgres://user:password@host/database");
  if (!URL.canParse(connectionString)) throw new Refusal("DATABASE_URL is no address of a database");
  const done = await migrate({ connectionString, endpoint: given.DATABASE_HTTP_URL || undefined }, places.migrations);
  for (const name of done) say(`applied ${name}`);
  if (done.length === 0) say("nothing to apply: the database is up to date");
});
