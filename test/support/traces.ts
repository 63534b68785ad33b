/** Looks for what should be gone, wherever the product keeps anything. */

import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { configOf, type Env } from "../../src/env.ts";
import { connectRedis } from "../../src/services/redis.ts";
import { db } from "./room.ts";

/** Tables of Postgres in some row of which one of the texts is. */
export async function tracesInPostgres(texts: string[]): Promise<string[]> {
  const { rows } = await db.execute<{ name: string }>(
    sql`select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
  );
  const holds = async (name: string) => {
    const marks = texts.map((text) => sql`position(${text} in t::text) > 0`);
    const found = await db.execute(
      sql`select 1 from ${sql.raw(name)} as t where ${sql.join(marks, sql` or `)} limit 1`,
    );
    return found.rows.length > 0 ? [name] : [];
  };
  return (await Promise.all(rows.map(({ name }) => holds(name)))).flat();
}

/** Keys of Redis that hold one of the texts, or have it in their name. */
export async function tracesInRedis(texts: string[]): Promise<string[]> {
  const redis = connectRedis(configOf(env as unknown as Env));
  const keys = await redis.keys("*");
  const kept = async (key: string): Promise<unknown> => {
    const type = await redis.type(key);
    if (type === "hash") return await redis.hgetall(key);
    if (type === "zset") return await redis.zrange(key, 0, -1);
    if (type === "list") return await redis.lrange(key, 0, -1);
    if (type === "set") return await redis.smembers(key);
    return await redis.get(key);
  };
  const values = await Promise.all(keys.map(async (key) => [key, JSON.stringify(await kept(key))] as const));
  return values.filter((entry) => texts.some((text) => entry.join(" ").includes(text))).map(([key]) => key);
}
