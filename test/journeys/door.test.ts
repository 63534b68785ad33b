import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { places } from "../../src/local/places.ts";
import { type Answer, call, type Json, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;

beforeAll(async () => {
  at = await server();
  [ann] = await people(at, "Ann");
});

function expectProblem({ status, headers, body }: Answer, wanted: { status: number; code: string }) {
  expect({ status, code: body.code }).toEqual(wanted);
  expect(headers.get("Content-Type")).toBe("application/problem+json");
  expect(body).toMatchObject({ type: "about:blank", title: expect.any(String), detail: expect.any(String), status });
  expect(body.request_id).toBe(headers.get("X-Request-Id"));
}

const post = (body: unknown, headers: Record<string, string> = {}) =>
  call(at, "POST", "/api/v1/conversations", { body, token: ann.token, headers });

describe("REST refuses with a problem", () => {
  test("a path that leads nowhere", async () => {
    const nowhere = ["/nope", "/openapixjson", "/health/", "/api/v1/nope", "/api/v1/auth/sessions/"];
    for (const path of nowhere) {
      for (const method of ["GET", "POST"]) {
        const answer = await call(at, method, path, { token: ann.token });
        expectProblem(answer, { status: 404, code: "NOT_FOUND" });
      }
    }
  });

  test("another method, and names those that are allowed", async () => {
    const wanted = { status: 405, code: "METHOD_NOT_ALLOWED" };
    for (const [method, path, allow] of [
      ["PUT", "/health", "GET"],
      ["PUT", "/openapi.json", "GET"],
      ["GET", "/api/v1/auth/register", "POST"],
      ["DELETE", "/api/v1/conversations", "GET, POST"],
      ["PUT", `/api/v1/conversations/${randomUUID()}`, "DELETE, GET, PATCH"],
      ["PUT", "/api/v1/users/me", "DELETE, GET, PATCH"],
      ["POST", "/api/v1/auth/sessions", "DELETE, GET"],
      ["GET", "/api/v1/users/me/devices/phone", "DELETE, PUT"],
    ] as const) {
      const answer = await call(at, method, path, { token: ann.token });
      expectProblem(answer, wanted);
      expect(answer.headers.get("Allow")?.split(", ").sort().join(", ")).toBe(allow);
    }
  });

  test("a body that is not JSON, not an object, of another media type, or too large", async () => {
    for (const body of ["{nope", "", "null", "[]", '"x"', "[".repeat(50_000)]) {
      expectProblem(await post(body), { status: 400, code: "INVALID_MESSAGE" });
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"]) {
      const answer = await post("{}", { "Content-Type": type });
      expectProblem(answer, { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" });
    }
    expectProblem(await post({ title: "x".repeat(300_000) }), { status: 413, code: "TOO_LARGE" });
    expect((await post("{}", { "Content-Type": "application/json; charset=utf-8" })).status).toBe(201);
  });

  test("wrong fields, each by its path", async () => {
    const paths = async (body: unknown) => {
      const answer = await post(body);
      expectProblem(answer, { status: 422, code: "INVALID_CONTENT" });
      return answer.body.errors.map((error: Json) => error.path);
    };
    expect(await paths({ title: " ", participant_ids: ["x"], public: "yes" })).toEqual([
      "participant_ids.0",
      "title",
      "public",
    ]);
    for (const title of ["a\0b", "a\u202eb", "a\nb", "a".repeat(129), "\u200b"])
      expect(await paths({ title })).toEqual(["title"]);
    expect(await paths('{"title":"x","description":"\\ud800"}')).toEqual(["description"]);
    expect(await paths({ participant_ids: Array.from({ length: 1000 }, () => randomUUID()) })).toEqual([
      "participant_ids",
    ]);
    const extra = await post('{"unheard_of":1,"__proto__":{"title":"no"}}');
    expect([extra.status, extra.body.title]).toEqual([201, null]);
    const register = await call(at, "POST", "/api/v1/auth/register", {
      body: { email: "no", password: "short", name: " " },
    });
    expect(register.body.errors.map((error: Json) => error.path).sort()).toEqual(["email", "name", "password"]);
  });
});

describe("every answer", () => {
  test("carries the caller's request id if it is harmless, else one of ours", async () => {
    const kept = await call(at, "GET", "/health", { headers: { "X-Request-Id": "mine-1.2:3" } });
    expect(kept.headers.get("X-Request-Id")).toBe("mine-1.2:3");
    for (const id of ["with blank", "x".repeat(65), '{"a":1}']) {
      const made = await call(at, "GET", "/nope", { headers: { "X-Request-Id": id } });
      expect(made.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test("carries the headers that keep a browser safe", async () => {
    for (const path of ["/health", "/nope", "/docs", "/api/v1/users/me"]) {
      const { headers } = await fetch(`${at.url}${path}`);
      expect(headers.get("X-Content-Type-Options"), path).toBe("nosniff");
      expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      expect(headers.get("Strict-Transport-Security")).toContain("max-age=");
      expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    }
  });
});

describe("the specification", () => {
  test("of the sockets is served as it is in the tree", async () => {
    const response = await fetch(`${at.url}/asyncapi.yml`);
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "application/yaml"]);
    expect(await response.text()).toBe(readFileSync(places.asyncapi, "utf8"));
  });

  test("names the routes that are there, and no stranger gets past those that need a token", async () => {
    const { body: specification } = await call(at, "GET", "/openapi.json");
    expect(specification).toMatchObject({ openapi: "3.1.0", info: { title: "PingMe" } });
    const operations = Object.entries<Json>(specification.paths).flatMap(([path, methods]) =>
      Object.entries<Json>(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    );
    expect(operations.length).toBeGreaterThan(20);
    for (const { path, method, operation } of operations) {
      const name = `${method} ${path}`;
      const address = path.replace(/\{[^}]+\}/g, randomUUID());
      expect(
        Object.keys(operation.responses).every((status) => /^[2345]\d\d$/.test(status)),
        name,
      ).toBe(true);
      const isOpen = operation.security === undefined;
      const body = operation.requestBody ? {} : undefined;
      const anonymous = await call(at, method, address, { body });
      if (!isOpen) expect([anonymous.status, operation.responses[401] !== undefined], name).toEqual([401, true]);
      if (path.includes("/auth/logout") || name === "DELETE /api/v1/auth/sessions") continue; // ann's own would end
      const { status, headers } = await call(at, method, address, { body, token: ann.token });
      expect(Object.keys(operation.responses), name).toContain(`${status}`);
      const types = headers.get("Content-Type")?.split(";").slice(0, 1) ?? [];
      expect(Object.keys(operation.responses[status].content ?? {}), name).toEqual(expect.arrayContaining(types));
    }
  });

  test("stands beside /health, /ready and /version", async () => {
    expect((await call(at, "GET", "/health")).body).toEqual({ status: "ok" });
    expect((await call(at, "GET", "/version")).body).toMatchObject({ version: expect.any(String) });
    const { body } = await call(at, "GET", "/ready");
    const up = { state: "up", required: true, delay_ms: expect.any(Number) };
    expect(body).toMatchObject({ status: "ready", backends: { postgres: up, redis: up } });
  });
});
