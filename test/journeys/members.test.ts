import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let cem: Person;
let dot: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob, cem, dot] = await people(at, "Ann", "Bob", "Cem", "Dot");
});

const placed = (room: Json, sequence: number) => ({ conversation_id: room.id, epoch: room.epoch, sequence });

/** Lines of several people on their user sockets, and what each hears next. */
async function listening(...who: Person[]) {
  const lines = await Promise.all(who.map((person) => Line.open(at, "/ws", person.token)));
  return {
    lines,
    next: () => Promise.all(lines.map((line) => line.next((frame) => "epoch" in frame))),
  };
}

describe("roles", () => {
  test("are given and taken before everybody's eyes, and the answer is the member", async () => {
    const room = await group(ann, bob, cem);
    const { lines, next } = await listening(ann, bob, cem);
    const path = `/conversations/${room.id}/members/${bob.id}`;
    const made = await ann.call("PATCH", path, { role: "ADMIN" });
    expect(made.status).toBe(200);
    expect(made.body).toEqual({
      user: expect.objectContaining({ id: bob.id, name: "Bob" }),
      role: "ADMIN",
      joined_at: expect.any(String),
      read: 0,
      delivered: 0,
    });
    const event = { type: "member_role", ...placed(room, 1), user_id: bob.id, user_name: "Bob", by: ann.id };
    for (const frame of await next()) expect(frame).toEqual({ ...event, role: "ADMIN" });
    await ann.call("PATCH", path, { role: "ADMIN" });
    const taken = await ann.call("PATCH", path, { role: "MEMBER" });
    expect(taken.body.role).toBe("MEMBER");
    for (const frame of await next()) expect(frame).toEqual({ ...event, sequence: 2, role: "MEMBER" });
    for (const line of lines) line.close();
  });

  test.each([
    [{ role: "OWNER" }, 422, "role"],
    [{ role: "BOSS" }, 422, "role"],
    [{}, 422, "role"],
    [[], 400, undefined],
  ])("are refused as %j", async (body, status, path) => {
    const room = await group(ann, bob);
    const refused = await ann.call("PATCH", `/conversations/${room.id}/members/${bob.id}`, body);
    expect([refused.status, refused.body.errors?.[0].path]).toEqual([status, path]);
    const before = await bob.call("PATCH", `/conversations/${room.id}/members/${bob.id}`, body);
    expect(before.status).toBe(403);
  });

  test("of who is not in, and of the owner, are not there to be given", async () => {
    const room = await group(ann, bob);
    const path = `/conversations/${room.id}/members`;
    const nobody = await ann.call("PATCH", `${path}/${cem.id}`, { role: "ADMIN" });
    expect([nobody.status, nobody.body.code]).toEqual([404, "USER_NOT_FOUND"]);
    const wrong = await ann.call("PATCH", `${path}/none`, { role: "ADMIN" });
    expect([wrong.status, wrong.body.code]).toEqual([404, "USER_NOT_FOUND"]);
    const owner = await ann.call("PATCH", `${path}/${ann.id}`, { role: "MEMBER" });
    expect([owner.status, owner.body.code]).toEqual([409, "CONFLICT"]);
  });
});

describe("ownership", () => {
  test("is handed over: two events, one owner, and the old one leaves as anybody", async () => {
    const room = await group(ann, bob);
    const { lines, next } = await listening(bob);
    const path = `/conversations/${room.id}`;
    expect((await ann.call("POST", `${path}/leave`)).status).toBe(409);
    const given = await ann.call("POST", `${path}/transfer`, { user_id: bob.id });
    expect([given.status, given.body.me.role]).toEqual([200, "ADMIN"]);
    expect(await next()).toMatchObject([{ type: "member_role", user_id: bob.id, role: "OWNER", sequence: 1 }]);
    expect(await next()).toMatchObject([{ type: "member_role", user_id: ann.id, role: "ADMIN", sequence: 2 }]);
    expect((await ann.call("POST", `${path}/leave`)).status).toBe(204);
    expect(await next()).toMatchObject([{ type: "member_removed", user_id: ann.id, by: ann.id, sequence: 3 }]);
    expect((await bob.call("GET", path)).body).toMatchObject({ member_count: 1, me: { role: "OWNER" } });
    for (const line of lines) line.close();
  });

  test("is one, though everybody hands over, leaves and removes at the same moment", async () => {
    const room = await group(ann, bob, cem, dot);
    const path = `/conversations/${room.id}`;
    const give = (from: Person, to: Person) => from.call("POST", `${path}/transfer`, { user_id: to.id });
    const racing = await Promise.all([
      ...[give(ann, bob), give(ann, cem), give(bob, ann), give(cem, bob), ann.call("POST", `${path}/leave`)],
      ...[bob.call("POST", `${path}/leave`), ann.call("DELETE", `${path}/members/${bob.id}`)],
    ]);
    for (const { status } of racing) expect([200, 204, 403, 404, 409]).toContain(status);
    const { items } = (await dot.call("GET", `${path}/members`)).body;
    expect(items.filter((member: Json) => member.role === "OWNER")).toHaveLength(1);
    const page = await dot.call("GET", path);
    expect(page.body.member_count).toBe(items.length);
  });
});

describe("leaving", () => {
  test("is the last one hears: the event, then 4403 on the direct socket, then nothing", async () => {
    const room = await group(ann, bob);
    const path = `/conversations/${room.id}`;
    const direct = await Line.open(at, `${path}/ws`, bob.token);
    const user = await Line.open(at, "/ws", bob.token);
    expect((await bob.call("POST", `${path}/leave`)).status).toBe(204);
    await ann.call("POST", `${path}/messages`, { content: "he is gone" });
    for (const line of [direct, user]) expect(await line.next()).toMatchObject({ type: "member_removed", by: bob.id });
    expect((await direct.ended()).code).toBe(4403);
    const other = await group(ann, bob);
    expect(await user.next()).toMatchObject({ type: "inbox", conversation_id: other.id });
    const { items } = (await bob.call("GET", "/conversations")).body;
    expect(items.map((item: Json) => item.id)).not.toContain(room.id);
    user.close();
  });

  test("alone ends the group; its owner may think again", async () => {
    const room = await group(ann);
    const path = `/conversations/${room.id}`;
    expect((await ann.call("POST", `${path}/leave`)).status).toBe(204);
    expect((await ann.call("GET", path)).status).toBe(404);
    const back = await ann.call("POST", `${path}/restore`);
    expect(back.body).toMatchObject({ id: room.id, sequence: 2, me: { role: "OWNER" } });
  });
});

describe("several people", () => {
  test("are added at once; who is not is named without a reason", async () => {
    const room = await group(ann, bob);
    await dot.call("PUT", `/users/me/blocks/${ann.id}`);
    const wanted = [cem.id, dot.id, bob.id, "0199c0de-0000-7000-8000-000000000000", cem.id.toUpperCase()];
    const added = await ann.call("POST", `/conversations/${room.id}/members`, { user_ids: wanted });
    await dot.call("DELETE", `/users/me/blocks/${ann.id}`);
    expect(added.status).toBe(200);
    expect(added.body.items.map((member: Json) => member.user.id)).toEqual([cem.id]);
    expect(new Set(added.body.not_added)).toEqual(new Set([dot.id, bob.id, "0199c0de-0000-7000-8000-000000000000"]));
  });

  test.each([{}, { user_ids: [] }, { user_ids: ["x"] }, { user_ids: null }])("are refused as %j", async (body) => {
    const room = await group(ann);
    expect((await ann.call("POST", `/conversations/${room.id}/members`, body)).status).toBe(422);
  });
});
