/** What `/ready` says: each backend, its state and delay, and what waits. */
import { z } from "@hono/zod-openapi";
import type { Services } from "../connect.ts";
import { ping } from "../db/connect.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { Failures } from "../services/outages.ts";

const backend = z.object({
  state: z.enum(["up", "down"]),
  delay_ms: z.int().optional(),
  required: z.boolean(),
});

const failures = z.object({ failures: z.int(), last_failure_at: z.string().optional() });

export const readiness = z.object({
  status: z.enum(["ready", "not_ready"]),
  backends: z.record(z.string(), backend),
  throttles: z
    .enum(["shared", "local"])
    .describe("Where open routes are counted: in Redis over all isolates, or, while it is away, by each isolate alone"),
  mail: failures.describe("Letters that could not be sent since the last one that was"),
  push: failures.optional().describe("The same of pushes; left out where push is not set up"),
  archive: z
    .object({ behind: z.int(), lag_ms: z.int() })
    .optional()
    .describe("Conversations whose drain to Postgres failed, and the age of the oldest event waiting"),
});
type Readiness = z.infer<typeof readiness>;

interface Look {
  begunAt: number;
  /** Of this look or the last one that has ended. */
  report: Readiness | undefined;
}

const looks = new WeakMap<Services, Look>();

/** From one look a second an isolate, however often it is asked: the route is open. */
export async function readinessOf(services: Services): Promise<Readiness> {
  const look = looks.get(services) ?? { begunAt: Number.NEGATIVE_INFINITY, report: undefined };
  looks.set(services, look);
  for (;;) {
    if (Math.abs(Date.now() - look.begunAt) >= limits.readyMs) {
      look.begunAt = Date.now();
      look.report = await inspect(services);
    }
    if (look.report) return look.report;
    // The isolate's first look is another request's, and its promise cannot be shared.
    await scheduler.wait(limits.readyWaitMs);
  }
}

async function inspect({ db, blobs, cache, lag, mail, push }: Services): Promise<Readiness> {
  const [database, redis, s3, behind, letters, pushes] = await Promise.all([
    measured(() => ping(db)),
    measured(() => cache.ping()),
    // People talk without it.
    blobs && measured(() => blobs.ping(), false),
    lag.read().catch(() => undefined), // Redis is away: said beside it
    mail.state(),
    push?.state(),
  ]);
  const isReady = database.state === "up" && redis.state === "up";
  const lagMs = behind?.oldest_since === undefined ? 0 : Math.max(0, Date.now() - behind.oldest_since);
  return {
    status: isReady ? "ready" : "not_ready",
    backends: { postgres: database, redis, ...(s3 && { s3 }) },
    throttles: redis.state === "up" ? "shared" : "local",
    mail: failuresOf(letters),
    ...(pushes && { push: failuresOf(pushes) }),
    ...(behind && { archive: { behind: behind.conversations, lag_ms: lagMs } }),
  };
}

function failuresOf({ failures, failed_at }: Failures): Readiness["mail"] {
  return { failures, ...(failed_at === undefined ? {} : { last_failure_at: isoTime(failed_at) }) };
}

/** A backend that does not answer is down, whatever it did instead. */
async function measured(ask: () => Promise<unknown>, required = true): Promise<z.infer<typeof backend>> {
  const startedMs = Date.now();
  const isUp = await ask().then(
    () => true,
    () => false,
  );
  return isUp ? { state: "up", delay_ms: Date.now() - startedMs, required } : { state: "down", required };
}
