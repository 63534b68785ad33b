import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Room } from "../../src/client/api.ts";
import { group, type Json, type Person, people } from "../support/client.ts";
import { clientOf, closeClients, opened, saidIn } from "../support/clients.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let room: Json;

beforeEach(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
  room = await group(ann, bob);
});

afterEach(closeClients);

const said = (own: Room) => own.state.value.messages.map(({ content }) => content);
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);

/** Says more than the limit of a minute holds, by several. */
async function fill(count: number): Promise<void> {
  const others = await people(at, ...numbers(1, Math.ceil(count / 45)).map((name) => `P${name}`));
  await ann.call("POST", `/conversations/${room.id}/members`, { user_ids: others.map(({ id }) => id) });
  for (let index = 0; index < count; index++) {
    const { status } = (await others[Math.floor(index / 45)]?.call("POST", `/conversations/${room.id}/messages`, {
      content: `${index + 1}`,
    })) ?? { status: 0 };
    if (status !== 201) throw new Error(`Message ${index + 1}: ${status}`);
  }
}

describe("history", () => {
  test("is loaded from a place in it both ways, and is live once its end is reached", async () => {
    await fill(130);
    const client = await clientOf(at, ann);
    const { body } = await ann.call("GET", `/conversations/${room.id}/messages?limit=100`);
    const middle = body.items.find(({ content }: Json) => content === "70").sequence;
    const own = await opened(client, room.id, { around: middle });
    expect(said(own)).toEqual(numbers(46, 95));
    expect(own.state.value).toMatchObject({ hasOlder: true, hasNewer: true });
    await own.send({ content: "Not shown in the past" });
    await expect.poll(() => own.state.value.pending).toEqual([]);
    expect(said(own)).toEqual(numbers(46, 95));
    await Promise.all([own.loadOlder(), own.loadOlder(), own.loadNewer()]);
    expect(said(own)).toEqual([...numbers(1, 130), "Not shown in the past"]);
    expect(own.state.value).toMatchObject({ hasOlder: false, hasNewer: false });
    await own.send({ content: "Shown" });
    await expect.poll(() => said(own).at(-1)).toBe("Shown");
    await own.loadAround(middle);
    expect(own.state.value).toMatchObject({ hasOlder: true, hasNewer: true });
    await own.loadNewest();
    expect(own.state.value).toMatchObject({ hasOlder: true, hasNewer: false });
    expect(said(own).at(-1)).toBe("Shown");
  });

  test("a message that is not loaded is looked up, and is nobody's where there is none", async () => {
    await fill(60);
    const own = await opened(await clientOf(at, ann), room.id);
    const { body } = await ann.call("GET", `/conversations/${room.id}/messages?around=0&limit=100`);
    const first = body.items.find(({ content }: Json) => content === "1");
    expect(await own.message(first.id)).toMatchObject({ content: "1" });
    expect(await own.message(crypto.randomUUID())).toBeUndefined();
  });
});

describe("what happened between the messages", () => {
  const eventsOf = ({ state }: Room) => state.value.events.map(({ type, sequence }) => `${sequence} ${type}`);

  test("is there for who opens it later, in its place, and changes nothing of what is so now", async () => {
    const [cem] = await people(at, "Cem");
    const there = `/conversations/${room.id}`;
    const { body: first } = await ann.call("POST", `${there}/messages`, { content: "1" });
    await ann.call("POST", `${there}/members`, { user_ids: [cem?.id] });
    await ann.call("PUT", `${there}/messages/${first.id}/reactions/👍`);
    await ann.call("DELETE", `${there}/messages/${first.id}/reactions/👍`);
    await ann.call("PATCH", there, { title: "Another" });
    await ann.call("POST", `${there}/messages`, { content: "2" });
    const own = await opened(await clientOf(at, bob), room.id);
    await expect.poll(() => eventsOf(own)).toEqual(["2 member_added", "5 conversation_updated"]);
    expect(said(own)).toEqual(["1", "2"]);
    expect(own.state.value.messages[0]?.reactions).toBeUndefined();
    expect(own.state.value).toMatchObject({ status: "live", unread: 2 });
  });

  test("comes with the page it belongs to", async () => {
    await fill(60);
    const own = await opened(await clientOf(at, bob), room.id);
    await own.loadOlder();
    await expect.poll(() => eventsOf(own)).toEqual(["1 member_added", "2 member_added"]);
  });
});

