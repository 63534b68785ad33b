/** One says something, another answers on hearing it: what a group costs these two, and when all who listen have it. */
import { setTimeout as wait } from "node:timers/promises";
import { numberAt, speaker, type Words } from "./floods.ts";
import { type Opening, Socket } from "./socket.ts";

/** The first of the openings says something, the second answers. */
export interface Party {
  openings: Opening[];
  words: Words;
}

/** In all groups by turns, so that each meets the same weather. */
export interface Exchange {
  kind: "exchange";
  parties: Party[];
  times: number;
  restMs: number;
}

/** Of each time: from sending to hearing oneself, for the first and for the one who answers; and until all have the first. */
export interface Exchanged {
  firstMs: number[];
  nextMs: number[];
  allMs: number[];
}

interface Talk {
  sockets: Socket[];
  say: (n: number, index: number) => void;
  hear: (n: number, index: number) => void;
}

const warmups = 2;
const mostMs = 15_000;

export async function exchange({ parties, times, restMs }: Exchange): Promise<Exchanged[]> {
  const talks = await Promise.all(parties.map(join));
  const results = talks.map((): Exchanged => ({ firstMs: [], nextMs: [], allMs: [] }));
  for (let time = 0; time < warmups + times; time++) {
    for (const [at, talk] of talks.entries()) {
      const [firstMs, nextMs, allMs] = await once(talk, 2 * time);
      await wait(restMs);
      if (time < warmups) continue;
      results[at]?.firstMs.push(firstMs);
      results[at]?.nextMs.push(nextMs);
      results[at]?.allMs.push(allMs);
    }
  }
  for (const socket of talks.flatMap(({ sockets }) => sockets)) socket.end();
  return results;
}

async function join({ openings, words }: Party): Promise<Talk> {
  const sockets = await Promise.all(openings.map(Socket.open));
  const speak = speaker(words, false);
  const say = (n: number, index: number) => sockets[index] && speak(sockets[index], [n]);
  const talk: Talk = { sockets, say, hear: () => undefined };
  const mark = Buffer.from(words.mark);
  for (const [index, socket] of sockets.entries()) {
    socket.read = (buffer, start, end) => {
      const bytes = buffer.subarray(start, end);
      const at = bytes.indexOf(mark);
      if (at >= 0) talk.hear(numberAt(bytes, at + mark.length), index);
    };
  }
  return talk;
}

/** @param n of the message; the answer has the next number */
async function once(talk: Talk, n: number): Promise<[firstMs: number, nextMs: number, allMs: number]> {
  const sentAt: [first: number, next: number] = [performance.now(), 0];
  const left: [first: number, next: number] = [talk.sockets.length, talk.sockets.length];
  let [firstMs, nextMs, allMs] = [0, 0, 0];
  talk.hear = (heard, index) => {
    const now = performance.now();
    const which = heard === n ? 0 : 1;
    left[which] -= 1;
    if (which === 0 && index === 0) firstMs = now - sentAt[0];
    if (which === 1 && index === 1) nextMs = now - sentAt[1];
    if (which === 0 && left[0] === 0) allMs = now - sentAt[0];
    if (which === 1 || index !== 1) return;
    sentAt[1] = now;
    talk.say(n + 1, 1);
  };
  talk.say(n, 0);
  while (left[0] > 0 || left[1] > 0) {
    if (performance.now() - sentAt[0] > mostMs) throw new Error(`Not all heard it: ${left.join(" and ")} are left`);
    await wait(2);
  }
  return [firstMs, nextMs, allMs];
}
