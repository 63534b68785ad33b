import pg from "pg";
import { type Answer, type Engine, PostgresError, type Statement } from "./engine.ts";

/**
 * A real Postgres at `url`, ten sessions side by side: lock waits and serialization failures, which the embedded one
 * cannot show, are seen by tests that race.
 */
export async function openServer(url: string): Promise<Engine> {
  const pool = new pg.Pool({ connectionString: url, max: 10, options: "-c timezone=UTC" });
  return {
    query: (statement) => withSession(pool, (session) => run(session, statement)),
    batch: (statements, begin) =>
      withSession(pool, async (session) => {
        await session.query(begin);
        const answers: Answer[] = [];
        for (const statement of statements) answers.push(await run(session, statement));
        await session.query("commit");
        return answers;
      }),
    close: () => pool.end(),
  };
}

/** What a request leaves behind must not meet the next, as at Neon's pooler. */
async function withSession<T>(pool: pg.Pool, work: (session: pg.PoolClient) => Promise<T>): Promise<T> {
  const session = await pool.connect();
  try {
    const result = await work(session);
    // One statement each: DISCARD ALL may not stand in a transaction, and a lone `begin` leaves one open.
    await session.query("rollback");
    await session.query("discard all");
    session.release();
    return result;
  } catch (error) {
    session.release(true);
    if (error instanceof pg.DatabaseError) throw new PostgresError(error.message, { ...error });
    throw error;
  }
}

const asText = { getTypeParser: () => (text: string) => text };

async function run(session: pg.PoolClient, { query, params }: Statement): Promise<Answer> {
  const config = { text: query, values: params, rowMode: "array" as const, types: asText, queryMode: "extended" };
  const { command, rowCount, fields, rows } = await session.query(config as pg.QueryArrayConfig);
  return { command, rowCount, fields, rows, rowAsArray: true };
}
