import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { users } from "../../src/db/schema.ts";
import { call, defaultSettings, envWith, get, newAccount, post } from "../support/accounts.ts";
import { bindings, db } from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

/** Letters nobody else's name in these tests begins with. */
const unique = () =>
  newId()
    .replaceAll("-", "")
    .slice(10)
    .replace(/\d/g, (digit) => String.fromCharCode(103 + Number(digit)));

let known: ReturnType<typeof newAccount> | undefined;
/** Somebody who is signed in, for questions that change nothing. */
const anybody = () => {
  known ??= newAccount("Somebody");
  return known;
};

async function search(token: string, query: string) {
  return await get(`/users/search?${query}`, { token });
}

describe("oneself", () => {
  test("is seen with e-mail and settings, another without", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const me = await get("/users/me", { token: ann.tokens.access_token });
    expect(me.status).toBe(200);
    expect(me.body).toEqual({
      id: ann.user.id,
      name: "Ann",
      email: ann.email,
      settings: defaultSettings,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    const other = await get(`/users/${bob.user.id}`, { token: ann.tokens.access_token });
    expect(other.status).toBe(200);
    expect(Object.keys(other.body).sort()).toEqual(["created_at", "id", "name"]);
  });

  test("is found under an id in capital letters too", async () => {
    const ann = await newAccount();
    const found = await get(`/users/${ann.user.id.toUpperCase()}`, { token: ann.tokens.access_token });
    expect(found.body.id).toBe(ann.user.id);
  });
});

describe("somebody seen by others", () => {
  const as = (token: string) => ({ token });
  const seen = async (id: string, token: string) => (await get(`/users/${id}`, { token })).body.name;

  test("is read from Postgres once, and anew after a change", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const { access_token: token } = bob.tokens;
    const asked = await whilePostgres(
      ann.user.id,
      () => "fine",
      async (sent) => {
        for (let reads = 0; reads < 5; reads++) expect(await seen(ann.user.id, token)).toBe("Ann");
        return sent.length;
      },
    );
    expect(asked).toBe(1);
    await call("PATCH", "/users/me", { body: { name: "Anna" }, token: ann.tokens.access_token });
    expect(await seen(ann.user.id, token)).toBe("Anna");
  });

  test("is there while Redis is away, and while Postgres is for who was seen lately", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const { access_token: token } = bob.tokens;
    const on = envWith({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" });
    expect((await get(`/users/${ann.user.id}`, { token, on })).body.name).toBe("Ann");
    expect(await seen(ann.user.id, token)).toBe("Ann");
    const lately = await whilePostgres(
      ann.user.id,
      () => "away",
      () => seen(ann.user.id, token),
    );
    expect(lately).toBe("Ann");
  });

  test("who deleted their account is nobody, and in a dialog somebody without a name", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const { access_token: token } = bob.tokens;
    const opened = await post("/conversations", { participant_ids: [ann.user.id] }, as(token));
    expect(opened.body.peer.name).toBe("Ann");
    await db.update(users).set({ name: "", email: null, deleted_at: new Date() }).where(eq(users.id, ann.user.id));
    await connect(bindings).profiles.forget(ann.user.id);
    expect((await get(`/users/${ann.user.id}`, { token })).status).toBe(404);
    const nameless = { id: ann.user.id, name: "", created_at: expect.any(String) };
    expect((await get(`/conversations/${opened.body.id}`, { token })).body.peer).toEqual(nameless);
    expect((await get("/conversations", { token })).body.items[0].peer).toEqual(nameless);
    const { items } = (await get(`/conversations/${opened.body.id}/members`, { token })).body;
    expect(items.map((item: { user: { name: string } }) => item.user.name).sort()).toEqual(["", "Bob"]);
  });
});

