/** What a message costs, counted in a build of the product that counts (`workers/counting.ts`). No clock is involved. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { startBackends } from "../../src/local/backends.ts";
import { wranglerEnvironment, wranglerProgram } from "../../src/local/build.ts";
import { embeddedVariables, portsAbove } from "../../src/local/embedded.ts";
import { places, root } from "../../src/local/places.ts";
import { startRuntime } from "../../src/local/runtime.ts";
import type { Counts } from "./counters.ts";
import type { Crowd } from "./crowd.ts";
import type { Words } from "./floods.ts";
import { call, type Group, group, type Place, query } from "./people.ts";
import { freePorts, provision, roomy, scratchFolder, workerdOf } from "./product.ts";
import { Socket } from "./socket.ts";
import { fsyncsOf } from "./strace.ts";

export interface Count {
  what: string;
  value: string;
  goal?: string;
}

interface Bench extends Place {
  pid: number;
  redisPort: number;
  close(): Promise<void>;
}

const quietMs = 3_000; // after it a drain, and the fan-out's cursor, are over

/** @param isTraced strace is there, so that fsyncs can be counted */
export async function counts(crowd: Crowd, isTraced: boolean): Promise<Count[]> {
  const bench = await startCounting();
  try {
    return [
      ...(await alone(bench, isTraced)),
      ...(await flooded(bench, crowd, isTraced)),
      ...(await steady(bench, crowd)),
      ...(await overUserSockets(bench, crowd)),
      ...(await overRest(bench)),
    ];
  } finally {
    await bench.close();
  }
}

async function startCounting(): Promise<Bench> {
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
  const embedded = { PUBLIC_URL: `http://127.0.0.1:${port}`, ...embeddedVariables(folder, ports), ...roomy };
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
async function counted({ port }: Place): Promise<Counts> {
  return (await (await fetch(`http://127.0.0.1:${port}/counts`)).json()) as Counts;
}

function direct(bench: Bench, { id, people }: Group) {
  const path = `/api/v1/conversations/${id}/ws`;
  const openings = people.map(({ token }) => ({ port: bench.port, path, protocols: ["pingme", token] }));
  return { openings, words: words(id), isBatch: false };
}

function words(conversationId: string): Words {
  const id = `"id":"${randomUUID().slice(0, 24)}`;
  const head = `{"type":"message","conversation_id":"${conversationId}",${id}`;
  return { head, tail: '","content":"Good morning, is the meeting at ten?"}', mark: id };
}

async function drained(bench: Bench, { id }: Group, count: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const text = "select count(*)::int as count from messages where conversation_id = $1";
    const [row] = await query<{ count: number }>(bench, text, [id]);
    if (row && row.count >= count) return;
    await wait(100);
  }
  throw new Error(`Not drained: ${count} messages`);
}

async function alone(bench: Bench, isTraced: boolean): Promise<Count[]> {
  const room = await group(bench, 2);
  const { openings, words: said } = direct(bench, room);
  const [mine, other] = await Promise.all(openings.map(Socket.open));
  let heard = 0;
  const say = async () => {
    const own = new Promise<void>((resolve) => {
      if (mine) mine.read = () => resolve();
    });
    mine?.send(`${said.head}${String(heard++).padStart(12, "0")}${said.tail}`);
    await own;
  };
  await say();
  await wait(quietMs);
  await counted(bench);
  await say();
  const { rows, alarms } = await counted(bench);
  await wait(quietMs);
  const later = await counted(bench);
  const fsyncs = isTraced ? await fsyncsOf(bench.pid, say) : undefined;
  for (const socket of [mine, other]) socket?.end();
  return [
    { what: "SQLite rows written: a message alone", value: `${rows} (and ${alarms} alarms)`, goal: "2" },
    { what: "SQLite rows written: its drain and both cursors, alone", value: `${later.rows}` },
    { what: "fsyncs: a message alone", value: shown(fsyncs), goal: "1" },
  ];
}

