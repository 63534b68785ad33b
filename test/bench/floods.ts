/** What a crowd of clients does to a server, and what it saw. Runs in a process of its own (`crowd.ts`). */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { type Opening, Socket } from "./socket.ts";

/** A message is `head`, its number in twelve digits, `tail`: the words differ from server to server, the work of a client does not. */
export interface Words {
  head: string;
  tail: string;
  /** What each message that comes back holds once. */
  mark: string;
}

interface Crowd {
  openings: Opening[];
  words: Words;
  /** `pingme.batch` is agreed: several messages in one text, both ways. */
  isBatch: boolean;
}

/** As many messages as the server takes: `window` of them are always on their way. */
export interface Flood extends Crowd {
  kind: "flood";
  window: number;
  senders: number;
  warmMs: number;
  forMs: number;
  /** Where their number matters, and no pace: so many, however long they take. */
  most?: number;
  /** The server's process: its processor time is counted too, which other work on the machine changes less. */
  pid: number;
}

/** So many messages a second, whatever the server does. */
export interface Stream extends Crowd {
  kind: "stream";
  perSecond: number;
  forMs: number;
  pid: number;
}

export interface FloodResult {
  sent: number;
  /** Over all sockets. */
  received: number;
  deliveriesPerSecond: number;
  messagesPerSecond: number;
  /** Processor time of the server, of one core, and what it delivered in each second of it. */
  load: number;
  deliveriesPerBusySecond: number;
  /** Processor time of the clients, of one core. */
  clientLoad: number;
}

export interface StreamResult {
  sent: number;
  own: number;
  p50Ms: number;
  p99Ms: number;
  mostMs: number;
  /** Of the time: the server's thread ran, and it was ready but had no core to run on. */
  ran: number;
  waited: number;
}

/** @throws Error when not every socket heard every message */
export async function flood({
  openings,
  words,
  isBatch,
  window,
  senders,
  warmMs,
  forMs,
  pid,
  most,
}: Flood): Promise<FloodResult> {
  const limit = most ?? Number.POSITIVE_INFINITY;
  const sockets = await Promise.all(openings.map(Socket.open));
  const counts = new Array<number>(sockets.length).fill(0);
  const mark = Buffer.from(words.mark);
  const say = speaker(words, isBatch);
  let sent = 0;
  let isOver = false;

  const refill = () => {
    const free = isOver ? 0 : Math.min(limit - sent, window - (sent - (counts[0] ?? 0)));
    const talking = sockets.slice(0, Math.min(senders, free));
    for (const [index, socket] of talking.entries()) {
      const share = Math.floor(free / talking.length) + (index < free % talking.length ? 1 : 0);
      say(socket, numbers(sent, share));
      sent += share;
    }
  };
  for (const [index, socket] of sockets.entries()) {
    socket.read = (buffer, start, end) => {
      // Only who pings is answered so; a compressed message may be as short.
      if (index >= senders && end - start === pongBytes) return;
      const isMany = isBatch && buffer[start] === 0x5b;
      counts[index] = (counts[index] ?? 0) + (isMany ? occurrences(buffer.subarray(start, end), mark) : 1);
    };
  }
  const [observer] = sockets;
  if (observer) observer.rested = refill;
  refill();
  // A real listener does so, too: one that says nothing is let go after 8 MiB.
  const pinging = setInterval(() => {
    for (const [index, socket] of sockets.entries()) {
      if (index >= senders && openings[index]?.protocols) socket.send(ping);
    }
  }, 250);
  await wait(warmMs);
  const from = { at: performance.now(), total: sum(counts), sent, cpu: process.cpuUsage(), busyMs: busyMs(pid) };
  await wait(forMs);
  if (most !== undefined)
    await settled(
      () => sent === most,
      () => `${sent} of ${most} sent`,
    );
  const ms = performance.now() - from.at;
  const total = sum(counts) - from.total;
  const messages = sent - from.sent;
  const busy = busyMs(pid) - from.busyMs;
  const { user, system } = process.cpuUsage(from.cpu);
  isOver = true;
  await settled(
    () => counts.every((count) => count === sent),
    () => `${sent} sent, heard ${counts.join(" ")}`,
  ).finally(() => clearInterval(pinging));
  for (const socket of sockets) socket.end();
  await Promise.all(sockets.map((socket) => socket.closed));
  return {
    sent,
    received: sum(counts),
    deliveriesPerSecond: (total / ms) * 1000,
    messagesPerSecond: (messages / ms) * 1000,
    load: busy / ms,
    deliveriesPerBusySecond: (total / busy) * 1000,
    clientLoad: (user + system) / 1000 / ms,
  };
}

