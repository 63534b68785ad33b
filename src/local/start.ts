import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Backends, startBackends } from "./backends.ts";
import { buildWorker } from "./build.ts";
import { embeddedVariables, hasEmbeddedFcm, hasEmbeddedGoogle, portsAbove, refuseTakenPorts } from "./embedded.ts";
import { root } from "./places.ts";
import type { Runtime } from "./runtime.ts";
import { s3Endpoint } from "./s3-place.ts";
import { main, Refusal, report, say } from "./say.ts";
import { loopback, refuseTaken } from "./server.ts";
import { type State, takeState } from "./state.ts";
import { loadVariablesFile, portFrom, workerVariables } from "./variables.ts";

/** `npm start`: the built Worker on workerd and all its backends, in one process group, with one folder of state. */
await main(async () => {
  const given = { ...loadVariablesFile(), ...process.env };
  const port = portFrom(given);
  const host = given.PINGME_HOST || loopback;
  const folder = resolve(given.PINGME_STATE || join(root, ".pingme"));
  const state = takeState(folder);
  const running: Running = { state };
  try {
    const url = `http://${host === "0.0.0.0" ? loopback : host}:${port}`;
    const embedded = { PUBLIC_URL: url, ...embeddedVariables(folder, portsAbove(port)) };
    const variables = workerVariables(embedded, given);
    await refuseTaken(port, "PingMe", host);
    await refuseTakenPorts(portsAbove(port));
    keepInside(folder);
    endOnSignals(running);
    const building = buildWorker(folder);
    // Looked at below; meanwhile its failure must not count as one nobody looks at.
    building.catch(() => undefined);
    running.backends = startBackends({ folder, ports: portsAbove(port), given });
    await running.backends;
    // Loaded only now: a refusal comes at once, and the Worker is built meanwhile.
    const { startRuntime } = await import("./runtime.ts");
    const build = await building;
    if (running.isEnding) return;
    running.runtime = startRuntime({ build, variables, host, port, folder, onLost: () => end(running, 1) });
    await running.runtime;
    await untilHealthy(url, running);
    if (running.isEnding) return;
    keepTime(await running.runtime, running);
    summarize(url, port, folder, given);
  } catch (error) {
    if (running.isEnding) return;
    running.isEnding = true;
    await close(running);
    throw error;
  }
});

interface Running {
  state: State;
  backends?: Promise<Backends>;
  runtime?: Promise<Runtime>;
  isEnding?: boolean;
}

/** Nothing is written outside the state folder, nothing fetched. */
function keepInside(folder: string): void {
  const temporary = join(folder, "tmp");
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  process.env.TMPDIR = temporary;
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
}

function endOnSignals(running: Running): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(running, 0));
  // Whoever read our lines is gone (`npm start | head`): so are we, and not without our children.
  process.stdout.on("error", () => end(running, 0));
}

function end(running: Running, code: number): void {
  if (running.isEnding) return;
  running.isEnding = true;
  close(running).then(
    () => process.exit(code),
    (error: Error) => {
      process.stderr.write(`pingme: ${error.message}\n`);
      process.exit(1);
    },
  );
}

/** What did not start has told so already, and has nothing to close. */
function ignored(): void {}

/** workerd first: it is the one that still has something to say to the others. */
async function close({ runtime, backends, state }: Running): Promise<void> {
  await runtime?.then((started) => started.close(), ignored);
  await backends?.then((started) => started.close(), ignored);
  state.release();
}

/** The scheduled handler runs now, since a laptop may have slept for days, and every hour. */
function keepTime(runtime: Runtime, running: Running): void {
  const hourMs = 60 * 60_000;
  const run = async () => {
    try {
      await runtime.runScheduled();
    } catch (error) {
      // One that is under way when the server ends is run again at the next start.
      if (!running.isEnding) report("warn", "scheduled_failed", { message: (error as Error).message });
    }
  };
  void run();
  setInterval(run, hourMs).unref();
}

async function untilHealthy(url: string, running: Running): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const status = await fetch(`${url}/health`).then(
      (response) => response.body?.cancel().then(() => response.status),
      () => 0,
    );
    if (status === 200 || running.isEnding) return;
    if (Date.now() > deadline)
      throw new Refusal(`the Worker does not answer GET /health: ${status || "no connection"}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function summarize(url: string, port: number, folder: string, given: NodeJS.ProcessEnv): void {
  const at = portsAbove(port);
  say("");
  say(`PingMe is ready at ${url}`);
  say(`  docs      ${url}/docs`);
  if (!given.SMTP_HOST) say(`  mailbox   http://${loopback}:${at.mailbox}   (SMTP on ${at.smtp})`);
  if (hasEmbeddedGoogle(given)) say(`  Google    ${url}/api/v1/auth/google   (embedded, on ${at.google})`);
  if (hasEmbeddedFcm(given)) say(`  pushes    http://${loopback}:${at.fcm}   (embedded FCM)`);
  if (!given.DATABASE_URL) say(`  Postgres  http://${loopback}:${at.postgres}/sql   (Neon's protocol)`);
  if (!given.UPSTASH_REDIS_REST_URL) say(`  Redis     http://${loopback}:${at.redis}   (Upstash's protocol)`);
  if (!given.S3_ENDPOINT) say(`  S3        ${s3Endpoint(at.s3)}`);
  say(`  state     ${folder}`);
  say("Ctrl-C ends it.");
  say("");
  report("info", "ready", { port });
}
