import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { neon, neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { portsAbove } from "../../src/local/embedded.ts";
import { s3Endpoint } from "../../src/local/s3-place.ts";
import { endServer, holderOf, isAlive, untilGone } from "../support/ending.ts";
import { freePort, launch, type OwnServer, provision, startServer } from "../support/server.ts";

const state = join(inject("scratch"), "launcher");
const other = join(inject("scratch"), "launcher-other");
const sharedEndpoint = neonConfig.fetchEndpoint;
let server: OwnServer;

beforeAll(async () => {
  provision(other);
  server = await startServer({ state });
});

afterAll(async () => {
  neonConfig.fetchEndpoint = sharedEndpoint;
  await endServer(state);
});

function childrenOf(pid: number): { pid: number; group: number; name: string }[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat=,comm="], { encoding: "utf8" })
    .trim()
    .split("\n");
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, parent, , stat]) => Number(parent) === pid && !stat?.startsWith("Z"))
    .map(([child, , group, , name = ""]) => ({ pid: Number(child), group: Number(group), name }));
}

const workerdsOf = (pid: number) => childrenOf(pid).filter(({ name }) => name.includes("workerd"));
/** The Worker's: the launcher says its number. The other one is the embedded S3's. */
const isWorkers = (pid: number) => server.output().includes(`"workerd_started","pid":${pid}}`);
const workerdOf = (pid: number) => workerdsOf(pid).find((one) => isWorkers(one.pid));
const storeOf = (pid: number) => workerdsOf(pid).find((one) => !isWorkers(one.pid));
/** By the shell that ends it when the launcher is gone. */
const isWatched = (pid: number) =>
  execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).includes(`|| kill -9 "$0" ${pid}\n`);
const health = (url: string) =>
  fetch(`${url}/health`).then(
    async (response) => [response.status, await response.text()][0],
    () => 0,
  );

const storeStatus = (port: number) =>
  fetch(s3Endpoint(portsAbove(port).s3)).then(
    async (response) => [response.status, await response.text()][0],
    () => 0,
  );

function occupy(port: number): Promise<() => void> {
  const squatter = createServer();
  return new Promise((resolve) => squatter.listen(port, "127.0.0.1", () => resolve(() => squatter.close())));
}

/** A launch that is to fail: its exit code and what it wrote to stderr. */
async function refused(options: Parameters<typeof launch>[0]): Promise<{ code: number | null; lines: string[] }> {
  const launched = launch(options);
  const code = await launched.exited;
  return { code, lines: launched.stderr().trim().split("\n") };
}

describe("the launcher does", () => {
  test("serve HTTP and sockets on its port, the mailbox, the pushes and the docs' files", async () => {
    expect(await health(server.url)).toBe(200);
    expect((await fetch(`${server.mailboxUrl}/api/mails`)).status).toBe(200);
    expect((await fetch(`${server.fcmUrl}/api/pushes`)).status).toBe(200);
    const docs = await fetch(`${server.url}/docs`);
    expect([docs.status, await docs.text()]).toEqual([200, expect.stringContaining("swagger-ui-bundle.js")]);
  });

  test("keep every workerd in its process group", () => {
    const [own] = execFileSync("ps", ["-o", "pgid=", "-p", String(server.pid)], { encoding: "utf8" })
      .trim()
      .split("\n");
    const groups = [workerdOf(server.pid)?.group, storeOf(server.pid)?.group];
    expect(groups).toEqual([Number(own), Number(own)]);
  });

  test("keep its secrets from other users of the machine", () => {
    expect(statSync(join(state, "secrets.json")).mode & 0o777).toBe(0o600);
    const { CODE_KEY, JWT_KEYS, S3_SECRET_ACCESS_KEY } = JSON.parse(readFileSync(join(state, "secrets.json"), "utf8"));
    for (const secret of [CODE_KEY, JWT_KEYS, S3_SECRET_ACCESS_KEY]) expect(server.output()).not.toContain(secret);
  });
});

