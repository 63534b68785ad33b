import { neon, neonConfig } from "@neondatabase/serverless";
import { type SQL, sql } from "drizzle-orm";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import type { Config } from "../protocol/config.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";

export type Database = NeonHttpDatabase;

export function connectDatabase(config: Pick<Config, "DATABASE_URL" | "DATABASE_HTTP_URL">): Database {
  const endpoint = config.DATABASE_HTTP_URL;
  neonConfig.fetchFunction = roundTrip;
  // The driver has one setting for the isolate; an isolate has one configuration.
  if (endpoint) neonConfig.fetchEndpoint = endpoint;
  return drizzle(neon(config.DATABASE_URL));
}

/** One request and its whole answer within the time. The timer ends with it: an object with a timer cannot sleep. */
async function roundTrip(input: RequestInfo, init: RequestInit): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limits.databaseTimeoutMs);
  try {
    const response = await fetch(input, { ...init, signal: late.signal });
    return new Response(await response.arrayBuffer(), response);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws Fault UNAVAILABLE */
export async function ping(db: Database): Promise<void> {
  await reach(db.execute(sql`select 1`));
}

/** The SQLSTATE of a failed statement (drizzle wraps the driver's error), or undefined where Postgres did not answer. */
export function sqlState(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return undefined;
  return typeof cause.code === "string" && /^[0-9A-Z]{5}$/.test(cause.code) ? cause.code : undefined;
}

/** Whether a row was refused since another has the same in a column that is unique. */
export function isDuplicate(error: unknown): boolean {
  return sqlState(error) === "23505";
}

/** A time (ms since 1970) as a parameter of a statement. */
export function instant(ms: number): SQL {
  return sql`${new Date(ms).toISOString()}::timestamptz`;
}

/** SQLSTATEs that say Postgres is away, overloaded, or chose this one of two in each other's way; not that the statement is wrong. */
const away = /^(08|28|40001|40P01|53|57P|58)/;

/**
 * Runs a query; where Postgres is away it becomes UNAVAILABLE. What Postgres refused is thrown on as it is.
 * @throws Fault UNAVAILABLE
 */
export async function reach<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    const state = sqlState(error);
    if (state !== undefined && !away.test(state)) throw error;
    throw new Fault("UNAVAILABLE", "The database is away", { retry_after_ms: limits.unavailableRetryMs });
  }
}
