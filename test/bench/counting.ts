/** A build of the product that counts what it asks for (`workers/counting.ts`), with backends of its own. */
import { execFile } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startBackends } from "../../src/local/backends.ts";
import { wranglerEnvironment, wranglerProgram } from "../../src/local/build.ts";
import { embeddedVariables, portsAbove } from "../../src/local/embedded.ts";
import { places, root } from "../../src/local/places.ts";
import { startRuntime } from "../../src/local/runtime.ts";
import type { Counts } from "./counters.ts";
import type { Place } from "./people.ts";
import { freePorts, provision, roomy, scratchFolder, workerdOf } from "./product.ts";

export interface Bench extends Place {
  pid: number;
  redisPort: number;
  close(): Promise<void>;
}

/** @param changes to its variables */
export async function startCounting(changes: Record<string, string> = {}): Promise<Bench> {
  const folder = scratchFolder("pingme-counts-");
  provision(folder);
  const port = await freePorts();
  const ports = portsAbove(port);
  const settings = {
    name: "pingme",
    compatibility_date: "2026-11-01",
    compatibility_flags: [],
    durable_objects: {
      bindings: [
        { name: "CONVERSATIONS", class_name: "ConversationObject" },
        { name: "USERS", class_name: "UserObject" },
      ],
    },
  };
  const building = buildCounting(folder);
  const backends = await startBackends({ folder, ports, given: {}, isQuiet: true });
  const embedded = {
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...embeddedVariables(folder, ports),
    ...roomy,
    ...changes,
  };
  const variables = Object.fromEntries(Object.entries(embedded).map(([name, value]) => [name, String(value)]));
  const build = { settings, folder: await building };
  const onLost = () => process.exit(1);
  const runtime = await startRuntime({ build, variables, host: "127.0.0.1", port, folder, onLost });
  const close = async () => {
    await runtime.close();
    await backends.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, postgresPort: ports.postgres, redisPort: ports.redis, pid: workerdOf(process.pid), close };
}

async function buildCounting(state: string): Promise<string> {
  const folder = join(state, "worker");
  const entry = join(import.meta.dirname, "workers/counting.ts");
  const flags = ["deploy", entry, "--dry-run", "--outdir", folder, "--config", places.wranglerToml];
  const options = { cwd: root, env: wranglerEnvironment(state) };
  await promisify(execFile)(process.execPath, [wranglerProgram, ...flags], options);
  if (existsSync(join(folder, "counting.js"))) renameSync(join(folder, "counting.js"), join(folder, "worker.js"));
  return folder;
}

/** What was counted since it was last asked. */
export async function counted({ port }: Place): Promise<Counts> {
  return (await (await fetch(`http://127.0.0.1:${port}/counts`)).json()) as Counts;
}
