import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { root } from "../../src/local/places.ts";

/** The product as `npm start` runs it, in a folder of its own, with limits that let a flood pass. */
export interface Product {
  port: number;
  postgresPort: number;
  output(): string;
  /** Of the workerd that runs now: the launcher starts another when it dies. */
  workerd(): number;
  end(): Promise<void>;
}

export const jwtKeys = `bench:${"0".repeat(32)}`;

/** What a bench must not run into. */
export const roomy = {
  JWT_KEYS: jwtKeys,
  WS_RATE_LIMIT_MESSAGES_PER_MINUTE: "1000000",
  WS_RATE_LIMIT_GENERAL_PER_MINUTE: "1000000",
  AUTH_RATE_LIMIT_PER_ADDRESS: "1000000",
  LOG_LEVEL: "warn",
};

export async function startProduct(): Promise<Product> {
  const state = scratchFolder("pingme-bench-");
  provision(state);
  const port = await freePorts();
  const child = spawn(process.execPath, [join(root, "src/local/start.ts")], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PINGME_VARS: "/dev/null",
      PINGME_STATE: state,
      PORT: String(port),
      ...roomy,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  while (!said.includes("PingMe is ready")) {
    if (child.exitCode !== null) throw new Error(`The server did not start:\n${said}`);
    await wait(20);
  }
  const end = async () => {
    child.kill("SIGINT");
    await ended;
    rmSync(state, { recursive: true, force: true });
  };
  return { port, postgresPort: port + 1, output: () => said, workerd: () => workerdOf(child.pid), end };
}

/** The newest child of a process that is a workerd. */
export function workerdOf(parent: number | undefined): number {
  const found = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name) || !existsSync(`/proc/${name}/stat`)) return false;
    const [, comm, , ppid] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
    return comm === "workerd" && Number(ppid) === parent;
  });
  const newest = Math.max(...found.map(Number));
  if (!Number.isFinite(newest)) throw new Error("No workerd runs");
  return newest;
}

export function scratchFolder(prefix: string): string {
  return mkdtempSync(join(tmpdir(), prefix));
}

/** Making a database takes seconds: the tests' template is taken where there is one. The launcher migrates it. */
export function provision(state: string): void {
  const cache = join(root, "node_modules/.cache/pingme");
  const templates = existsSync(cache) ? readdirSync(cache).filter((name) => /^postgres-[0-9a-f]+$/.test(name)) : [];
  const [template] = templates;
  mkdirSync(state, { recursive: true });
  if (template && templates.length === 1) cpSync(join(cache, template), join(state, "postgres"), { recursive: true });
}

/** The first of eight ports in a row that nobody listens on. */
export async function freePorts(): Promise<number> {
  for (let port = 30_000 + ((process.pid * 16) % 10_000); ; port += 16) {
    const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => isAnswered(port + index)));
    if (!taken.includes(true)) return port;
  }
}

function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1", () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}
