import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backends, startBackends } from "./backends.ts";
import { buildWorker } from "./build.ts";
import type { Place } from "./demo-client.ts";
import { talk } from "./demo-story.ts";
import { embeddedVariables } from "./embedded.ts";
import { type Runtime, startRuntime } from "./runtime.ts";
import { main, say } from "./say.ts";
import { listen, loopback } from "./server.ts";
import { workerVariables } from "./variables.ts";

/**
 * `npm run demo`: two people on a server that lives as long as they talk. One is cut off, and gets what was said
 * meanwhile.
 */
await main(async () => {
  const running: Running = { folder: mkdtempSync(join(tmpdir(), "pingme-demo-")) };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => close(running).finally(() => process.exit(1)));
  }
  try {
    say("Starting a server of its own ...");
    await talk(await start(running), say);
  } finally {
    await close(running);
  }
});

interface Running {
  folder: string;
  backends?: Promise<Backends>;
  runtime?: Promise<Runtime>;
}

/** The product as `npm start` has it, on free ports, with nothing kept and nothing of one's own settings. */
async function start(running: Running): Promise<Place> {
  const { folder } = running;
  const free = { postgres: 0, redis: 0, s3: 0, mailbox: 0, google: 0, smtp: 0, fcm: 0 };
  running.backends = startBackends({ folder, ports: free, given: {}, isQuiet: true });
  const [backends, build, port] = await Promise.all([running.backends, buildWorker(folder), freePort()]);
  const url = `http://${loopback}:${port}`;
  const embedded = { PUBLIC_URL: url, LOG_LEVEL: "warn", ...embeddedVariables(folder, backends.ports) };
  const variables = workerVariables(embedded, {});
  running.runtime = startRuntime({
    build,
    variables,
    host: loopback,
    port,
    folder,
    onLost: () => process.exit(1),
  });
  await running.runtime;
  return { url, mailboxUrl: `http://${loopback}:${backends.ports.mailbox}` };
}

/** Also what is still starting; what did not start has told so already, and has nothing to close. */
async function close({ folder, backends, runtime }: Running): Promise<void> {
  await runtime?.then((started) => started.close()).catch(() => undefined);
  await backends?.then((started) => started.close()).catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0, "PingMe");
  await new Promise((done) => probe.close(done));
  return port;
}