describe("nobody", () => {
  test("is behind an unknown id, or one that is none", async () => {
    const { tokens } = await anybody();
    const unknown = await get(`/users/${newId()}`, { token: tokens.access_token });
    expect([unknown.status, unknown.body.code]).toEqual([404, "USER_NOT_FOUND"]);
    const none = await get("/users/%00", { token: tokens.access_token });
    expect([none.status, none.body.code]).toEqual([404, "USER_NOT_FOUND"]);
  });

  test.each(["/users/me", "/users/search?query=a", "/users/not-an-id"])(
    "may look at %s without signing in",
    async (path) => {
      const none = await get(path);
      expect([none.status, none.body.code]).toEqual([401, "AUTH_REQUIRED"]);
      expect(none.headers.get("WWW-Authenticate")).toBe("Bearer");
      const wrong = await get(path, { token: "a.b.c" });
      expect([wrong.status, wrong.body.code]).toEqual([401, "AUTH_FAILED"]);
      const basic = await get(path, { headers: { Authorization: "Basic YTpi" } });
      expect([basic.status, basic.body.code]).toEqual([401, "AUTH_FAILED"]);
    },
  );
});

describe("a search", () => {
  test("finds by what a name begins with, in any case, in the order of names", async () => {
    const begins = unique();
    const zoe = await newAccount(`${begins} Zoë`);
    const anna = await newAccount(`${begins.toUpperCase()} Анна`);
    await newAccount(`Not ${begins}`);
    const found = await search(zoe.tokens.access_token, `query=${begins}`);
    expect(found.status).toBe(200);
    expect(found.body.items.map((item: { id: string }) => item.id)).toEqual([zoe.user.id, anna.user.id]);
    expect(found.body.next).toBeNull();
    expect(Object.keys(found.body.items[0]).sort()).toEqual(["created_at", "id", "name"]);
  });

  test("knows Cyrillic letters without case", async () => {
    const ending = unique();
    const { tokens, user } = await newAccount(`Жанна ${ending}`);
    const found = await search(tokens.access_token, `query=${encodeURIComponent(`жАННА ${ending.toUpperCase()}`)}`);
    expect(found.body.items.map((item: { id: string }) => item.id)).toEqual([user.id]);
  });

  test("never finds by e-mail", async () => {
    const { tokens, email } = await newAccount("Hidden");
    for (const query of [email, email.split("@")[0] ?? ""]) {
      expect((await search(tokens.access_token, `query=${encodeURIComponent(query)}`)).body).toEqual({
        items: [],
        next: null,
      });
    }
  });

  test.each([
    "",
    "query=",
    "query=%20%09",
    "query=%25",
    "query=_",
    "query=*",
    "query=%25%25_%20",
    "query=%5C",
    "query=%5C%25",
  ])("for nothing or for wildcards finds nothing: %s", async (query) => {
    const { tokens } = await anybody();
    const found = await search(tokens.access_token, query);
    expect([found.status, found.body]).toEqual([200, { items: [], next: null }]);
  });

  test("takes wildcards within a name for what they are", async () => {
    const begins = unique();
    const { tokens, user } = await newAccount(`${begins}%_\\x`);
    await newAccount(`${begins}abc`);
    for (const query of [`${begins}%`, `${begins}%_`, `${begins}%_\\`]) {
      const found = await search(tokens.access_token, `query=${encodeURIComponent(query)}`);
      expect(found.body.items.map((item: { id: string }) => item.id)).toEqual([user.id]);
    }
    for (const query of [`${begins}_`, `${begins}\\`, `${begins}%a`, `${begins}*`]) {
      const found = await search(tokens.access_token, `query=${encodeURIComponent(query)}`);
      expect(found.body.items).toEqual([]);
    }
  });

  test("goes page by page to the end, each person once, though their names are the same", async () => {
    const name = unique();
    const people = [await newAccount(name), await newAccount(name), await newAccount(name)];
    const token = people[0]?.tokens.access_token ?? "";
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; page < 3; page++) {
      const { body } = await search(token, `query=${name}&limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.next;
    }
    expect(cursor).toBeNull();
    expect(seen).toEqual(people.map(({ user }) => user.id).sort());
  });

  test.each([
    "cursor=x",
    "cursor=WyJhIl0",
    "cursor=WyJhIiwiYiJd",
    "limit=0",
    "limit=101",
    "limit=x",
    `query=${"a".repeat(129)}`,
    "query=a%00",
  ])("refuses %s", async (query) => {
    const { tokens } = await anybody();
    const refused = await search(tokens.access_token, `query=a&${query}`.replace(/^query=a&query/, "query"));
    expect([refused.status, refused.body.code]).toEqual([422, "INVALID_CONTENT"]);
    expect(refused.body.errors[0].path).toBe(query.split("=")[0]);
  });
});
