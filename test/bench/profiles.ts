/** What reading profiles asks of Postgres, with the cache and without: counted, no clock is involved. */

import { counted, startCounting } from "./counting.ts";
import type { Count } from "./counts.ts";
import { call, someone } from "./people.ts";

const reads = 1_000;
const people = 50;

export async function profiles(): Promise<Count[]> {
  const [cached, uncached] = [await readThem(), await readThem({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" })];
  const what = `Postgres round trips for ${reads.toLocaleString("en")} reads of ${people} people's profiles`;
  return [
    { what, value: `${cached.postgres}`, goal: `${people}` },
    { what: "the same with Redis away", value: `${uncached.postgres}` },
    { what: "Redis calls for one of these reads", value: (cached.redis / reads).toFixed(2) },
  ];
}

/** One after the other, so that none is read twice because nobody has cached it yet. */
async function readThem(changes: Record<string, string> = {}): Promise<{ postgres: number; redis: number }> {
  const bench = await startCounting(changes);
  try {
    const [reader, ...others] = await someone(bench, people + 1);
    await counted(bench);
    for (let n = 0; n < reads; n++) await call(bench, reader, "GET", `/users/${others[n % people]?.id}`);
    const { fetches } = await counted(bench);
    return { postgres: fetches[bench.postgresPort] ?? 0, redis: fetches[bench.redisPort] ?? 0 };
  } finally {
    await bench.close();
  }
}
