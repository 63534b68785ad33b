import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people, signIn } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
});

const presence = (...people: Person[]) => ({ type: "presence", user_ids: people.map(({ id }) => id), ref: "p" });
const isChange = ({ type }: Json) => type === "user_online" || type === "user_offline";
const online = ({ id: user_id }: Person) => ({ type: "user_online", user_id });
const offline = ({ id: user_id }: Person) => ({ type: "user_offline", user_id, last_seen: expect.any(String) });
const gone = ({ id: user_id }: Person) => ({ type: "user_offline", user_id });

async function shows(line: Line, ...items: Json[]): Promise<void> {
  const user_ids = items.map(({ user_id }) => user_id);
  expect(await line.ask({ type: "presence", user_ids, ref: "p" })).toEqual({ type: "presence_state", items, ref: "p" });
}

/** Ann's two sockets, each of a kind, which have been shown that Bob is away. */
async function stage() {
  [ann, bob] = await people(at, "Ann", "Bob");
  const room = await group(ann, bob);
  const lines = [await Line.open(at, "/ws", ann.token), await Line.open(at, `/conversations/${room.id}/ws`, ann.token)];
  for (const line of lines) await shows(line, { user_id: bob.id, online: false });
  const hear = async (frame: Json) => {
    for (const line of lines) expect(await line.next(isChange)).toEqual(frame);
  };
  const opened = async () => {
    const line = await Line.open(at, "/ws", bob.token);
    await hear(online(bob));
    return line;
  };
  return { room, lines, hear, opened };
}

describe("presence", () => {
  test("is of any device in front: it comes with the first and ends with the last", async () => {
    const { room, lines, hear, opened } = await stage();
    const laptop = await opened();
    const phone = (await signIn(at, bob)).tokens.access_token;
    const other = await Line.open(at, `/conversations/${room.id}/ws`, phone);
    laptop.cut();
    await other.ask({ type: "ping", ref: "still there" });
    other.send({ type: "client_state", state: "background" });
    await hear(offline(bob));
    other.send({ type: "client_state", state: "active" });
    await hear(online(bob));
    const from = Date.now();
    other.close();
    await other.ended();
    const [frame] = await Promise.all(lines.map((line) => line.next(isChange)));
    expect(frame).toEqual(offline(bob));
    expect(Date.parse(frame.last_seen)).toBeGreaterThanOrEqual(from);
    expect(Date.now() - Date.parse(frame.last_seen)).toBeGreaterThanOrEqual(2_000); // it was told later
    for (const line of lines) await shows(line, { user_id: bob.id, online: false, last_seen: frame.last_seen });
  });

  test("makes nothing of who loses the line and is back", async () => {
    const { lines, hear, opened } = await stage();
    let line = await opened();
    for (let time = 0; time < 3; time++) {
      line.cut();
      line = await Line.open(at, "/ws", bob.token);
    }
    line.close();
    await hear(offline(bob));
    for (const watching of lines) expect((await watching.rest()).filter(isChange)).toEqual([]);
  });

  test("ends for who is blocked, and comes back when asked for after that", async () => {
    const { hear, lines, opened } = await stage();
    const bobs = await opened();
    expect((await bob.call("PUT", `/users/me/blocks/${ann.id}`)).status).toBe(204);
    await hear(gone(bob));
    for (const line of lines) await shows(line, { user_id: bob.id, online: false });
    await shows(bobs, { user_id: ann.id, online: false });
    expect((await bob.call("DELETE", `/users/me/blocks/${ann.id}`)).status).toBe(204);
    for (const line of lines) {
      // What one of them was answered may have been told the other before it asks.
      line.send(presence(bob));
      expect((await line.ofType("presence_state")).items).toEqual([{ user_id: bob.id, online: true }]);
    }
  });

  test("ends when somebody shows it to nobody; who left, was removed, or deleted the account is not there either", async () => {
    const endings: [string, (room: Json) => Promise<{ status: number }>][] = [
      ["setting", () => bob.call("PATCH", "/users/me", { settings: { last_seen: "nobody" } })],
      ["leave", (room) => bob.call("POST", `/conversations/${room.id}/leave`)],
      ["account", () => bob.call("DELETE", "/users/me", { password: bob.password })],
    ];
    for (const [name, end] of endings) {
      const { room, lines, hear, opened } = await stage();
      await opened();
      expect((await end(room)).status, name).toBeLessThan(300);
      await hear(gone(bob));
      for (const line of lines) await shows(line, { user_id: bob.id, online: false });
    }
  });

  test("tells nothing of strangers, whether they are there or not", async () => {
    const { lines, hear, opened } = await stage();
    const [eve] = await people(at, "Eve");
    const nothing = [eve, bob].map(({ id: user_id }) => ({ user_id, online: false }));
    for (const line of lines) await shows(line, ...nothing);
    const eves = await Line.open(at, "/ws", eve.token);
    await shows(eves, ...[ann, bob].map(({ id: user_id }) => ({ user_id, online: false })));
    for (const line of lines) await shows(line, ...nothing);
    eves.close();
    const bobs = await opened();
    bobs.close();
    await hear(offline(bob));
    for (const line of lines) expect((await line.rest()).filter(isChange)).toEqual([]);
  });

  test("of who is in the background is not, in `online` either", async () => {
    const { room, lines, hear, opened } = await stage();
    const bobs = await opened();
    bobs.send({ type: "client_state", state: "background" });
    await hear(offline(bob));
    await ann.call("POST", `/conversations/${room.id}/messages`, { content: "are you there?" });
    await bobs.ofType("message");
    const answer = async () => await lines[1]?.ask({ type: "subscribe", since: 1 });
    await expect.poll(async () => (await answer()).online).toEqual([ann.id]);
  });

  test("is refused as wire.md says", async () => {
    const { lines } = await stage();
    const tooMany = { type: "presence", user_ids: Array.from({ length: 101 }, () => ann.id) };
    for (const line of lines) {
      for (const frame of [tooMany, { ...presence(), user_ids: "all" }, { type: "client_state", state: "asleep" }]) {
        expect(await line.ask({ ...frame, ref: "r" })).toMatchObject({ code: "INVALID_MESSAGE", ref: "r" });
      }
    }
  });
});
