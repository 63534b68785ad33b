/** Deliveries a second in rooms of 2, 10 and 100 sockets, beside a bare broadcast on the same workerd in the same run. */
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { startBare } from "./bare.ts";
import type { Crowd } from "./crowd.ts";
import type { FloodResult, StreamResult, Words } from "./floods.ts";
import { group, type Place } from "./people.ts";
import { freePorts, type Product, scratchFolder } from "./product.ts";

const frameBytes = 440; // a `message` frame with a short text: the bare one repeats as many
const bareHead = '{"type":"message","id":"';
const bareTail = '","pad":"';
const bare: Words = {
  head: bareHead,
  tail: `${bareTail}${"x".repeat(frameBytes - bareHead.length - bareTail.length - 14)}"}`,
  mark: "pad",
};

/** Ids are the client's own, as with every client that resends: their number is the last part. */
function said(): Words {
  const id = `"id":"${randomUUID().slice(0, 24)}`;
  const tail = '","content":"Good morning, is the meeting at ten?"}';
  return { head: `{"type":"message",${id}`, tail, mark: id };
}

export interface Ratio {
  sockets: number;
  bare: FloodResult;
  plain: FloodResult;
  batch: FloodResult;
  deflated?: FloodResult;
}

const pace = { warmMs: 400, forMs: 1_300 };
const windowFor = (sockets: number) => (sockets >= 100 ? 512 : 1024);

export async function ratios(crowd: Crowd, place: Product, rooms = [2, 10, 100]): Promise<Ratio[]> {
  const folder = scratchFolder("pingme-bare-");
  const beside = await startBare(folder, await freePorts());
  const measured: Ratio[] = [];
  try {
    for (const sockets of rooms) {
      const task = { senders: Math.min(sockets, 10), window: windowFor(sockets), ...pace };
      const path = `/${sockets}`;
      const pid = place.workerd();
      const openings = Array.from({ length: sockets }, () => ({ port: beside.port, path }));
      const ratio: Ratio = {
        sockets,
        bare: await crowd.flood({ ...task, pid: beside.pid, openings, words: bare, isBatch: false }),
        plain: await crowd.flood({ ...task, pid, ...(await room(place, sockets, "pingme")), isBatch: false }),
        batch: await crowd.flood({ ...task, pid, ...(await room(place, sockets, "pingme.batch")), isBatch: true }),
      };
      const deflating = { ...task, pid, ...(await room(place, sockets, "pingme", true)), isBatch: false };
      if (sockets === 10) ratio.deflated = await crowd.flood(deflating);
      measured.push(ratio);
    }
  } finally {
    await beside.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return measured;
}

const openLoop = { perSecond: 6_000, forMs: 3_000 };

/** Open loop in one conversation, and what the bare broadcast takes for the same: the machine's own share of it. */
export async function latencies(crowd: Crowd, place: Product): Promise<[string, StreamResult][]> {
  return [
    ["2 sockets, bare broadcast", await bareLatency(crowd, 2)],
    ["2 sockets", await latency(crowd, place, 2, "pingme")],
    ["10 sockets, `pingme.batch`", await latency(crowd, place, 10, "pingme.batch")],
  ];
}

async function latency(crowd: Crowd, place: Product, sockets: number, protocol: string): Promise<StreamResult> {
  const task = { ...(await room(place, sockets, protocol)), pid: place.workerd() };
  const isBatch = protocol === "pingme.batch";
  await crowd.stream({ ...task, isBatch, perSecond: 1_000, forMs: 500 });
  return crowd.stream({ ...task, words: said(), isBatch, ...openLoop });
}

async function bareLatency(crowd: Crowd, sockets: number): Promise<StreamResult> {
  const folder = scratchFolder("pingme-bare-");
  const { port, pid, close } = await startBare(folder, await freePorts());
  try {
    const openings = Array.from({ length: sockets }, () => ({ port, path: "/latency" }));
    const task = { openings, words: { ...bare, mark: '"id":"' }, isBatch: false, pid };
    await crowd.stream({ ...task, perSecond: 1_000, forMs: 500 });
    return await crowd.stream({ ...task, ...openLoop });
  } finally {
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function room({ port, ...place }: Place, sockets: number, protocol: string, isDeflating = false) {
  const { id, people } = await group({ port, ...place }, sockets);
  const path = `/api/v1/conversations/${id}/ws`;
  const openings = people.map(({ token }) => ({ port, path, protocols: [protocol, token], isDeflating }));
  return { openings, words: said() };
}
