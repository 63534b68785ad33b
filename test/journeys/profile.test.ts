/** What one changes of oneself, as others come to know it. */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { call, challenge, group, type Json, Line, people, signIn } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";
import { until } from "../support/until.ts";

let at: Server;

beforeAll(async () => {
  at = await server();
});

const isRefused = (code: string) => (frame: Json) => frame.type === "error" && frame.code === code;

describe("a change of oneself", () => {
  test("of the name is in what one says next, in every conversation, and in what the others fetch", async () => {
    const [ann, bob, cem] = await people(at, "Ann", "Bob", "Cem");
    const rooms = [await group(ann, bob), await group(cem, ann, bob)];
    const dialog = (await ann.call("POST", "/conversations", { participant_ids: [bob.id] })).body;
    expect((await bob.call("GET", `/conversations/${dialog.id}`)).body.peer.name).toBe("Ann");
    expect((await ann.call("PATCH", "/users/me", { name: "Anna" })).status).toBe(200);
    for (const { id } of [...rooms, dialog]) {
      await until("her new name", async () => {
        const said = await ann.call("POST", `/conversations/${id}/messages`, { content: "hello" });
        return said.body.sender_name === "Anna" ? true : undefined;
      });
    }
    expect((await bob.call("GET", `/users/${ann.id}`)).body.name).toBe("Anna");
    const peers = [
      (await bob.call("GET", `/conversations/${dialog.id}`)).body.peer,
      (await bob.call("GET", "/conversations")).body.items.find((item: Json) => item.id === dialog.id).peer,
    ];
    expect(peers.map(({ name }) => name)).toEqual(["Anna", "Anna"]);
    const members = (await bob.call("GET", `/conversations/${rooms[0].id}/members`)).body.items;
    expect(members.map((item: Json) => item.user.name).sort()).toEqual(["Anna", "Bob"]);
  });

  test("of the receipts: who hides how far they have read is not seen reading", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const { id } = await group(ann, bob);
    await ann.call("POST", `/conversations/${id}/messages`, { content: "one" });
    const read = async () => {
      await bob.call("POST", `/conversations/${id}/read`, { sequence: 1 });
      const { items } = (await ann.call("GET", `/conversations/${id}/members`)).body;
      return items.find((item: Json) => item.user.id === bob.id).read;
    };
    expect(await read()).toBe(1);
    await bob.call("PATCH", "/users/me", { settings: { read_receipts: false } });
    await until("it is hidden", async () => ((await read()) === 0 ? true : undefined));
    await bob.call("PATCH", "/users/me", { settings: { read_receipts: true } });
    await until("it is shown", async () => ((await read()) === 1 ? true : undefined));
  });

  test("of the password closes the sockets of all other sessions, and no other", async () => {
    const [ann] = await people(at, "Ann");
    const there = await signIn(at, ann);
    const [mine, other] = [
      await Line.open(at, "/ws", ann.token),
      await Line.open(at, "/ws", there.tokens.access_token),
    ];
    const password = `another-${randomUUID()}`;
    const changed = await ann.call("PUT", "/users/me/password", { old_password: ann.password, password });
    expect(changed.status).toBe(204);
    expect((await other.ended(2_000)).code).toBe(4401);
    expect((await mine.ask({ type: "ping" })).type).toBe("pong");
    expect((await call(at, "GET", "/api/v1/users/me", { token: there.tokens.access_token })).status).toBe(401);
    await signIn(at, { ...ann, password });
  });

  test("of the address: codes mailed to the old one open nothing any more, the new one signs in", async () => {
    const [ann] = await people(at, "Ann");
    const email = `moved.${randomUUID()}@example.com`;
    const reset = await challenge(at, "/auth/reset-password", { email: ann.email }, { to: ann.email });
    const { password } = ann;
    const login = await challenge(at, "/auth/login", { email: ann.email, password }, { to: ann.email });
    const move = await challenge(at, "/users/me/email", { email, password }, { to: email, token: ann.token });
    expect((await ann.call("POST", "/users/me/email/verify", move)).body.email).toBe(email);
    const stale = [
      await call(at, "POST", "/api/v1/auth/verify-login", { body: login }),
      await call(at, "POST", "/api/v1/auth/verify-reset-password", { body: { ...reset, password: `x-${password}` } }),
    ];
    expect(stale.map(({ status }) => status)).toEqual([410, 410]);
    expect((await signIn(at, { ...ann, email })).user.email).toBe(email);
    expect((await ann.call("GET", "/users/me")).status).toBe(200);
  });
});

describe("a block", () => {
  test("is known to the dialog's sockets before it is answered; shared groups stay", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const dialog = (await ann.call("POST", "/conversations", { participant_ids: [bob.id] })).body;
    const room = await group(ann, bob);
    const [direct, hub] = [
      await Line.open(at, `/conversations/${dialog.id}/ws`, bob.token),
      await Line.open(at, "/ws", bob.token),
    ];
    expect((await ann.call("PUT", `/users/me/blocks/${bob.id}`)).status).toBe(204);
    for (const line of [direct, hub]) {
      line.send({ type: "message", conversation_id: dialog.id, content: "hello?" });
      await line.next(isRefused("PERMISSION_DENIED"));
    }
    hub.send({ type: "message", conversation_id: room.id, content: "hello all" });
    await hub.next((frame) => frame.type === "message" && frame.conversation_id === room.id);
    expect((await ann.call("DELETE", `/users/me/blocks/${bob.id}`)).status).toBe(204);
    direct.send({ type: "message", content: "hello again" });
    await direct.ofType("message");
  });
});
