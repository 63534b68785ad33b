import { beforeAll, describe, expect, test } from "vitest";
import { call, group, knock, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
});

const addresses = (room: { id: string }) => ["/ws", `/conversations/${room.id}/ws`];

describe("a socket ends", () => {
  test("with the client's own code given back, when the client closes it", async () => {
    const room = await group(ann);
    for (const address of addresses(room)) {
      for (const code of [1000, 4001]) {
        const line = await Line.open(at, address, ann.token);
        line.close(code);
        expect((await line.ended()).code).toBe(code);
      }
      const line = await Line.open(at, address, ann.token);
      line.close();
      expect((await line.ended()).code).toBe(1000);
    }
  });

  test("with 1003 after a binary frame and 1009 after one over 1 MiB, and the others live on", async () => {
    const room = await group(ann, bob);
    for (const address of addresses(room)) {
      const [one, other, third] = await Promise.all([1, 2, 3].map(() => Line.open(at, address, ann.token)));
      one?.sendBytes();
      expect((await one?.ended())?.code).toBe(1003);
      other?.send(`{"type":"ping","pad":"${"x".repeat(1_048_576)}"}`);
      expect((await other?.ended())?.code).toBe(1009);
      expect(await third?.ask({ type: "ping", ref: "alive" })).toEqual({ type: "pong", ref: "alive" });
    }
  });

  test("with 4429 beyond twenty of one user, and a place is free again when one closes", async () => {
    const room = await group(ann, bob);
    for (const address of addresses(room)) {
      const lines = await Promise.all(Array.from({ length: 20 }, () => Line.open(at, address, bob.token)));
      const [first] = lines;
      expect((await (await Line.open(at, address, bob.token)).ended()).code).toBe(4429);
      expect(lines.every((line) => line.closed === undefined)).toBe(true);
      const other = await Line.open(at, address, ann.token);
      expect(await other.ask({ type: "ping", ref: "of another" })).toMatchObject({ type: "pong" });
      first?.close(1000);
      await first?.ended();
      const next = await Line.open(at, address, bob.token);
      expect(await next.ask({ type: "ping", ref: "21" })).toEqual({ type: "pong", ref: "21" });
    }
  });

  test("with 4401 everywhere when its session is signed out, and no token of it is taken again", async () => {
    const [eve] = await people(at, "Eve");
    const room = await group(ann, eve);
    const lines = await Promise.all(addresses(room).map((address) => Line.open(at, address, eve.token)));
    expect((await eve.call("POST", "/auth/logout")).status).toBe(204);
    for (const line of lines) expect((await line.ended()).code).toBe(4401);
    for (const address of addresses(room)) expect((await knock(at, address, eve.token)).status).toBe(401);
    for (const path of ["/users/me", "/conversations"]) expect((await eve.call("GET", path)).status).toBe(401);
    const refreshed = await call(at, "POST", "/api/v1/auth/refresh", { body: { refresh_token: eve.refreshToken } });
    expect(refreshed.status).toBe(401);
    const asked = await call(at, "POST", "/api/v1/auth/verify-token", { body: { token: eve.token } });
    expect(asked.body).toEqual({ active: false });
  });
});
