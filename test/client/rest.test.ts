import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { PingMeError } from "../../src/client/error.ts";
import { memoryKeys } from "../../src/client/stores.ts";
import { group, type Json, type Person, people } from "../support/client.ts";
import { signInTo, tab } from "../support/sdk.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let room: Json;
let call: ReturnType<typeof tab>["call"];
let bobs: ReturnType<typeof tab>;

/** How the next request is to be changed. */
let change: (init: RequestInit) => RequestInit = (init) => init;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
  room = await group(ann, bob);
  const anns = tab(at, memoryKeys(), (input, init) => fetch(input, change(init ?? {})));
  await signInTo(anns, at, ann);
  call = anns.call;
  bobs = tab(at);
  await signInTo(bobs, at, bob);
});

afterEach(() => {
  change = (init) => init;
});

/** With a body that is no JSON. */
function broken<T>(run: () => Promise<T>): Promise<T> {
  change = (init) => ({ ...init, body: "{" });
  return run();
}

const unknown = "01890000-0000-7000-8000-000000000000";

describe("a call", () => {
  test("fills in the path, asks with the query and sends its body", async () => {
    const path = { id: room.id };
    const sent = await call("POST /conversations/{id}/messages", { path, body: { content: "one" } });
    expect(sent).toMatchObject({ content: "one", sender_id: ann.id, media: [] });
    const reaction = { ...path, message_id: sent.id, emoji: "👍🏽" };
    const put = "PUT /conversations/{id}/messages/{message_id}/reactions/{emoji}";
    expect(await call(put, { path: reaction })).toMatchObject({ emoji: "👍🏽", on: true });
    const page = await call("GET /conversations/{id}/messages", { path, query: { before: undefined, limit: 1 } });
    expect(page.items).toMatchObject([{ id: sent.id, reactions: [{ emoji: "👍🏽", user_ids: [ann.id] }] }]);
    const found = await call("GET /users/search", { query: { query: "Bob & Söhne=?" } });
    expect(found).toEqual({ items: [], next: null });
    expect(await call("GET /conversations", { query: { archived: true } })).toEqual({ items: [], next: null });
  });

  test("answers undefined where there is nothing to say", async () => {
    expect(await call("DELETE /users/me/avatar")).toBeUndefined();
  });

  test("shows a fresh token where the one it has is refused", async () => {
    let isFirst = true;
    change = (init) => {
      if (!isFirst) return init;
      isFirst = false;
      return { ...init, headers: { ...init.headers, Authorization: "Bearer stale" } };
    };
    expect((await call("GET /users/me")).id).toBe(ann.id);
    expect(isFirst).toBe(false);
  });
});

describe("a refusal", () => {
  test.each<[number, string, () => Promise<unknown>]>([
    [400, "INVALID_MESSAGE", () => broken(() => call("PATCH /users/me", { body: { name: "Ann" } }))],
    [401, "AUTH_REQUIRED", () => tab(at).call("GET /users/me")],
    [
      403,
      "PERMISSION_DENIED",
      () => bobs.call("PATCH /conversations/{id}", { path: { id: room.id }, body: { title: "Mine" } }),
    ],
    [404, "CONVERSATION_NOT_FOUND", () => call("GET /conversations/{id}", { path: { id: unknown } })],
    [409, "CONFLICT", () => call("POST /conversations/{id}/leave", { path: { id: room.id } })],
    [422, "INVALID_CONTENT", () => call("PATCH /users/me", { body: { name: "" } })],
  ])("of %i is an error with its code", async (status, code, run) => {
    await expect(run()).rejects.toMatchObject({
      name: "PingMeError",
      status,
      code,
      message: expect.stringMatching(/\w/),
    });
  });

  test("names the fields that are wrong", async () => {
    const wrong = call("PATCH /users/me", { body: { name: "", settings: { push_text: null }, username: "1" } });
    await expect(wrong).rejects.toMatchObject({ errors: [{ path: "name" }, { path: "username" }] });
  });

  test("for being too often says when to come back", async () => {
    const { session } = tab(at);
    const asked = await session.login(bob);
    const error = await session.resendCode(asked?.challenge ?? "").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "PingMeError", status: 429, code: "RATE_LIMIT_EXCEEDED", errors: [] });
    expect(error instanceof PingMeError && error.retryAfterMs).toBeGreaterThan(0);
  });

  test("of something in between, which has no code of ours, is passing", async () => {
    const between = (status: number, headers = {}) =>
      tab(at, undefined, async () => new Response("<h1>Sorry</h1>", { status, headers })).call("POST /auth/refresh");
    await expect(between(502)).rejects.toMatchObject({ status: 502, code: "UNAVAILABLE" });
    const busy = between(429, { "Retry-After": "7" });
    await expect(busy).rejects.toMatchObject({ status: 429, code: "UNAVAILABLE", retryAfterMs: 7_000 });
    await expect(between(200)).rejects.toMatchObject({ status: 0, code: "OFFLINE" });
  });
});

test("a server that is not there is OFFLINE", async () => {
  const { call } = tab({ url: "http://127.0.0.1:1" });
  await expect(call("POST /auth/refresh")).rejects.toMatchObject({ name: "PingMeError", status: 0, code: "OFFLINE" });
});

describe("who gives up", () => {
  test("hears their own reason, before the request and during it", async () => {
    const reason = new Error("Never mind");
    await expect(call("GET /users/me", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const control = new AbortController();
    change = (init) => {
      control.abort(reason);
      return init;
    };
    await expect(call("GET /users/me", { signal: control.signal })).rejects.toBe(reason);
  });
});
