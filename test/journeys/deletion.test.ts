import { beforeAll, describe, expect, test } from "vitest";
import { call, group, type Json, knock, Line, mailedCode, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";
import { until } from "../support/until.ts";

let at: Server;

beforeAll(async () => {
  at = await server();
});

const deleted = (message: Json) => ({ ...message, content: "", media: [], mentions: [], is_deleted: true });
const historyOf = async (who: Person, room: Json): Promise<Json[]> =>
  (await who.call("GET", `/conversations/${room.id}/messages`)).body.items;
const say = async (who: Person, room: Json, content: string): Promise<Json> =>
  (await who.call("POST", `/conversations/${room.id}/messages`, { content })).body;

describe("somebody who deletes their account", () => {
  test("is gone at once, their words by one event each, and the group goes on without them", async () => {
    const [ann, bob, cem] = await people(at, "Ann", "Bob", "Cem");
    const lunch = await group(ann, bob, cem);
    const { body: talk } = await ann.call("POST", "/conversations", { participant_ids: [bob.id] });
    for (const room of [lunch, talk]) await say(bob, room, "from Bob");
    const said = [await say(ann, lunch, "one"), await say(ann, lunch, "two"), await say(ann, talk, "three")];
    const bobs = await Line.open(at, "/ws", bob.token);
    const anns = [
      await Line.open(at, "/ws", ann.token),
      await Line.open(at, `/conversations/${lunch.id}/ws`, ann.token),
    ];

    const asked = await ann.call("POST", "/users/me/deletion-code");
    expect(asked.status).toBe(202);
    const proof = { challenge: asked.body.challenge, code: await mailedCode(at, ann.email, 1) };
    expect(await ann.call("DELETE", "/users/me", { ...proof, erase: true })).toMatchObject({
      status: 202,
      body: { done: false },
    });

    for (const line of anns) expect([4401, 4403]).toContain((await line.ended()).code);
    expect((await ann.call("GET", "/users/me")).status).toBe(401);
    expect((await knock(at, "/ws", ann.token)).status).toBe(401);
    const refreshed = { body: { refresh_token: ann.refreshToken } };
    expect((await call(at, "POST", "/api/v1/auth/refresh", refreshed)).status).toBe(401);

    const isOf = (type: string) => (frame: Json) => frame.type === type;
    await until("all that Bob hears", () => bobs.frames.filter(isOf("message_delete")).length === 3 || undefined);
    const deletions = bobs.frames.filter(isOf("message_delete"));
    expect(new Set(deletions.map((frame) => frame.message_id))).toEqual(new Set(said.map((event) => event.id)));
    expect(await bobs.ofType("member_role")).toMatchObject({ user_id: bob.id, role: "OWNER", by: ann.id });
    expect(await bobs.ofType("member_removed")).toMatchObject({ user_id: ann.id, user_name: "" });

    const unnamed = (message: Json) => ({ ...deleted(message), sender_name: "" });
    const shown = async (room: Json) =>
      (await historyOf(bob, room)).filter((one) => one.sender_id === ann.id).reverse();
    await expect.poll(() => shown(lunch)).toEqual([said[0], said[1]].map(unnamed));
    await expect.poll(() => shown(talk)).toEqual([unnamed(said[2])]);

    const { body: record } = await bob.call("GET", `/conversations/${talk.id}`);
    expect(record.peer).toEqual({ id: ann.id, name: "", created_at: expect.any(String) });
    expect((await bob.call("POST", `/conversations/${talk.id}/messages`, { content: "?" })).status).toBe(403);
    expect((await bob.call("POST", "/conversations", { participant_ids: [ann.id] })).status).toBe(404);
    expect((await bob.call("DELETE", `/conversations/${lunch.id}/members/${cem.id}`)).status).toBe(204);
    expect((await bob.call("GET", `/users/${ann.id}`)).status).toBe(404);
  });

  test("and leaves their words keeps nothing but them, and may come again as somebody else", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const { body: talk } = await ann.call("POST", "/conversations", { participant_ids: [bob.id] });
    const { id } = await say(ann, talk, "remember me");
    const asked = await ann.call("POST", "/users/me/deletion-code");
    const proof = { challenge: asked.body.challenge, code: await mailedCode(at, ann.email, 1) };
    expect((await ann.call("DELETE", "/users/me", proof)).status).toBe(202);
    const shown = async () => (await historyOf(bob, talk))[0];
    await expect.poll(shown).toMatchObject({ id, content: "remember me", sender_name: "", is_deleted: false });
    const again = { email: ann.email, password: "another good password", name: "Anna" };
    const started = await call(at, "POST", "/api/v1/auth/register", { body: again });
    const code = await mailedCode(at, ann.email, 3);
    const body = { challenge: started.body.challenge, code };
    const verified = await call(at, "POST", "/api/v1/auth/verify-registration", { body });
    expect(verified.status).toBe(201);
    const mine = await call(at, "GET", "/api/v1/conversations", { token: verified.body.tokens.access_token });
    expect(mine.body.items).toEqual([]);
  });
});