describe("the launcher refuses, with one line that says why,", () => {
  test("a second server on one state folder", async () => {
    const { code, lines } = await refused({ state, env: { PORT: String(await freePort()) } });
    expect([code, lines]).toEqual([1, [expect.stringContaining(`${state} is in use by another server`)]]);
    expect(await health(server.url)).toBe(200);
  });

  test("a port in use, its own or a backend's", async () => {
    for (const offset of [0, 1, 2, 3, 4, 5, 6]) {
      const port = await freePort();
      const release = await occupy(port + offset);
      const { code, lines } = await refused({ state: other, env: { PORT: String(port) } });
      release();
      expect([code, lines]).toEqual([1, [expect.stringContaining(`port ${port + offset} `)]]);
    }
  });

  test("a bad variable", async () => {
    const env = { PORT: String(await freePort()), WS_TYPING_TIMEOUT: "soon" };
    const { code, lines } = await refused({ state: other, env });
    expect([code, lines]).toEqual([1, [expect.stringContaining("WS_TYPING_TIMEOUT")]]);
  });
});

describe("the launcher survives", () => {
  test("the death of workerd: it is back on the same port, and the log says so", async () => {
    const workerd = workerdOf(server.pid);
    expect(workerd).toBeDefined();
    process.kill(workerd?.pid ?? 0, "SIGKILL");
    await expect.poll(() => health(server.url), { timeout: 10_000 }).toBe(200);
    await expect.poll(() => server.output()).toContain('"event":"workerd_restarted"');
    expect(workerdOf(server.pid)?.pid).not.toBe(workerd?.pid);
  });

  test("the death of the embedded S3: it is back on the same port, without a word", async () => {
    expect(await storeStatus(server.port)).toBe(400);
    await expect.poll(() => workerdOf(server.pid)).toBeDefined();
    const [store, worker, said] = [storeOf(server.pid), workerdOf(server.pid), server.output()];
    process.kill(store?.pid ?? 0, "SIGKILL");
    await untilGone(store?.pid ?? 0);
    await expect.poll(() => storeStatus(server.port), { timeout: 10_000 }).toBe(400);
    expect(storeOf(server.pid)?.pid).not.toBe(store?.pid);
    expect(workerdOf(server.pid)?.pid).toBe(worker?.pid);
    expect(server.output()).toBe(said);
  });

  test("a restart: what was written is there, and nothing of it is left running in between", async () => {
    const sql = () => neon("postgres://postgres:postgres@127.0.0.1/pingme");
    neonConfig.fetchEndpoint = `http://127.0.0.1:${server.port + 1}/sql`;
    await sql()`create table launcher_test as select 42 as kept`;
    const children = childrenOf(server.pid);
    await server.end();
    for (const child of children) await untilGone(child.pid);
    expect(holderOf(state)).toBeUndefined();
    server = await startServer({ state });
    neonConfig.fetchEndpoint = `http://127.0.0.1:${server.port + 1}/sql`;
    expect(await sql()`select kept from launcher_test`).toEqual([{ kept: 42 }]);
  });

  test("being killed outright: every workerd goes too, and the next start works at once", async () => {
    const old = storeOf(server.pid)?.pid ?? 0;
    process.kill(old, "SIGKILL");
    // One that has been started anew goes like the first.
    await expect.poll(() => workerdsOf(server.pid).filter(({ pid }) => pid !== old && isWatched(pid))).toHaveLength(2);
    const workerds = workerdsOf(server.pid);
    process.kill(server.pid, "SIGKILL");
    for (const { pid } of workerds) await untilGone(pid, 2_000);
    server = await startServer({ state, env: { PORT: String(server.port) } });
    expect(await health(server.url)).toBe(200);
  });

  test("a signal while it is still starting: it ends, and leaves nobody behind", async () => {
    const launched = launch({ state: other, env: { PORT: String(await freePort()) } });
    await expect.poll(() => holderOf(other)).toBe(launched.pid);
    const children = () => childrenOf(launched.pid).map(({ pid }) => pid);
    await expect.poll(() => children().length).toBeGreaterThan(0);
    const started = children();
    process.kill(launched.pid, "SIGTERM");
    expect(await launched.exited).toBe(0);
    await expect.poll(() => started.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    expect(holderOf(other)).toBeUndefined();
  });
});

test("SIGINT and SIGTERM end the launcher with code 0", async () => {
  await server.end();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const launched = launch({ state, env: { PORT: String(await freePort()) } });
    await launched.said("PingMe is ready");
    process.kill(launched.pid, signal);
    expect(await launched.exited).toBe(0);
  }
}, 60_000);
