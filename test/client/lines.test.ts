/** Clients of the SDK over lines that break. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryOutbox } from "../../src/client/stores.ts";
import { group, type Json, type Person, people } from "../support/client.ts";
import { breakable, clientOf, closeClients, opened, saidIn } from "../support/clients.ts";
import { type BadLine, type Mishap, startProxy } from "../support/proxy.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let room: Json;
const lines: BadLine[] = [];

beforeEach(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
  room = await group(ann, bob);
});

afterEach(() => {
  closeClients();
  for (const line of lines.splice(0)) line.close();
});

async function badLine(next: () => Mishap): Promise<BadLine> {
  const line = await startProxy(Number(new URL(at.url).port), next);
  lines.push(line);
  return line;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

describe("over a line that cuts, delays and repeats", () => {
  test("all that two say arrives once, in order, the same for both", async () => {
    const chances: Mishap[] = ["cut", "twice", "late", "twice", "late"];
    let frames = 0;
    const line = await badLine(() =>
      ++frames % 9 === 0 ? (chances[(frames / 9) % chances.length] ?? "passed") : "passed",
    );
    const through = { WebSocket: breakable(line.url).WebSocket };
    const clients = [await clientOf(at, ann, through), await clientOf(at, bob, through)];
    const rooms = await Promise.all(clients.map((client) => opened(client, room.id)));
    const said = numbers(20);
    for (const content of said) for (const own of rooms) await own.send({ content });
    await expect.poll(() => rooms.map((own) => own.state.value.messages.length), { timeout: 15_000 }).toEqual([40, 40]);
    expect(line.cuts).toBeGreaterThan(2);
    const [anns, bobs] = rooms.map((own) => own.state.value.messages);
    expect(anns).toEqual(bobs);
    for (const { id } of [ann, bob]) {
      expect(anns?.filter(({ sender_id }) => sender_id === id).map(({ content }) => content)).toEqual(said);
    }
    await expect.poll(() => rooms.map((own) => own.state.value.pending)).toEqual([[], []]);
  });

  test("what was missed meanwhile comes, also more than one answer holds", async () => {
    const broken = breakable(at.url);
    const bobs = await opened(await clientOf(at, bob, { WebSocket: broken.WebSocket }), room.id);
    const annsOwn = await clientOf(at, ann);
    const anns = await opened(annsOwn, room.id);
    broken.cut();
    await expect.poll(() => bobs.state.value.status).toBe("stale");
    for (const content of numbers(8)) await anns.send({ content });
    await expect.poll(() => saidIn(annsOwn, room.id)).toEqual(numbers(8));
    broken.mend();
    await expect
      .poll(() => bobs.state.value.messages.map(({ content }) => content), { timeout: 10_000 })
      .toEqual(numbers(8));
    expect(bobs.state.value.status).toBe("live");
  });
});

describe("a reset", () => {
  test("shows the newest page, and what is said from then on", async () => {
    const broken = breakable(at.url);
    const client = await clientOf(at, bob, { WebSocket: broken.WebSocket });
    const bobs = await opened(client, room.id);
    const anns = await opened(await clientOf(at, ann), room.id);
    await anns.send({ content: "before" });
    await expect.poll(() => saidIn(client, room.id)).toEqual(["before"]);
    broken.alter((text) => text.replace(/"epoch":"[^"]+"/g, '"epoch":"of another life"'));
    broken.cut();
    await anns.send({ content: "meanwhile" });
    await expect.poll(() => anns.state.value.pending).toEqual([]);
    const replies: string[] = [];
    client.on("subscribed", ({ status }) => replies.push(status));
    broken.mend();
    await expect.poll(() => saidIn(client, room.id), { timeout: 10_000 }).toEqual(["before", "meanwhile"]);
    expect(replies).toContain("reset");
    await anns.send({ content: "after" });
    await expect.poll(() => saidIn(client, room.id)).toEqual(["before", "meanwhile", "after"]);
    expect(bobs.state.value).toMatchObject({ status: "live", hasNewer: false });
  });
});

describe("the outbox", () => {
  test("keeps what is said without a line, and sends it in order when there is one", async () => {
    const broken = breakable(at.url);
    broken.cut();
    const client = await clientOf(at, ann, { WebSocket: broken.WebSocket });
    client.connect();
    const own = client.conversation(room.id);
    for (const content of numbers(3)) await own.send({ content });
    expect(own.state.value.pending).toMatchObject(
      numbers(3).map((content) => ({ entry: { content }, state: "waiting" })),
    );
    broken.mend();
    own.open();
    await expect.poll(() => saidIn(client, room.id), { timeout: 10_000 }).toEqual(numbers(3));
    expect(own.state.value.pending).toEqual([]);
  });

  test("says what a reload left unsent once, whether it had been heard or not", async () => {
    const outbox = memoryOutbox();
    const broken = breakable(at.url);
    const before = await clientOf(at, ann, { outbox, WebSocket: broken.WebSocket });
    const own = await opened(before, room.id);
    broken.deafen();
    await own.send({ content: "Was it heard?" });
    await own.send({ content: "This one was not" });
    before.disconnect();
    expect(await outbox.all()).toHaveLength(2);
    const after = await clientOf(at, ann, { outbox });
    await opened(after, room.id);
    const all = ["Was it heard?", "This one was not"];
    await expect.poll(() => saidIn(after, room.id)).toEqual(all);
    await expect.poll(() => outbox.all()).toEqual([]);
    const { body } = await bob.call("GET", `/conversations/${room.id}/messages`);
    expect(body.items.map(({ content }: Json) => content)).toEqual(all.toReversed());
  });

  test("keeps what was refused, until it is tried again or taken back, and goes on with the next", async () => {
    const client = await clientOf(at, ann);
    const own = await opened(client, room.id);
    const id = await own.send({ content: "An answer", reply_to: crypto.randomUUID() });
    await own.send({ content: "The next" });
    await expect.poll(() => saidIn(client, room.id)).toEqual(["The next"]);
    const failed = { entry: { id, failure: { code: "MESSAGE_NOT_FOUND" } }, state: "failed" };
    expect(own.state.value.pending).toMatchObject([failed]);
    await own.retry(id);
    await expect.poll(() => own.state.value.pending).toMatchObject([failed]);
    await own.discard(id);
    await expect.poll(() => own.state.value.pending).toEqual([]);
  });
});