describe("sending", () => {
  test("keeps the order when it is too much for a minute", { timeout: 40_000 }, async () => {
    const own = await opened(await clientOf(at, ann), room.id);
    const all = numbers(1, 53);
    for (const content of all) await own.send({ content });
    await expect.poll(() => own.state.value.pending, { timeout: 30_000 }).toEqual([]);
    expect(said(own)).toEqual(all);
  });

  test("takes files with it, and what they are called", async () => {
    const own = await opened(await clientOf(at, ann), room.id);
    const blob = new Blob(["Some words"], { type: "text/plain" });
    const progress: number[] = [];
    own.state.subscribe(({ pending }) => progress.push(pending[0]?.progress ?? -1));
    await own.send({ content: "", files: [{ blob, name: "words.txt" }] });
    await expect.poll(() => own.state.value.messages, { timeout: 10_000 }).toHaveLength(1);
    const [file] = own.state.value.messages[0]?.media ?? [];
    expect(file).toMatchObject({ name: "words.txt", size: 10 });
    expect(progress).toContain(1);
    expect(own.state.value.pending).toEqual([]);
  });

  test("forwards into another conversation", async () => {
    const other = await group(ann);
    const client = await clientOf(at, ann);
    const own = await opened(client, room.id);
    const id = await own.send({ content: "Pass it on" });
    await expect.poll(() => said(own)).toEqual(["Pass it on"]);
    await own.forwardTo(other.id, id);
    await opened(client, other.id);
    await expect.poll(() => saidIn(client, other.id)).toEqual(["Pass it on"]);
  });
});

describe("a pin", () => {
  test("is made by all who ask for it at once, and by who comes after another", async () => {
    const client = await clientOf(at, ann);
    const own = await opened(client, room.id);
    const id = await own.send({ content: "Here" });
    await expect.poll(() => own.state.value.pending).toEqual([]);
    await ann.call("PATCH", `/conversations/${room.id}/members/${bob.id}`, { role: "ADMIN" });
    await Promise.all([own.pin(id, true), own.pin(id, true)]);
    const others = await opened(await clientOf(at, bob), room.id);
    await others.pin(id, true);
    expect(await client.call("GET /conversations/{id}/pins", { path: { id: room.id } })).toMatchObject({
      items: [{ message: { id } }],
    });
  });
});

describe("a refusal", () => {
  test("takes back a reaction that was shown, and says of a pin why", async () => {
    const own = await opened(await clientOf(at, bob), room.id);
    const id = await own.send({ content: "Here" });
    await expect.poll(() => own.state.value.pending).toEqual([]);
    const refused = own.react(id, "no emoji", true);
    await expect(refused).rejects.toMatchObject({ name: "PingMeError", status: 422 });
    await expect.poll(() => own.state.value.messages[0]?.reactions).toBeUndefined();
    await expect(own.pin(id, true)).rejects.toMatchObject({ name: "PingMeError", code: "PERMISSION_DENIED" });
  });

  test("a conversation one may not see is gone, and so is one that one is taken out of", async () => {
    const strange = await group(ann);
    const client = await clientOf(at, bob);
    const own = await opened(client, room.id);
    client.conversation(strange.id).open();
    await expect.poll(() => client.conversation(strange.id).state.value.status).toBe("gone");
    await ann.call("DELETE", `/conversations/${room.id}/members/${bob.id}`);
    await expect.poll(() => own.state.value.status).toBe("gone");
    expect(client.conversations.state.value.items).toEqual([]);
    await ann.call("POST", `/conversations/${room.id}/members`, { user_ids: [bob.id] });
    await expect.poll(() => client.conversations.state.value.items).toHaveLength(1);
    expect(own.state.value.status).not.toBe("gone");
  });
});

describe("the socket of a conversation", () => {
  test("says and hears what is said there, and nothing of others", async () => {
    const client = await clientOf(at, ann);
    client.connect({ conversation: room.id });
    const own = client.conversation(room.id);
    own.open();
    await expect.poll(() => own.state.value.status).toBe("live");
    const heard: string[] = [];
    client.on("message", ({ content }) => heard.push(content));
    await own.send({ content: "The short way" });
    await expect.poll(() => said(own)).toEqual(["The short way"]);
    await bob.call("POST", `/conversations/${room.id}/messages`, { content: "And back" });
    await expect.poll(() => heard).toEqual(["The short way", "And back"]);
    expect(client.connection.value.state).toBe("open");
  });
});

describe("presence", () => {
  test("says who is there of those watched, and of an open conversation", async () => {
    const client = await clientOf(at, ann);
    const own = await opened(client, room.id);
    const end = client.presence.watch([bob.id]);
    await expect.poll(() => client.presence.state.value.get(bob.id)?.online).toBe(false);
    const bobs = await clientOf(at, bob);
    bobs.connect();
    await expect.poll(() => client.presence.state.value.get(bob.id)?.online).toBe(true);
    expect(own.state.value.online.has(bob.id)).toBe(true);
    bobs.disconnect();
    await expect.poll(() => own.state.value.online.has(bob.id)).toBe(false);
    end();
  });
});

describe("signing out", () => {
  test("leaves nothing of the one before, and connects the one after", async () => {
    const client = await clientOf(at, ann);
    const own = await opened(client, room.id);
    await own.send({ content: "Mine" });
    await expect.poll(() => said(own)).toEqual(["Mine"]);
    await client.session.logout();
    await expect.poll(() => client.connection.value.state).toBe("closed");
    expect(own.state.value).toMatchObject({ messages: [], conversation: undefined });
    expect(client.conversations.state.value).toEqual({ items: [], isLoaded: false, hasMore: false });
  });
});
