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

/** Open loop in one conversation. */
export async function latency(crowd: Crowd, place: Place, sockets: number, isBatch: boolean): Promise<StreamResult> {
  const task = await room(place, sockets, isBatch ? "pingme.batch" : "pingme");
  return crowd.stream({ ...task, isBatch, perSecond: 6_000, forMs: 4_000 });
}

async function room({ port, ...place }: Place, sockets: number, protocol: string, isDeflating = false) {
  const { id, people } = await group({ port, ...place }, sockets);
  const path = `/api/v1/conversations/${id}/ws`;
  const openings = people.map(({ token }) => ({ port, path, protocols: [protocol, token], isDeflating }));
  return { openings, words: said() };
}
