import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;

beforeAll(async () => {
  at = await server();
});

const listed = async (person: Person, query = "") => (await person.call("GET", `/conversations${query}`)).body;
const ids = (page: Json) => page.items.map((item: Json) => item.id);

describe("the list of conversations", () => {
  test("shows every command that was answered, the newest first, whatever mouth it came by", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const rooms = [await group(ann, bob), await group(ann, bob), await group(ann, bob)];
    const [one, two, three] = rooms;
    expect(ids(await listed(bob))).toEqual([three.id, two.id, one.id]);
    const direct = await Line.open(at, `/conversations/${one.id}/ws`, ann.token);
    const hub = await Line.open(at, "/ws", ann.token);
    await direct.ask({ type: "message", content: "by its own socket" });
    expect(ids(await listed(ann))).toEqual([one.id, three.id, two.id]);
    await hub.ask({ type: "message", conversation_id: two.id, content: "by the user socket" });
    expect(ids(await listed(ann))).toEqual([two.id, one.id, three.id]);
    await ann.call("POST", `/conversations/${three.id}/messages`, { content: "over REST" });
    const page = await listed(ann);
    expect(ids(page)).toEqual([three.id, two.id, one.id]);
    expect(page.items[0]).toMatchObject({
      sequence: 1,
      last_message: { content: "over REST" },
      me: { unread: 0, read: 1 },
    });
    expect(page.next).toBeNull();
    const bobs = await listed(bob);
    expect(bobs.items.map((item: Json) => item.me.unread)).toEqual([1, 1, 1]);
    const unread = async () => (await listed(bob)).items.map((item: Json) => item.me.unread);
    await bob.call("POST", `/conversations/${two.id}/read`, { sequence: 1 });
    expect(await unread()).toEqual([1, 0, 1]);
    const bobsHub = await Line.open(at, "/ws", bob.token);
    await bobsHub.ask({ type: "mark_read", conversation_id: one.id, sequence: 1 });
    expect(await unread()).toEqual([1, 0, 0]);
    const bobsDirect = await Line.open(at, `/conversations/${three.id}/ws`, bob.token);
    await bobsDirect.ask({ type: "mark_read", sequence: 1 });
    expect(await unread()).toEqual([0, 0, 0]);
    const single = await bob.call("GET", `/conversations/${two.id}`);
    expect(single.body.me).toMatchObject({ read: 1, delivered: 1, unread: 0 });
  });

  test("goes page by page without a gap or a repeat", async () => {
    const [ann] = await people(at, "Ann");
    const made: string[] = [];
    for (let index = 0; index < 7; index++) made.unshift((await group(ann)).id);
    const seen: string[] = [];
    let query: string | undefined = "?limit=3";
    while (query) {
      const page: Json = await listed(ann, query);
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...ids(page));
      query = page.next === null ? undefined : `?limit=3&cursor=${page.next}`;
    }
    expect(seen).toEqual(made);
    const farFuture = Buffer.from(JSON.stringify([1e15, randomUUID()])).toString("base64url");
    for (const query of ["?limit=0", "?limit=101", "?limit=x", "?cursor=mine", `?cursor=${farFuture}`]) {
      expect((await ann.call("GET", `/conversations${query}`)).status, query).toBe(422);
    }
  });
});

describe("history", () => {
  test("goes both ways and around a place, on one axis, without a gap or a repeat", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const room = await group(ann);
    const say = (content: string) => ann.call("POST", `/conversations/${room.id}/messages`, { content });
    for (let index = 1; index <= 6; index++) await say(`${index}`);
    await ann.call("POST", `/conversations/${room.id}/members`, { user_ids: [bob.id] });
    for (let index = 8; index <= 12; index++) await say(`${index}`);
    const all = [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12];
    const page = async (query: string) => (await bob.call("GET", `/conversations/${room.id}/messages${query}`)).body;
    const sequences = (body: Json) => body.items.map((item: Json) => item.sequence);
    expect(sequences(await page(""))).toEqual(all.toReversed());
    for (const [way, from] of [
      ["before", 13],
      ["after", 0],
    ] as const) {
      const seen: number[] = [];
      let next: number | null = from;
      while (next !== null) {
        const body: Json = await page(`?${way}=${next}&limit=4`);
        seen.push(...sequences(body));
        next = body.next;
      }
      expect(seen).toEqual(way === "after" ? all : all.toReversed());
    }
    expect(sequences(await page("?around=6&limit=4"))).toEqual([5, 6, 8, 9]);
    expect(sequences(await page("?before=1"))).toEqual([]);
    expect(sequences(await page("?after=12"))).toEqual([]);
    for (const query of ["?before=1&after=1", "?limit=0", "?before=x", "?around=-1"]) {
      const refused = await bob.call("GET", `/conversations/${room.id}/messages${query}`);
      expect([refused.status, refused.body.code], query).toEqual([422, "INVALID_CONTENT"]);
    }
    const [first] = (await page("?after=0&limit=1")).items;
    expect(first).toMatchObject({ content: "1", epoch: room.epoch, media: [], mentions: [], is_edited: false });
    const one = await bob.call("GET", `/conversations/${room.id}/messages/${first.id.toUpperCase()}`);
    expect([one.status, one.body]).toEqual([200, first]);
    for (const id of [randomUUID(), "none"]) {
      expect((await bob.call("GET", `/conversations/${room.id}/messages/${id}`)).status).toBe(404);
    }
  });
});

describe("what is not one's own", () => {
  test("answers a stranger as what is not there, on every route", async () => {
    const [ann, eve] = await people(at, "Ann", "Eve");
    const room = await group(ann);
    const said = await ann.call("POST", `/conversations/${room.id}/messages`, { content: "mine" });
    for (const id of [room.id, randomUUID()]) {
      const asked: [string, string, unknown?][] = [
        ["GET", ""],
        ["GET", "/messages"],
        ["GET", "/messages?before=1"],
        ["GET", `/messages/${said.body.id}`],
        ["GET", "/members"],
        ["POST", "/messages", { content: "x" }],
        ["POST", "/messages", { content: "" }],
        ["POST", "/read", { sequence: 0 }],
        ["POST", "/read", {}],
        ["POST", "/members", { user_ids: [eve.id] }],
        ["DELETE", `/members/${ann.id}`],
      ];
      for (const [method, path, body] of asked) {
        const { status, body: problem } = await eve.call(method, `/conversations/${id}${path}`, body);
        expect([status, problem.code], `${method} ${path}`).toEqual([404, "CONVERSATION_NOT_FOUND"]);
      }
    }
    expect(ids(await listed(eve))).toEqual([]);
    expect((await ann.call("GET", `/conversations/${room.id}`)).body.sequence).toBe(1);
  });
});
