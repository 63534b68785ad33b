/** What a message costs, counted in a build of the product that counts (`workers/counting.ts`). No clock is involved. */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { type Bench, counted, startCounting } from "./counting.ts";
import type { Crowd } from "./crowd.ts";
import type { Words } from "./floods.ts";
import { call, type Group, group, query, roomSocket, userSocket } from "./people.ts";
import { receipts } from "./receipts.ts";
import { Socket } from "./socket.ts";
import { fsyncsOf } from "./strace.ts";

export interface Count {
  what: string;
  value: string;
  goal?: string;
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
      ...(await receipts(bench)),
    ];
  } finally {
    await bench.close();
  }
}

function direct(bench: Bench, room: Group) {
  const openings = room.people.map((who) => roomSocket(bench, room, who));
  return { openings, words: words(room.id), isBatch: false };
}

/** Of a message to a conversation, under ids nobody else has. */
export function words(conversationId: string): Words {
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
  const openings = room.people.map((who) => userSocket(bench, who));
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
