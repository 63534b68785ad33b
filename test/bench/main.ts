/**
 * `npm run bench`: what a message costs, how fast a conversation is beside a bare broadcast, and in which order it does
 * what it does; what a large group costs, what profiles ask of Postgres, how long searching takes, what readers cost who
 * have stopped reading, and what the time of an answer tells. Prints the tables of the README. `npm run bench -- counts`,
 * `members`, `profiles`, `search`, `timing`, `ratios`, `stalled` or `order` runs one part;
 * `PGURL=postgres://... npm run bench -- search 1000000` searches among so many messages in an empty Postgres.
 */
import { type Count, counts } from "./counts.ts";
import { Crowd } from "./crowd.ts";
import type { FloodResult, StreamResult } from "./floods.ts";
import { type Members, members } from "./members.ts";
import { order, type Proof } from "./order.ts";
import { type Product, startProduct } from "./product.ts";
import { profiles } from "./profiles.ts";
import { latencies, type Ratio, ratios } from "./ratios.ts";
import { type Searching, search, searchRows } from "./search.ts";
import { type Stalled, stalled } from "./stalled.ts";
import { hasStrace } from "./strace.ts";
import { figures, type Timing, timings } from "./timing.ts";

const goals: Record<string, number> = { "100 plain": 2, "100 batch": 6 };
const latencyGoalMs = 5;

const startedAt = performance.now();
const only = process.argv[2];
const isWanted = (part: string) => only === undefined || only === part;
/** Only where it was asked for with a number: the bench fills it, and the test suite knows the same variable. */
const given = only === "search" && process.argv[3] ? process.env.PGURL : undefined;
const isTraced = await hasStrace();
const crowd = new Crowd();
let isRight = true;
try {
  if (isWanted("counts")) tellCounts(await counts(crowd, isTraced));
  if (isWanted("members")) tellMembers(await members(crowd));
  if (isWanted("profiles")) tellCounts(await profiles());
  if (isWanted("search")) tellSearch(await search(Number(process.argv[3] ?? 10_000), given));
  if (["order", "timing", "ratios"].some(isWanted)) await withProduct(measure);
  if (isWanted("stalled")) await withProduct(async (product) => tellStalled(await stalled(crowd, product)));
} finally {
  crowd.end();
}
say(`Done in ${Math.round((performance.now() - startedAt) / 1000)} s.`);
process.exit(isRight ? 0 : 1);

async function measure(product: Product): Promise<void> {
  // First what wants quiet: nothing of the floods is left to be pruned meanwhile.
  if (isWanted("order") && !isTraced) say("Order: not shown, strace is missing (Debian: apt-get install strace).\n");
  if (isWanted("order") && isTraced) tellOrder(await order(product));
  if (isWanted("timing")) tellTimings(await timings(product));
  if (isWanted("ratios")) {
    tellRatios(await ratios(crowd, product));
    tellLatencies(await latencies(crowd, product));
  }
}

async function withProduct(act: (product: Product) => Promise<void>): Promise<void> {
  const product = await startProduct();
  try {
    await act(product);
  } finally {
    await product.end();
  }
}

function tellCounts(counted: Count[]): void {
  table(
    ["counted", "", "goal"],
    counted.map(({ what, value, goal }) => [what, value, goal ?? ""]),
  );
}

function tellMembers({ counts, exchanged }: Members): void {
  tellCounts(counts);
  const [alone] = exchanged;
  table(
    [
      "ms, p50 / p95 of 40 by turns",
      "own frame",
      "that of the next sender",
      "all connected have it",
      "next sender, against 2 members",
    ],
    exchanged.map(([what, { firstMs, nextMs, allMs }]) => [
      what,
      ...[firstMs, nextMs, allMs].map(figures).map(({ p50, p95 }) => `${p50.toFixed(1)} / ${p95.toFixed(1)}`),
      (figures(nextMs).p50 / figures(alone?.[1].nextMs ?? []).p50).toFixed(1),
    ]),
  );
}

