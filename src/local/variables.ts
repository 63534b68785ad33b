import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { readConfig, variables } from "../protocol/config.ts";
import { root } from "./places.ts";
import { Refusal } from "./say.ts";

export type Variables = Record<string, string | undefined>;

/** The developer's own `.dev.vars`, if there is one; PINGME_VARS names another file. */
export function loadVariablesFile(): Variables {
  const file = process.env.PINGME_VARS ?? join(root, ".dev.vars");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}

const google = ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_ISSUER"];
const s3 = [
  ...["S3_ENDPOINT", "S3_REGION", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"],
  ...["S3_PATH_STYLE", "S3_PUBLIC_URL"],
];

/** Set together: who names another service must not be left with the password of the embedded one. */
const belongTogether: Record<string, string[]> = {
  DATABASE_URL: ["DATABASE_HTTP_URL", ...google],
  UPSTASH_REDIS_REST_URL: ["UPSTASH_REDIS_REST_TOKEN"],
  GOOGLE_CLIENT_ID: google,
  GOOGLE_CLIENT_SECRET: google,
  GOOGLE_ISSUER: google,
  S3_ENDPOINT: s3,
  S3_BUCKET: s3,
  S3_ACCESS_KEY_ID: s3,
  S3_SECRET_ACCESS_KEY: s3,
  FCM_SERVICE_ACCOUNT: ["FCM_BASE_URL"],
  FCM_BASE_URL: ["FCM_SERVICE_ACCOUNT"],
  SMTP_HOST: ["SMTP_PORT", "SMTP_SECURITY", "SMTP_USERNAME", "SMTP_PASSWORD", ...google],
};

/**
 * What the Worker gets: `embedded`, overridden by what `given` sets.
 * @throws Refusal that names the variables that are wrong; never a value
 */
export function workerVariables(embedded: Variables, given: Variables): Record<string, string> {
  const names = Object.keys(variables.shape);
  const replaced = names.filter((name) => given[name]).flatMap((name) => belongTogether[name] ?? []);
  const chosen = names.map((name) => [name, given[name] || (replaced.includes(name) ? undefined : embedded[name])]);
  const all = Object.fromEntries(chosen.filter(([, value]) => value)) as Record<string, string>;
  const read = readConfig(all);
  if (!read.ok) throw new Refusal(`a variable is wrong: ${read.wrong.join("; ")}`);
  return all;
}

/** PORT, with room for the backends' ports above it. */
export function portFrom(given: Variables): number {
  const port = Number(given.PORT || 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65_528)
    throw new Refusal("PORT: needs a whole number from 1 to 65528");
  return port;
}
