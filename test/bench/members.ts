/** A group as large as may be, of whom a fifth listen: what a message to it costs, and whom it holds up. */
import { setTimeout as wait } from "node:timers/promises";
import { type Bench, counted, startCounting } from "./counting.ts";
import { type Count, words } from "./counts.ts";
import type { Crowd } from "./crowd.ts";
import type { Exchanged } from "./exchange.ts";
import { type Group, group, roomSocket, userSocket } from "./people.ts";

export interface Members {
  counts: Count[];
  exchanged: [what: string, Exchanged][];
}

const all = 1_000;
const listening = 200; // half of them on the conversation's socket, half on their own
const burst = 50;
const quietMs = 1_500; // after it those without a socket were called, too
const pace = { times: 40, restMs: 250 };

export async function members(crowd: Crowd): Promise<Members> {
  const bench = await startCounting();
  try {
    const [large, pair] = [await group(bench, all), await group(bench, 2)];
    await wait(quietMs);
    return { counts: await callsOf(bench, crowd, large), exchanged: await exchanges(bench, crowd, large, pair) };
  } finally {
    await bench.close();
  }
}

function openings(bench: Bench, large: Group) {
  const half = listening / 2;
  return [
    ...large.people.slice(0, half).map((who) => roomSocket(bench, large, who)),
    ...large.people.slice(half, listening).map((who) => userSocket(bench, who)),
  ];
}

async function callsOf(bench: Bench, crowd: Crowd, large: Group): Promise<Count[]> {
  const say = async (most: number) => {
    const task = { senders: 1, window: most, most, warmMs: 0, forMs: 0, pid: bench.pid, isBatch: false };
    await counted(bench);
    await crowd.flood({ ...task, openings: openings(bench, large), words: words(large.id) });
    await wait(quietMs);
    return (await counted(bench)).deliver;
  };
  await say(1); // tells who has a user socket
  const [lone, many] = [await say(1), await say(burst)];
  const group = `${all.toLocaleString("en")} members, ${listening} of them connected`;
  return [
    { what: `object calls for a lone message to ${group}`, value: `${lone}` },
    { what: `object calls for ${burst} at once`, value: `${many}` },
    { what: "object calls a message and recipient: of these", value: (many / burst / all).toFixed(3) },
  ];
}

async function exchanges(bench: Bench, crowd: Crowd, large: Group, pair: Group): Promise<[string, Exchanged][]> {
  const [inLarge, inPair] = await crowd.exchange({
    ...pace,
    parties: [
      { openings: openings(bench, large), words: words(large.id) },
      { openings: pair.people.map((who) => roomSocket(bench, pair, who)), words: words(pair.id) },
    ],
  });
  if (!inLarge || !inPair) throw new Error("Not all were told");
  return [
    ["2 members, both connected", inPair],
    [`${all.toLocaleString("en")} members, ${listening} of them connected`, inLarge],
  ];
}
