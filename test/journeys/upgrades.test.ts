import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, knock, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";
import { type Upgrade, upgrade } from "../support/socket.ts";

let at: Server;
let ann: Person;
let eve: Person;
let room: Json;

beforeAll(async () => {
  at = await server();
  [ann, eve] = await people(at, "Ann", "Eve");
  room = await group(ann);
});

const both = () => ["/ws", `/conversations/${room.id}/ws`];

function expectProblem({ status, headers, body }: Upgrade, wanted: { status: number; code: string }) {
  expect({ status, code: JSON.parse(body).code }).toEqual(wanted);
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(headers["x-request-id"]).toBeTruthy();
}

describe("opening a socket", () => {
  test("agrees on pingme.batch before pingme, in whatever order they are offered beside the token", async () => {
    const offers: [string[], string | undefined][] = [
      [["pingme", ann.token], "pingme"],
      [[ann.token, "pingme"], "pingme"],
      [["pingme", "pingme.batch", ann.token], "pingme.batch"],
      [["pingme.batch", ann.token], "pingme.batch"],
      [[ann.token], undefined],
    ];
    for (const address of both()) {
      for (const [protocols, agreed] of offers) {
        const { status, headers, connection } = await knock(at, address, undefined, protocols);
        expect([status, headers["sec-websocket-protocol"]]).toEqual([101, agreed]);
        connection?.close(1000);
      }
    }
  });

  test("takes the token from the Authorization header too", async () => {
    for (const address of both()) {
      const headers = { Authorization: `Bearer ${ann.token}`, "Sec-WebSocket-Protocol": "pingme" };
      const opened = await upgrade(`${at.url}/api/v1${address}`, headers);
      expect([opened.status, opened.headers["sec-websocket-protocol"]]).toEqual([101, "pingme"]);
      opened.connection?.close(1000);
    }
  });

  test("of a conversation refuses with 401 who shows no token; one in the query is none, anywhere", async () => {
    const address = `/conversations/${room.id}/ws`;
    const wanted = { status: 401, code: "AUTH_REQUIRED" };
    expectProblem(await knock(at, address), wanted);
    const query = `?token=${ann.token}&access_token=${ann.token}`;
    expectProblem(await knock(at, `${address}${query}`), wanted);
    const { connection } = await knock(at, `/ws${query}`);
    if (!connection) throw new Error("The first frame could not come");
    const line = new Line(connection, "pingme");
    expect(await line.ask({ type: "subscribe", conversation_id: room.id })).toMatchObject({ code: "AUTH_REQUIRED" });
    line.close();
  });

  test("refuses with 401 a token that is garbage, altered, unsigned, or not an access token", async () => {
    const [head = "", claims = "", signature = ""] = ann.token.split(".");
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const stolen = { ...JSON.parse(Buffer.from(claims, "base64url").toString()), sub: eve.id };
    const unsigned = encoded({ alg: "none", typ: "JWT" });
    const bad = [
      "abc.def.ghi",
      `${head}.${encoded(stolen)}.${signature}`,
      `${unsigned}.${claims}.`,
      `${unsigned}.${claims}.${signature}`,
      ann.refreshToken,
    ];
    for (const address of both()) {
      for (const token of bad) expectProblem(await knock(at, address, token), { status: 401, code: "AUTH_FAILED" });
    }
    for (const token of bad) {
      const asked = await fetch(`${at.url}/api/v1/users/me`, { headers: { Authorization: `Bearer ${token}` } });
      expect(asked.status).toBe(401);
      expect(asked.headers.get("WWW-Authenticate")).toBe("Bearer");
    }
  });

  test("refuses a conversation that is not one's own as it refuses one that is not there", async () => {
    const wanted = { status: 404, code: "CONVERSATION_NOT_FOUND" };
    for (const id of [room.id, crypto.randomUUID(), "none"]) {
      expectProblem(await knock(at, `/conversations/${id}/ws?since=0`, eve.token), wanted);
    }
  });

  test("refuses a since that is no sequence with 422, and takes an id in capitals", async () => {
    for (const since of ["-1", "abc", "1.5"]) {
      const refused = await knock(at, `/conversations/${room.id}/ws?since=${since}`, ann.token);
      expectProblem(refused, { status: 422, code: "INVALID_CONTENT" });
      expect(JSON.parse(refused.body).errors).toMatchObject([{ path: "since" }]);
    }
    const line = await Line.open(at, `/conversations/${room.id.toUpperCase()}/ws`, ann.token);
    expect(await line.ask({ type: "ping", ref: "1" })).toEqual({ type: "pong", ref: "1" });
  });

  test("needs an upgrade, and another method is not allowed", async () => {
    for (const address of both()) {
      expect((await ann.call("GET", address)).body).toMatchObject({ status: 400, code: "INVALID_MESSAGE" });
      const posted = await ann.call("POST", address, {});
      expect([posted.status, posted.headers.get("Allow")]).toEqual([405, "GET"]);
    }
  });

  test("brings nothing unasked: the first frame is the answer to the first question", async () => {
    for (const address of both()) {
      const line = await Line.open(at, address, ann.token);
      expect(await line.ask('{"type":"ping"}')).toEqual({ type: "pong" });
      expect(await line.ask('{ "type": "ping" }')).toEqual({ type: "pong" });
      expect(line.frames).toHaveLength(2);
    }
  });
});
