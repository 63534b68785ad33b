import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let cem: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob, cem] = await people(at, "Ann", "Bob", "Cem");
});

const invite = async (room: Json, body?: unknown) =>
  (await ann.call("POST", `/conversations/${room.id}/invites`, body)).body;
const join = (who: Person, room: Json, token?: string) =>
  who.call("POST", `/conversations/${room.id}/join`, token === undefined ? undefined : { invite: token });
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

describe("an invite", () => {
  test("shows its token once, and lets in who has the link, by an event and an inbox", async () => {
    const room = await group(ann);
    const expires_at = inAnHour();
    const made = await ann.call("POST", `/conversations/${room.id}/invites`, { expires_at, max_uses: 5 });
    expect(made.status).toBe(201);
    const { id, token, url, ...rest } = made.body;
    expect(rest).toEqual({ created_by: ann.id, created_at: expect.any(String), expires_at, max_uses: 5, uses: 0 });
    expect(made.headers.get("Location")).toBe(`/api/v1/conversations/${room.id}/invites/${id}`);
    expect(url).toBe(`${at.url}/join/${room.id}#${token}`);
    expect(Buffer.from(token, "base64url")).toHaveLength(16);

    const [bobs, anns] = [await Line.open(at, "/ws", bob.token), await Line.open(at, "/ws", ann.token)];
    const joined = await join(bob, room, token);
    expect([joined.status, joined.body.id, joined.body.me.role]).toEqual([200, room.id, "MEMBER"]);
    const event = { type: "member_added", user_id: bob.id, by: bob.id, role: "MEMBER", sequence: 1 };
    for (const line of [bobs, anns]) expect(await line.next()).toMatchObject(event);
    expect(await bobs.next()).toMatchObject({ type: "inbox", conversation: { id: room.id, member_count: 2 } });
    const again = await join(bob, room, token);
    expect([again.status, again.body.sequence]).toEqual([200, 1]);
    const listed = await ann.call("GET", `/conversations/${room.id}/invites`);
    expect(listed.body).toEqual({ items: [{ id, ...rest, uses: 1 }], next: null });
    for (const line of [bobs, anns]) line.close();
  });

  test("of another group, of nobody, or half of one opens nothing", async () => {
    const [room, other] = [await group(ann), await group(ann)];
    const { token } = await invite(room);
    for (const wrong of [undefined, "", token.slice(1), `${token}x`, randomUUID()]) {
      const refused = await join(bob, room, wrong);
      expect([wrong, refused.status, refused.body.code]).toEqual([wrong, 404, "CONVERSATION_NOT_FOUND"]);
    }
    expect((await join(bob, other, token)).status).toBe(404);
    expect((await join(bob, { id: randomUUID() }, token)).status).toBe(404);
    expect((await bob.call("POST", `/conversations/${room.id}/join`, { invite: 5 })).body.errors[0].path).toBe(
      "invite",
    );
  });

  test("ends: 410 for who comes too late, and it is listed no more", async () => {
    const room = await group(ann);
    const [once, ended] = [await invite(room, { max_uses: 1 }), await invite(room)];
    const path = `/conversations/${room.id}/invites`;
    const racing = await Promise.all([join(bob, room, once.token), join(cem, room, once.token)]);
    expect(racing.map(({ status }) => status).sort()).toEqual([200, 410]);
    expect(racing.find(({ status }) => status === 410)?.body.code).toBe("GONE");
    expect((await ann.call("DELETE", `${path}/${ended.id}`)).status).toBe(204);
    const late = racing[0]?.status === 410 ? bob : cem;
    expect((await join(late, room, ended.token)).body).toMatchObject({ status: 410, code: "GONE" });
    expect((await ann.call("GET", path)).body.items).toEqual([]);
    const unknown = await ann.call("DELETE", `${path}/${randomUUID()}`);
    expect([unknown.status, unknown.body.code]).toEqual([404, "NOT_FOUND"]);
  });

  test.each([
    [{ expires_at: "2020-01-01T00:00:00.000Z" }, "expires_at"],
    [{ expires_at: "tomorrow" }, "expires_at"],
    [{ max_uses: 0 }, "max_uses"],
    [{ max_uses: 1.5 }, "max_uses"],
    [{ max_uses: "3" }, "max_uses"],
  ])("is refused as %j", async (body, path) => {
    const room = await group(ann);
    const refused = await ann.call("POST", `/conversations/${room.id}/invites`, body);
    expect([refused.status, refused.body.errors?.[0].path]).toEqual([422, path]);
  });

  test("is paged, the newest first", async () => {
    const room = await group(ann);
    const made: string[] = [];
    for (let index = 0; index < 3; index++) made.unshift((await invite(room)).id);
    const first = (await ann.call("GET", `/conversations/${room.id}/invites?limit=2`)).body;
    const rest = (await ann.call("GET", `/conversations/${room.id}/invites?limit=2&cursor=${first.next}`)).body;
    expect([...first.items, ...rest.items].map((one: Json) => one.id)).toEqual(made);
    expect(rest.next).toBeNull();
  });
});

describe("somebody who was removed", () => {
  test("joins neither by invite nor a public group; who left does both; who is added again is free", async () => {
    const room = await group(ann, bob, cem);
    const { token } = await invite(room);
    await ann.call("DELETE", `/conversations/${room.id}/members/${bob.id}`);
    await cem.call("POST", `/conversations/${room.id}/leave`);
    expect((await join(bob, room, token)).body).toMatchObject({ status: 403, code: "PERMISSION_DENIED" });
    expect((await join(cem, room, token)).status).toBe(200);
    await ann.call("PATCH", `/conversations/${room.id}`, { public: true });
    expect((await join(bob, room)).status).toBe(403);
    await ann.call("POST", `/conversations/${room.id}/members`, { user_ids: [bob.id] });
    await bob.call("POST", `/conversations/${room.id}/leave`);
    expect((await join(bob, room)).status).toBe(200);
  });

  test("at the very moment they join is in or out, by the log: never both", async () => {
    const room = await group(ann, bob);
    const { token } = await invite(room);
    await bob.call("POST", `/conversations/${room.id}/leave`);
    const path = `/conversations/${room.id}`;
    const [joined] = await Promise.all([join(bob, room, token), ann.call("DELETE", `${path}/members/${bob.id}`)]);
    const isIn = (await bob.call("GET", path)).status === 200;
    const { items } = (await ann.call("GET", `${path}/members`)).body;
    expect(items.some((member: Json) => member.user.id === bob.id)).toBe(isIn);
    // The removal found nobody yet, or it came last.
    expect(joined.status).toBe(200);
    expect((await ann.call("GET", path)).body.member_count).toBe(isIn ? 2 : 1);
  });
});

describe("who tries too often", () => {
  test("to join is told to wait", async () => {
    const [eve] = await people(at, "Eve");
    const room = await group(ann);
    const tries = await Promise.all(Array.from({ length: 31 }, () => join(eve, room, randomUUID())));
    const refused = tries.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(Number(refused[0]?.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(tries.filter(({ status }) => status === 404)).toHaveLength(30);
  });
});