async function flooded(bench: Bench, crowd: Crowd, isTraced: boolean): Promise<Count[]> {
  const many = 2_000;
  const room = await group(bench, 2);
  const task = { senders: 2, window: 512, warmMs: 0, forMs: 0, pid: bench.pid };
  const flood = async () => {
    await crowd.flood({ ...task, ...direct(bench, room), most: many });
  };
  await flood();
  await drained(bench, room, many);
  await wait(quietMs);
  await counted(bench);
  await flood();
  const before = await counted(bench);
  await drained(bench, room, 2 * many);
  await wait(quietMs);
  const after = await counted(bench);
  const fsyncs = isTraced ? await fsyncsOf(bench.pid, flood) : undefined;
  const enough = 11_500 - 3 * many; // more than are kept, so that the oldest are pruned
  await crowd.flood({ ...task, ...direct(bench, room), most: enough });
  await drained(bench, room, isTraced ? 11_500 : 11_500 - many);
  await counted(bench);
  await wait(5_000 + quietMs);
  const pruning = await counted(bench);
  return [
    {
      what: "SQLite rows written a message: in a flood, drains under way",
      value: (before.rows / many).toFixed(2),
      goal: "2 and the cursor",
    },
    {
      what: "SQLite rows written a message: in a flood, all drained, cursors stored",
      value: ((before.rows + after.rows) / many).toFixed(2),
      goal: "2 and the cursor",
    },
    {
      what: "SQLite rows written a message that is pruned, once, beyond 10,000 later ones",
      value: pruning.rows < 1_000 ? "none yet" : (pruning.rows / 1_500).toFixed(2),
    },
    { what: "fsyncs a message: in a flood", value: fsyncs === undefined ? shown(fsyncs) : (fsyncs / many).toFixed(3) },
  ];
}

/** A hundred messages a second among ten people, as direct sockets see it. */
async function steady(bench: Bench, crowd: Crowd): Promise<Count[]> {
  const { pid } = bench;
  const room = await group(bench, 10);
  await crowd.stream({ ...direct(bench, room), perSecond: 10, forMs: 1_000, pid });
  await wait(quietMs);
  await counted(bench);
  await crowd.stream({ ...direct(bench, room), perSecond: 100, forMs: 10_000, pid });
  const { fetches, deliver } = await counted(bench);
  return [
    { what: "Postgres round trips for 1,000 messages at 100/s", value: `${fetches[bench.postgresPort] ?? 0}` },
    { what: "Redis calls a message, over sockets", value: `${(fetches[bench.redisPort] ?? 0) / 1_000}`, goal: "0" },
    { what: "object calls a message and recipient: direct sockets", value: (deliver / 1_000 / 10).toFixed(3) },
  ];
}

/** The same ten on their user sockets: at 100/s, and in a flood. */
async function overUserSockets(bench: Bench, crowd: Crowd): Promise<Count[]> {
  const { pid } = bench;
  const room = await group(bench, 10);
  const openings = room.people.map(({ token }) => ({
    port: bench.port,
    path: "/api/v1/ws",
    protocols: ["pingme", token],
  }));
  const task = () => ({ openings, words: words(room.id), isBatch: false });
  await crowd.stream({ ...task(), perSecond: 10, forMs: 1_000, pid });
  await counted(bench);
  await crowd.stream({ ...task(), perSecond: 100, forMs: 3_000, pid });
  const calm = await counted(bench);
  await crowd.flood({ ...task(), senders: 10, window: 512, warmMs: 0, forMs: 0, pid, most: 2_000 });
  const wild = await counted(bench);
  return [
    {
      what: "object calls a message and recipient: user sockets, 100/s",
      value: (calm.deliver / 300 / 10).toFixed(3),
      goal: "1 or fewer",
    },
    {
      what: "object calls a message and recipient: user sockets, in a flood",
      value: (wild.deliver / 2_000 / 10).toFixed(3),
    },
    { what: "object calls to send a message: user socket", value: (calm.execute / 300).toFixed(2), goal: "1" },
  ];
}

async function overRest(bench: Bench): Promise<Count[]> {
  const room = await group(bench, 2);
  const say = () => call(bench, room.people[0], "POST", `/conversations/${room.id}/messages`, { content: "by REST" });
  await say();
  await counted(bench);
  for (let n = 0; n < 50; n++) await say();
  const { fetches, execute } = await counted(bench);
  return [
    { what: "Redis calls a message, over REST", value: `${(fetches[bench.redisPort] ?? 0) / 50}`, goal: "0" },
    { what: "object calls to send a message: REST", value: (execute / 50).toFixed(2), goal: "1" },
  ];
}

const shown = (count: number | undefined) => (count === undefined ? "not counted: no strace" : `${count}`);
