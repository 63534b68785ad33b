import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";
import { until } from "../support/until.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
});

const everywhere = "/messages/search";
const inside = (room: Json) => `/conversations/${room.id}/messages/search`;

async function search(who: Person, path: string, asked: Record<string, string>): Promise<Json> {
  return await who.call("GET", `${path}?${new URLSearchParams(asked)}`);
}

async function found(who: Person, path: string, query: string, more: Record<string, string> = {}): Promise<string[]> {
  return (await search(who, path, { query, ...more })).body.items.map((item: Json) => item.content);
}

const say = (who: Person, room: Json, content: string) =>
  who.call("POST", `/conversations/${room.id}/messages`, { content });

/** Says these, and waits until the last one is found, by its first word. */
async function told(who: Person, room: Json, ...texts: string[]): Promise<void> {
  for (const content of texts) await say(who, room, content);
  const last = texts.at(-1) ?? "";
  const isFound = async () => (await found(who, inside(room), last.split(" ", 1)[0] ?? "")).includes(last) || undefined;
  await until("it is found", isFound);
}

describe("messages", () => {
  test("are found as history shows them, with what was asked for marked in plain text", async () => {
    const room = await group(ann, bob);
    await told(ann, room, "Обеды <b>по пятницам</b> 😀, lunches for all");
    const { items: said } = (await ann.call("GET", `/conversations/${room.id}/messages`)).body;
    for (const emoji of ["😀", "👍"]) {
      for (const who of emoji === "👍" ? [bob, ann] : [ann]) {
        await who.call(
          "PUT",
          `/conversations/${room.id}/messages/${said[0].id}/reactions/${encodeURIComponent(emoji)}`,
        );
      }
    }
    const { items: history } = (await bob.call("GET", `/conversations/${room.id}/messages`)).body;
    for (const path of [inside(room), everywhere]) {
      const { items, next } = (await search(bob, path, { query: "обедом пятница lunc" })).body;
      const [{ snippet, ...message }] = items;
      expect([message, next]).toEqual([history[0], null]);
      expect(message.reactions).toHaveLength(2);
      const marked = snippet.highlights.map(({ start, length }: Json) => snippet.text.slice(start, start + length));
      expect([snippet.text, marked]).toEqual([message.content, ["Обеды", "пятницам", "lunches"]]);
    }
  });

  test("are found by words, half words, phrases, without others, by sender and by time", async () => {
    const room = await group(ann, bob);
    const before = new Date().toISOString();
    await told(ann, room, "hello from the office", "hello from home");
    await told(bob, room, "hello again, from here");
    for (const [query, contents] of [
      ["hel", ["hello again, from here", "hello from home", "hello from the office"]],
      ['"hello from"', ["hello from home", "hello from the office"]],
      ["hello -offices", ["hello again, from here", "hello from home"]],
      ["nothing of it", []],
    ] as const) {
      expect(await found(ann, inside(room), query), query).toEqual(contents);
    }
    expect(await found(ann, inside(room), "hello", { sender: bob.id })).toEqual(["hello again, from here"]);
    expect(await found(ann, inside(room), "hello", { sent_after: before, limit: "2" })).toHaveLength(2);
    expect(await found(ann, inside(room), "hello", { sent_before: before })).toEqual([]);
    expect(await found(ann, inside(room), "hello", { has_media: "true" })).toEqual([]);
    expect((await ann.call("GET", `/conversations/${room.id}/messages/search`)).status).toBe(422);
  });

  test("come page by page, the newest first, all of them once, while more are said", async () => {
    const rooms = [await group(ann, bob), await group(ann), await group(ann, bob)];
    const said: string[] = [];
    for (let n = 0; n < 23; n++) {
      const content = `zebra ${n}`;
      await say(ann, rooms[n % 3], content);
      said.unshift(content);
    }
    const isThere = async () => (await found(ann, everywhere, "zebra")).length === said.length || undefined;
    await until("all are found", isThere);
    const line = await Line.open(at, `/conversations/${rooms[0].id}/ws`, bob.token);
    const paged: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const asked: Record<string, string> = { query: "zebra", limit: "4", ...(cursor === "" ? {} : { cursor }) };
      const { body }: Json = await search(ann, everywhere, asked);
      paged.push(...body.items.map((item: Json) => item.content));
      cursor = body.next;
      await line.ask({ type: "message", content: "zebra later" });
    }
    expect(paged.filter((content) => content !== "zebra later")).toEqual(said);
    line.close();
  });
});

describe("who may not see a message does not find it", () => {
  test("a stranger, who left, who was removed, anybody once the group is deleted", async () => {
    const [eve, cem] = await people(at, "Eve", "Cem");
    const room = await group(ann, bob, cem);
    await told(ann, room, "giraffe");
    for (const who of [ann, bob, cem]) expect(await found(who, everywhere, "giraffe")).toEqual(["giraffe"]);
    await bob.call("POST", `/conversations/${room.id}/leave`);
    await ann.call("DELETE", `/conversations/${room.id}/members/${cem.id}`);
    const nobody = async (who: Person) => {
      expect(await found(who, everywhere, "giraffe"), who.name).toEqual([]);
      const { status, body } = await search(who, inside(room), { query: "giraffe" });
      expect([status, body.code]).toEqual([404, "CONVERSATION_NOT_FOUND"]);
    };
    for (const who of [eve, bob, cem]) await nobody(who);
    await ann.call("PATCH", `/conversations/${room.id}/me`, { hidden: true, archived: true });
    expect(await found(ann, everywhere, "giraffe")).toEqual(["giraffe"]);
    await ann.call("DELETE", `/conversations/${room.id}`);
    await nobody(ann);
  });

  test("nobody, once it is deleted or says something else", async () => {
    const room = await group(ann, bob);
    await told(ann, room, "okapi one", "okapi two");
    const { items } = (await ann.call("GET", `/conversations/${room.id}/messages`)).body;
    const path = (item: Json) => `/conversations/${room.id}/messages/${item.id}`;
    await ann.call("DELETE", path(items[0]));
    await ann.call("PATCH", path(items[1]), { content: "tapir" });
    for (const way of [inside(room), everywhere]) expect(await found(ann, way, "okapi"), way).toEqual([]);
    await until("the new words are found", async () => (await found(bob, everywhere, "tapir")).length || undefined);
    expect(await found(bob, everywhere, "okapi")).toEqual([]);
  });
});