function tellSearch(searching: Searching): void {
  const { head, rows } = searchRows(searching);
  const { sizes, drains, messages } = searching;
  say(`Search among ${thousands(messages)} messages:\n`);
  table(head, rows);
  const [indexed, bare] = [figures(drains.indexed).p50, figures(drains.bare).p50];
  const each = (bytes: number) => `${Math.round(bytes / messages)}`;
  tellCounts([
    { what: "a drain of 500 messages, against one without what search needs", value: (indexed / bare).toFixed(1) },
    { what: "bytes a message: the table's row", value: each(sizes.table) },
    { what: "of it the words", value: each(sizes.words) },
    { what: "the index of words", value: each(sizes.index) },
    { what: "the index of times", value: each(sizes.times) },
  ]);
  say(`(A drain: ${indexed.toFixed(0)} ms, without: ${bare.toFixed(0)} ms.)\n`);
}

function tellRatios(measured: Ratio[]): void {
  const rows = measured.flatMap(({ sockets, bare, plain, batch, deflated }) => [
    row(sockets, "bare broadcast", bare, bare),
    row(sockets, "PingMe", plain, bare, goals[`${sockets} plain`]),
    row(sockets, "PingMe, `pingme.batch`", batch, bare, goals[`${sockets} batch`]),
    ...(deflated ? [row(sockets, "PingMe, permessage-deflate", deflated, bare)] : []),
  ]);
  table(["sockets", "", "deliveries/s", "against bare", "the same by processor time", "messages/s", "goal"], rows);
}

function row(sockets: number, what: string, result: FloodResult, bare: FloodResult, goal?: number): string[] {
  const ratio = result.deliveriesPerSecond / bare.deliveriesPerSecond;
  const busy = result.deliveriesPerBusySecond / bare.deliveriesPerBusySecond;
  const figures = [thousands(result.deliveriesPerSecond), ratio.toFixed(1), busy.toFixed(1)];
  return [`${sockets}`, what, ...figures, thousands(result.messagesPerSecond), goal === undefined ? "" : `${goal}`];
}

function tellLatencies(measured: [string, StreamResult][]): void {
  table(
    [
      "6,000 messages/s into one conversation, open loop",
      "p50 ms",
      "p99 ms",
      "goal",
      "server ran",
      "waited for a core",
    ],
    measured.map(([what, { p50Ms, p99Ms, ran, waited }]) => [
      what,
      p50Ms.toFixed(1),
      p99Ms.toFixed(1),
      `p50 < ${latencyGoalMs}`,
      percent(ran),
      percent(waited),
    ]),
  );
}

function tellStalled(measured: Stalled[]): void {
  const [without] = measured;
  table(
    ["10,000 messages of 2,000 characters at 500/s", "own frame, p50 ms", "ratio", "workerd grew by", "closed with"],
    measured.map(({ what, p50Ms, grownBytes, closeCodes }) => [
      what,
      p50Ms.toFixed(1),
      (p50Ms / (without?.p50Ms ?? p50Ms)).toFixed(2),
      `${Math.round(grownBytes / 2 ** 20)} MiB`,
      closeCodes.join(", "),
    ]),
  );
}

/** A route that asks for an address must not tell by its time whether there is an account. */
function tellTimings(measured: Timing[]): void {
  const both = ({ p50, p95 }: Timing["known"]) => `${p50.toFixed(0)} / ${p95.toFixed(0)}`;
  table(
    ["ms, p50 / p95 of 100 by turns", "known address", "unknown address", "ratio of p50"],
    measured.map(({ route, known, unknown }) => [
      route,
      both(known),
      both(unknown),
      (known.p50 / unknown.p50).toFixed(2),
    ]),
  );
}

/** The one part that is right or wrong, whatever the machine does. */
function tellOrder(proofs: Proof[]): void {
  isRight &&= proofs.every(({ isInOrder }) => isInOrder);
  table(
    ["what workerd asks of the kernel, by strace", "", "in order"],
    proofs.map(({ name, trace, isInOrder }) => [name, trace.join(", "), isInOrder ? "yes" : "NO"]),
  );
}

function table(head: string[], rows: string[][]): void {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  say([line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line), ""].join("\n"));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
