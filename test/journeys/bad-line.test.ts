/** Two clients behind a line that cuts, holds back and says frames twice, over ten thousand events. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type BadLine, type Mishap, startProxy } from "../support/proxy.ts";
import { heard, newReader } from "../support/reader.ts";
import { type OwnServer, ownState, startServer } from "../support/server.ts";
import { Stubborn } from "../support/stubborn.ts";
import { until } from "../support/until.ts";

const goal = 10_000;
const underWay = 200; // messages said and not yet heard, of each

let at: OwnServer;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  const env = { WS_RATE_LIMIT_MESSAGES_PER_MINUTE: "1000000", WS_RATE_LIMIT_GENERAL_PER_MINUTE: "1000000" };
  at = await startServer({ state: ownState("bad-line"), env });
  [ann, bob] = await people(at, "Ann", "Bob");
});

afterAll(() => at.end());

const mishap = fc.oneof(
  { weight: 300, arbitrary: fc.constant("passed" as Mishap) },
  { weight: 30, arbitrary: fc.constantFrom<Mishap>("twice", "late") },
  { weight: 4, arbitrary: fc.constant("cut" as Mishap) },
);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.constant("say" as const) },
  { weight: 2, arbitrary: fc.constantFrom("edit" as const, "delete" as const) },
);

test("both come to have the log and the history: every message once, in order, as it was last changed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(mishap), fc.infiniteStream(step), async (mishaps, steps) => {
      const room = await group(ann, bob);
      let isGood = false;
      const proxy = await startProxy(at.port, () => (isGood ? "passed" : (mishaps.next().value ?? "passed")));
      const said = new Map<string, string>();
      const clients = [
        stubborn(proxy, ann, { room, path: `/conversations/${room.id}/ws` }),
        stubborn(proxy, bob, { room, path: "/ws" }),
      ];
      const go = async (isDone: (client: Stubborn) => boolean) => {
        await Promise.all(clients.map((client) => client.step()));
        return clients.every(isDone) || undefined;
      };
      const talk = (client: Stubborn) => {
        for (let some = 0; some < 20 && client.unheard.size < underWay && client.reader.last < goal; some++) {
          act(client, steps.next().value ?? "say");
        }
        for (const [id, { content }] of client.unheard) said.set(id, content);
        return client.reader.last >= goal && client.isSettled;
      };
      await until("ten thousand events", () => go(talk), 120_000);
      isGood = true;
      for (const client of clients) client.doubt();
      await until("both have all", () => go((client) => client.isSettled), 30_000);
      expect(proxy.cuts).toBeGreaterThan(5);
      await expectConverged(clients, { room, said });
      proxy.close();
    }),
    { numRuns: 1, endOnFailure: true },
  );
}, 180_000);

function stubborn(proxy: BadLine, who: Person, { room, path }: { room: Json; path: string }): Stubborn {
  const through = { ...at, url: proxy.url };
  return new Stubborn(room.id, {
    open: () => Line.open(through, path, who.token, ["pingme.batch"]),
    page: (before) => pageOf(room, before),
  });
}

async function pageOf(room: Json, before?: number) {
  const query = before === undefined ? "" : `&before=${before}`;
  return (await ann.call("GET", `/conversations/${room.id}/messages?limit=100${query}`)).body;
}

/** Says something, or changes what was said among the last: somebody else's is refused. */
function act(client: Stubborn, step: "say" | "edit" | "delete"): void {
  const { messages, last } = client.reader;
  const message_id = [...messages.keys()].at(-1 - (last % 50));
  if (step === "say" || message_id === undefined) client.say(`said after ${last}`);
  else if (step === "delete") client.change({ type: "message_delete", message_id });
  else client.change({ type: "message_edit", message_id, content: `better after ${last}` });
}

async function expectConverged(clients: Stubborn[], { room, said }: { room: Json; said: Map<string, string> }) {
  const log = await logOf(room);
  expect(log.length).toBeGreaterThanOrEqual(goal);
  expect(log.map((event) => event.sequence)).toEqual(log.map((_, index) => index + 1));
  const ids = log.flatMap((event) => (event.type === "message" ? [event.id] : []));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual([...said.keys()].sort());
  const history = await historyOf(room);
  expect(history.map((message) => message.id)).toEqual(ids);
  const folded = log.reduce(heard, { ...newReader(), epoch: room.epoch });
  for (const { reader, refused } of [...clients, { reader: folded, refused: [] }]) {
    expect([reader.epoch, reader.last]).toEqual([room.epoch, log.length]);
    expect(inOrder(reader.messages)).toEqual(history);
    const expected = /^(PERMISSION_DENIED|MESSAGE_NOT_FOUND|CONFLICT)$/;
    expect(refused.filter(({ code }) => !expected.test(code))).toEqual([]);
  }
}

const inOrder = (messages: Map<string, Json>) =>
  [...messages.values()].sort((one, other) => one.sequence - other.sequence);

/** All events, over a good line. */
async function logOf(room: Json): Promise<Json[]> {
  const line = await Line.open(at, `/conversations/${room.id}/ws`, bob.token);
  for (let synced: Json = { more: true }; synced.more; ) {
    line.send({ type: "sync", since: line.frames.at(-1)?.sequence ?? 0 });
    synced = await line.ofType("synced");
    line.frames.splice(line.frames.indexOf(synced), 1);
  }
  line.close();
  return line.frames;
}

async function historyOf(room: Json): Promise<Json[]> {
  const messages: Json[] = [];
  for (let page = await pageOf(room); page.items.length > 0; page = await pageOf(room, messages.at(-1).sequence)) {
    messages.push(...page.items);
  }
  return messages.reverse();
}
