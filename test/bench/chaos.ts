/**
 * workerd is killed outright again and again while people talk over all three mouths. Afterwards: no acknowledged
 * message is lost, none is there twice, sequences are dense, all clients have the same log, and so has Postgres.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Group, group, query } from "./people.ts";
import { type Product, startProduct } from "./product.ts";
import { RestSender, type Said, Survivor } from "./survivor.ts";

const kills = 6;
const everyMs = 12; // each sender with a socket says something so often
const rooms = 2;

interface Room {
  group: Group;
  sockets: Survivor[];
  rest: RestSender;
}

const violations: string[] = [];
const startedAt = performance.now();
const product = await startProduct();
try {
  const all = await Promise.all(Array.from({ length: rooms }, () => people(product)));
  const outages = await disturb(all);
  await until("every message is acknowledged", () =>
    all.every((room) => outboxes(room).every((box) => !box.pending.size)),
  );
  await until("all clients have the same log", () =>
    all.every(({ sockets }) => new Set(sockets.map((s) => s.last)).size === 1),
  );
  const drainMs = await timed(() => until("Postgres has as many", () => areDrained(all)));
  for (const room of all) await judge(room);
  await Promise.all(all.flatMap(({ sockets }) => sockets.map((socket) => socket.end())));
  tell(all, outages, drainMs);
} finally {
  await product.end();
}
process.exit(violations.length > 0 ? 1 : 0);

async function people(place: Product): Promise<Room> {
  const made = await group(place, 5);
  const [ann, bob, cem, dan, eve] = made.people;
  if (!ann || !bob || !cem || !dan || !eve) throw new Error("Five are needed");
  const sockets = [ann, bob, cem, dan].map((who, index) => new Survivor(place, made, who, index % 2 === 0));
  return { group: made, sockets, rest: new RestSender(place, made, eve) };
}

/** Talk goes on throughout. @returns how long workerd was away each time, in ms */
async function disturb(all: Room[]): Promise<number[]> {
  let isOver = false;
  const talkers = all.flatMap(({ sockets, rest }) => [
    ...sockets.map(async (socket) => {
      for (; !isOver; await wait(everyMs)) socket.say();
    }),
    (async () => {
      for (; !isOver; await wait(1)) await rest.say();
    })(),
  ]);
  const outages: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await wait(700 + Math.random() * 900);
    process.kill(product.workerd(), "SIGKILL");
    outages.push(await timed(() => until("workerd is back", isUp)));
  }
  await wait(500);
  isOver = true;
  await Promise.all(talkers);
  return outages;
}

async function isUp(): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${product.port}/health`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.status === 200;
}

function outboxes({ sockets, rest }: Room) {
  return [...sockets, rest].map(({ outbox }) => outbox);
}

async function areDrained(all: Room[]): Promise<boolean> {
  const lacking = await Promise.all(
    all.map(async ({ group: { id }, sockets }) => {
      const text = "select count(*)::int as count from messages where conversation_id = $1";
      const [row] = await query<{ count: number }>(product, text, [id]);
      return (sockets[0]?.last ?? 0) - (row?.count ?? 0);
    }),
  );
  return lacking.every((count) => count <= 0);
}

async function judge(room: Room): Promise<void> {
  const { id } = room.group;
  const [first, ...others] = room.sockets;
  const log = first?.log ?? [];
  const say = (what: string) => violations.push(`${id}: ${what}`);
  const places = new Map(log.map((said, index) => [said.id, index + 1]));
  if (places.size !== log.length) say(`${log.length - places.size} ids are there twice`);
  for (const other of others) if (!isSame(log, other.log)) say("two clients have different logs");
  for (const { epochs, resets } of room.sockets) if (epochs.size !== 1 || resets > 0) say("the epoch changed");
  for (const { acknowledged, refused, sent } of outboxes(room)) {
    for (const what of refused) say(`refused: ${what}`);
    if (acknowledged.size !== sent) say(`${sent - acknowledged.size} were never acknowledged`);
    for (const [said, sequence] of acknowledged) {
      if (places.get(said) !== sequence) say(`${said} was acknowledged as ${sequence}, it is ${places.get(said)}`);
    }
  }
  const text =
    "select id, content, sender_id, sequence::int from messages where conversation_id = $1 order by sequence";
  const rows = await query<Said & { sequence: number }>(product, text, [id]);
  if (rows.some(({ sequence }, index) => sequence !== index + 1)) say("sequences in Postgres are not dense");
  if (!isSame(log, rows)) say(`Postgres has ${rows.length} messages, the log ${log.length}, or others`);
  const total = outboxes(room).reduce((sum, { sent }) => sum + sent, 0);
  if (total !== log.length) say(`${total} were said, ${log.length} are in the log`);
}

function isSame(log: readonly Said[], other: readonly Said[]): boolean {
  const same = (one: Said, two: Said | undefined) =>
    one.id === two?.id && one.content === two.content && one.sender_id === two.sender_id;
  return log.length === other.length && log.every((said, index) => same(said, other[index]));
}

function tell(all: Room[], outages: number[], drainMs: number): void {
  const sum = (count: (room: Room) => number) => all.reduce((total, room) => total + count(room), 0);
  const boxes = (count: (box: RestSender["outbox"]) => number) =>
    sum((room) => outboxes(room).reduce((total, box) => total + count(box), 0));
  const ofSockets = (count: (socket: Survivor) => number) =>
    sum(({ sockets }) => sockets.reduce((total, socket) => total + count(socket), 0));
  const figures = {
    "workerd killed": outages.length,
    "away for, ms": outages.map(Math.round).join(" "),
    "messages said": boxes(({ sent }) => sent),
    acknowledged: boxes(({ acknowledged }) => acknowledged.size),
    "sent again after a loss": boxes(({ again }) => again),
    "in the logs": sum(({ sockets }) => sockets[0]?.last ?? 0),
    reconnections: ofSockets(({ reconnected }) => reconnected),
    "gaps and pages asked for": ofSockets(({ repaired }) => repaired),
    "until Postgres was equal, ms": Math.round(drainMs),
    violations: violations.length,
    "seconds in all": Math.round((performance.now() - startedAt) / 1000),
  };
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(30)} ${value}\n`);
  for (const violation of violations.slice(0, 20)) process.stdout.write(`VIOLATION ${violation}\n`);
}

/** In vain is a violation, too; what is wrong is then looked at all the same. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) return void violations.push(`waited in vain: ${what}`);
    await wait(20);
  }
}

async function timed(act: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}
