import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { inject } from "vitest";
import { portsAbove } from "../../src/local/embedded.ts";
import { root } from "../../src/local/places.ts";
import { endServer } from "./ending.ts";
import { givenUrl, needed, needsOwnServer } from "./needs.ts";

/** The product, running. What a given one lacks throws LeftOut where it is looked at. */
export interface Server {
  readonly url: string;
  readonly mailboxUrl: string;
  readonly fcmUrl: string;
  readonly googleUrl: string;
}

export interface OwnServer extends Server {
  pid: number;
  port: number;
  state: string;
  /** All it has said so far, both streams. */
  output(): string;
  /** As Ctrl-C. */
  end(): Promise<void>;
}

interface Options {
  /** Its folder; a new one gets a migrated Postgres at once. */
  state: string;
  env?: Record<string, string>;
}

declare global {
  var pingmeTestServer: Promise<Server> | undefined;
}

/**
 * One server for all journeys of a run, started by the first that asks and ended by the global setup; or the one at
 * PINGME_URL, with what is beside it (`needs.ts`).
 */
export function server(): Promise<Server> {
  globalThis.pingmeTestServer ??= given() ?? startServer({ state: ownState("server"), env: roomy });
  return globalThis.pingmeTestServer;
}

/** The folder of a server of one's own. @throws LeftOut where another server is tested */
export function ownState(name: string): string {
  needsOwnServer();
  return join(inject("scratch"), name);
}

/** All journeys come from one address. */
const roomy = { AUTH_RATE_LIMIT_PER_ADDRESS: "100000" };

function given(): Promise<Server> | undefined {
  const url = givenUrl();
  if (!url) return undefined;
  return Promise.resolve({
    url,
    get mailboxUrl() {
      return needed("mailbox");
    },
    get fcmUrl() {
      return needed("fcm");
    },
    get googleUrl() {
      return needed("google");
    },
  });
}

/** A server of one's own, ready; who starts it ends it. */
export async function startServer({ state, env = {} }: Options): Promise<OwnServer> {
  provision(state);
  const port = Number(env.PORT ?? (await freePort()));
  const launched = launch({ state, env: { ...env, PORT: String(port) } });
  await launched.said("PingMe is ready");
  const { pid, output } = launched;
  const at = (own: number) => `http://127.0.0.1:${own}`;
  const { mailbox, fcm, google } = portsAbove(port);
  const beside = { mailboxUrl: at(mailbox), fcmUrl: at(fcm), googleUrl: at(google) };
  return { url: at(port), ...beside, port, pid, state, output, end: () => endServer(state) };
}

export interface Launched {
  pid: number;
  output(): string;
  stderr(): string;
  /** Waits for a text on either stream. */
  said(text: string): Promise<void>;
  exited: Promise<number | null>;
}

/** `npm start` without npm, with nothing of the developer's own settings. */
export function launch({ state, env = {} }: Options): Launched {
  const child = spawn(process.execPath, [join(root, "src/local/start.ts")], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PINGME_VARS: "/dev/null", PINGME_STATE: state, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const streams = { out: "", err: "" };
  const listeners = new Set<() => void>();
  const hear = (stream: "out" | "err") => (chunk: string) => {
    streams[stream] += chunk;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding("utf8").on("data", hear("out"));
  child.stderr.setEncoding("utf8").on("data", hear("err"));
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  const output = () => streams.out + streams.err;
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!output().includes(text)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      exited.then((code) => reject(new Error(`It ended with ${code} before it said "${text}":\n${output()}`)));
      look();
    });
  return { pid: child.pid ?? 0, output, stderr: () => streams.err, said, exited };
}

/** Spares a new folder the seconds it takes to make a database. */
export function provision(state: string): void {
  mkdirSync(state, { recursive: true });
  const data = join(state, "postgres");
  if (!existsSync(data)) cpSync(inject("template"), data, { recursive: true });
}

/** A port with those above it free too; each run of tests looks elsewhere first. */
export async function freePort(): Promise<number> {
  for (let port = 20_000 + ((process.pid * 8) % 10_000); ; port += 8) {
    const wanted = [port, ...Object.values(portsAbove(port))];
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const isAnswered = await new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
  if (isAnswered) return false;
  return new Promise((resolve) => {
    const probe = createServer().on("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
