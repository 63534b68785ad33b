import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { inject } from "vitest";
import { portsAbove } from "../../src/local/embedded.ts";
import { root } from "../../src/local/places.ts";
import { endServer } from "./ending.ts";

/** The product, running. */
export interface Server {
  url: string;
  mailboxUrl: string;
  fcmUrl: string;
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
 * PINGME_URL, with its mailbox at PINGME_MAILBOX_URL and its
 * FCM at PINGME_FCM_URL.
 */
export function server(): Promise<Server> {
  globalThis.pingmeTestServer ??= given() ?? startServer({ state: join(inject("scratch"), "server"), env: roomy });
  return globalThis.pingmeTestServer;
}

/** All journeys come from one address. */
const roomy = { AUTH_RATE_LIMIT_PER_ADDRESS: "100000" };

function given(): Promise<Server> | undefined {
  const { PINGME_URL: url, PINGME_MAILBOX_URL: mailboxUrl, PINGME_FCM_URL: fcmUrl } = process.env;
  if (!url) return undefined;
  if (!mailboxUrl) throw new Error("PINGME_URL is set, PINGME_MAILBOX_URL is not");
  if (!fcmUrl) throw new Error("PINGME_URL is set, PINGME_FCM_URL is not");
  const bare = (address: string) => address.replace(/\/$/, "");
  return Promise.resolve({ url: bare(url), mailboxUrl: bare(mailboxUrl), fcmUrl: bare(fcmUrl) });
}

/** A server of one's own, ready; who starts it ends it. */
export async function startServer({ state, env = {} }: Options): Promise<OwnServer> {
  provision(state);
  const port = Number(env.PORT ?? (await freePort()));
  const launched = launch({ state, env: { ...env, PORT: String(port) } });
  await launched.said("PingMe is ready");
  const { pid, output } = launched;
  const mailboxUrl = `http://127.0.0.1:${portsAbove(port).mailbox}`;
  const fcmUrl = `http://127.0.0.1:${portsAbove(port).fcm}`;
  const end = () => endServer(state);
  return { url: `http://127.0.0.1:${port}`, mailboxUrl, fcmUrl, port, pid, state, output, end };
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
