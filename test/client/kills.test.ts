/** Clients of the SDK on a server whose runtime is killed while they talk. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryOutbox } from "../../src/client/stores.ts";
import { group, type Json, type Person, people } from "../support/client.ts";
import { clientOf, closeClients, opened, saidIn } from "../support/clients.ts";
import { type OwnServer, ownState, startServer } from "../support/server.ts";

const each = 60;
let at: OwnServer;

beforeAll(async () => {
  at = await startServer({ state: ownState("kills"), env: { WS_RATE_LIMIT_MESSAGES_PER_MINUTE: "100000" } });
});

afterAll(async () => {
  closeClients();
  await at.end();
});

/** Outright: it is started again by itself. */
function killRuntime(): void {
  const [, pid] = [...at.output().matchAll(/"workerd_started","pid":(\d+)/g)].at(-1) ?? [];
  process.kill(Number(pid), "SIGKILL");
}

/** Says all of it, without waiting for an answer. */
async function talker(who: Person, { id }: Json) {
  const outbox = memoryOutbox();
  const client = await clientOf(at, who, { outbox });
  const room = await opened(client, id);
  const said = Array.from({ length: each }, (_, index) => `${who.name} ${index + 1}`);
  for (const content of said) await room.send({ content });
  return { outbox, said, heard: () => saidIn(client, id) };
}

test("what all say is there once, in the same order for all, whenever the runtime is killed", {
  timeout: 60_000,
}, async () => {
  const everybody = await people(at, "Ann", "Bob", "Cem");
  const [ann, ...others] = everybody;
  if (!ann) throw new Error("Nobody is there");
  const room = await group(ann, ...others);
  const talkers = await Promise.all(everybody.map((who) => talker(who, room)));
  const [first] = talkers;
  for (const share of [0.1, 0.3, 0.6]) {
    await expect.poll(() => first?.heard().length, { timeout: 20_000 }).toBeGreaterThan(share * 3 * each);
    killRuntime();
  }
  await expect
    .poll(() => talkers.map(({ heard }) => heard().length), { timeout: 30_000 })
    .toEqual(talkers.map(() => 3 * each));
  const all = first?.heard() ?? [];
  for (const { said, heard, outbox } of talkers) {
    expect(heard()).toEqual(all);
    expect(all.filter((content) => said.includes(content))).toEqual(said);
    await expect.poll(() => outbox.all()).toEqual([]);
  }
  const { body } = await ann.call("GET", `/conversations/${room.id}/messages?limit=100`);
  expect(body.items.map(({ content }: Json) => content).toReversed()).toEqual(all.slice(-100));
});