/** A latency counts from when the message was due, so that a client that lags hides nothing. */
export async function stream({ openings, words, isBatch, perSecond, forMs, pid }: Stream): Promise<StreamResult> {
  const sockets = await Promise.all(openings.map(Socket.open));
  const latencies: number[] = [];
  const say = speaker(words, isBatch);
  const start = performance.now() + 50;
  const dueAt = (n: number) => start + (n / perSecond) * 1000;
  for (const [index, socket] of sockets.entries()) {
    const mark = Buffer.from(words.mark);
    socket.read = (buffer, from, end) => {
      const now = performance.now();
      const bytes = buffer.subarray(from, end);
      for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
        const n = numberAt(bytes, at + mark.length);
        if (n % sockets.length === index) latencies.push(now - dueAt(n));
      }
    };
  }
  const most = Math.floor((perSecond * forMs) / 1000);
  const before = scheduledMs(pid);
  const began = performance.now();
  let sent = 0;
  while (sent < most) {
    await wait(1);
    const due = Math.min(most, Math.floor(((performance.now() - start) / 1000) * perSecond));
    if (due <= sent) continue;
    for (const [index, socket] of sockets.entries()) {
      const mine: number[] = [];
      for (let n = sent; n < due; n++) if (n % sockets.length === index) mine.push(n);
      if (mine.length > 0) say(socket, mine);
    }
    sent = due;
  }
  await settled(
    () => latencies.length === sent,
    () => `${sent} sent, ${latencies.length} came back`,
  );
  const after = scheduledMs(pid);
  const ms = performance.now() - began;
  for (const socket of sockets) socket.end();
  latencies.sort((one, other) => one - other);
  const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  return {
    sent,
    own: latencies.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    mostMs: at(1),
    ran: (after.ran - before.ran) / ms,
    waited: (after.waited - before.waited) / ms,
  };
}

/** @returns what says messages of these numbers */
export function speaker({ head, tail }: Words, isBatch: boolean): (socket: Socket, wanted: number[]) => void {
  return (socket, wanted) => {
    const texts = wanted.map((n) => `${head}${String(n).padStart(12, "0")}${tail}`);
    if (!isBatch) return socket.send(...texts);
    for (let at = 0; at < texts.length; at += arrayMost) socket.send(`[${texts.slice(at, at + arrayMost).join(",")}]`);
  };
}

const arrayMost = 256;
const ping = '{"type":"ping"}';
const pongBytes = ping.length; // no message is so short

function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

function occurrences(bytes: Buffer, mark: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) count += 1;
  return count;
}

export function numberAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let index = at; ; index++) {
    const digit = (bytes[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}

async function settled(isSo: () => boolean, describe: () => string): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Not all arrived: ${describe()}`);
    await wait(5);
  }
}

/** Processor time of a process and its threads so far, from /proc: in ticks of 10 ms. */
function busyMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

/** Of a process's first thread, where workerd runs its Workers: how long it ran, and how long it waited for a core. */
function scheduledMs(pid: number): { ran: number; waited: number } {
  const [ran, waited] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return { ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 };
}

const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
