/** What readers who have stopped reading cost the others: memory, and the delay of who speaks. */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { words } from "./counts.ts";
import type { Crowd } from "./crowd.ts";
import { type Group, group, roomSocket } from "./people.ts";
import type { Product } from "./product.ts";
import { Socket } from "./socket.ts";

export interface Stalled {
  what: string;
  p50Ms: number;
  /** The most that workerd had above what it had before. */
  grownBytes: number;
  closeCodes: number[];
}

const pace = { perSecond: 500, forMs: 20_000 };
const stopped = "and 10 who have stopped reading, half of them after an `ack`";
const content = "x".repeat(2_000);

export async function stalled(crowd: Crowd, product: Product): Promise<Stalled[]> {
  await measure(crowd, product, { ...pace, what: "warming up", readers: 0, forMs: 4_000 }); // its own memory has grown by then
  return [
    await measure(crowd, product, { ...pace, what: "2 who talk", readers: 0 }),
    await measure(crowd, product, { ...pace, what: stopped, readers: 10 }),
  ];
}

async function measure(
  crowd: Crowd,
  product: Product,
  { what, readers, ...pace }: { what: string; readers: number; perSecond: number; forMs: number },
): Promise<Stalled> {
  const room = await group(product, 2 + readers);
  const sockets = await stopReading(product, room);
  const memory = watchMemory(product.workerd());
  const openings = room.people.slice(0, 2).map((who) => roomSocket(product, room, who));
  const said = { ...words(room.id), tail: `","content":"${content}"}` };
  try {
    const { p50Ms } = await crowd.stream({ openings, words: said, isBatch: false, pid: product.workerd(), ...pace });
    const closeCodes = await Promise.all(sockets.map(readOn));
    return { what, p50Ms, grownBytes: memory.grownBytes(), closeCodes: [...new Set(closeCodes)] };
  } finally {
    memory.end();
  }
}

/** How much more resident memory than now a process has had at most. */
function watchMemory(pid: number): { grownBytes(): number; end(): void } {
  const before = memoryOf(pid);
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, memoryOf(pid));
  }, 50);
  return { grownBytes: () => most - before, end: () => clearInterval(looking) };
}

/** All but the two who talk. */
async function stopReading(product: Product, room: Group): Promise<Socket[]> {
  const readers = room.people.slice(2).map((who) => Socket.open(roomSocket(product, room, who)));
  const sockets = await Promise.all(readers);
  for (const [at, socket] of sockets.entries()) {
    if (at % 2 === 0) socket.send('{"type":"ack","sequence":0}');
    await wait(20);
    socket.stall();
  }
  return sockets;
}

/** @throws Error where it was not closed */
async function readOn(socket: Socket): Promise<number> {
  socket.resume();
  for (let tries = 0; tries < 500 && socket.closeCode === undefined && !socket.isClosed; tries++) await wait(20);
  socket.end();
  if (socket.closeCode === undefined) throw new Error("A reader that stalled was not closed");
  return socket.closeCode;
}

/** Resident memory of a process, in bytes. */
function memoryOf(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return Number(pages) * 4_096;
}
