import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { parseQuery } from "../../src/core/search-query.ts";
import { UserObject } from "../../src/objects/user.ts";
import { limits } from "../../src/protocol/limits.ts";
import { type Account, call, get, newAccount, post } from "../support/accounts.ts";
import { bindings, type Json, soon, until, withLimits } from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

withLimits(soon);

const as = ({ tokens }: Account) => ({ token: tokens.access_token });
let [ann, bob, eve]: Account[] = [];
let room: string;

async function group(owner: Account, ...others: Account[]): Promise<string> {
  const participant_ids = others.map(({ user }) => user.id);
  const { body } = await post("/conversations", { title: "Lunch", participant_ids }, as(owner));
  return body.id;
}

beforeAll(async () => {
  [ann, bob, eve] = await Promise.all([newAccount("Ann"), newAccount("Bob"), newAccount("Eve")]);
  room = await group(me(ann), me(bob));
});

function me(account: Account | undefined): Account {
  if (!account) throw new Error("Nobody is there yet");
  return account;
}

const say = async (who: Account, content: string) =>
  (await post(`/conversations/${room}/messages`, { content }, as(who))).body as Json;

const ways = () => ["/messages/search", `/conversations/${room}/messages/search`];
const search = (who: Account, path: string, query: string) =>
  get(`${path}?query=${encodeURIComponent(query)}`, as(who));
const found = async (who: Account, path: string, query: string): Promise<string[]> =>
  (await search(who, path, query)).body.items.map((item: Json) => item.content);

/** Says something, and waits until it is found. */
async function told(who: Account, content: string): Promise<Json> {
  const said = await say(who, content);
  for (const path of ways()) {
    await until("it is found", async () => (await found(who, path, `"${content}"`)).includes(content) || undefined);
  }
  return said;
}

describe("a query", () => {
  test.each(["", " ", "-", "-word", '"', "😀", "\0"])("%j has no word to look for: 422 names it", async (query) => {
    for (const path of ways()) {
      const refused = await search(me(ann), path, query);
      expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([
        422,
        "INVALID_CONTENT",
        "query",
      ]);
    }
  });

  test("is refused where a field is wrong, and named", async () => {
    const strange = btoa("[1,2,3]");
    for (const [field, value] of [
      ["cursor", "nonsense"],
      ["cursor", strange],
      ["limit", "0"],
      ["limit", String(limits.pageMost + 1)],
      ["sender", "ann"],
      ["sent_before", "12"],
      ["sent_after", "yesterday"],
      ["has_media", "perhaps"],
      ["query", "x".repeat(limits.searchLength + 1)],
    ]) {
      for (const path of ways()) {
        const query = new URLSearchParams({ query: "word", [String(field)]: String(value) });
        const refused = await get(`${path}?${query}`, as(me(ann)));
        expect([refused.status, refused.body.errors?.[0].path], `${field}=${value}`).toEqual([422, field]);
      }
    }
    for (const path of ways()) expect((await get(path, as(me(ann)))).status).toBe(422);
  });

  test("of whatever characters is a query, or has no word: never an error of ours", async () => {
    const unit = fc.oneof(
      fc.constantFrom(..."aб \"-'\\&|!:*()<>%"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    );
    const isAnswered = async (text: string) => {
      const expected = parseQuery(text) ? 200 : 422;
      for (const path of ways()) expect((await search(me(ann), path, text)).status, path).toBe(expected);
    };
    await fc.assert(fc.asyncProperty(fc.string({ unit, maxLength: 30 }), isAnswered), { numRuns: 40 });
  });
});

describe("who is not in a conversation", () => {
  test("is told it is not there, signed out that a token is needed", async () => {
    await told(me(ann), "between us");
    const [everywhere = "", inside = ""] = ways();
    const refused = await search(me(eve), inside, "between");
    expect([refused.status, refused.body.code]).toEqual([404, "CONVERSATION_NOT_FOUND"]);
    expect((await get("/conversations/x/messages/search?query=word", as(me(ann)))).status).toBe(404);
    expect(await found(me(eve), everywhere, "between")).toEqual([]);
    for (const path of ways()) expect((await get(`${path}?query=between`)).status).toBe(401);
  });
});

/** Nothing of the conversation reaches Postgres; searches do. */
function whileUndrained<T>(run: () => Promise<T>): Promise<T> {
  return whilePostgres(room, (body) => (body.includes("insert into") ? "away" : "fine"), run);
}

describe("what Postgres has not heard of yet", () => {
  test("a deletion: the message is not found from its answer on", async () => {
    const { id } = await told(me(ann), "a secret to be forgotten");
    await whileUndrained(async () => {
      expect((await call("DELETE", `/conversations/${room}/messages/${id}`, as(me(ann)))).status).toBe(204);
      for (const path of ways()) expect(await found(me(ann), path, "forgotten"), path).toEqual([]);
      const [everywhere = "", inside = ""] = ways();
      expect(await found(me(bob), inside, "forgotten")).toEqual([]);
      const isGone = async () => (await found(me(bob), everywhere, "forgotten")).length === 0 || undefined;
      await until("it is gone for the others, too", isGone);
    });
  });

  test("a removal: who was removed and has heard of it finds nothing there", async () => {
    const cem = await newAccount("Cem");
    const other = await group(me(ann), cem);
    await post(`/conversations/${other}/messages`, { content: "among us" }, as(me(ann)));
    const ofCem = () => found(cem, "/messages/search", "among");
    await until("it is found", async () => (await ofCem()).includes("among us") || undefined);
    await whilePostgres(
      other,
      (body) => (body.includes("insert into") ? "away" : "fine"),
      async () => {
        await call("DELETE", `/conversations/${other}/members/${cem.user.id}`, as(me(ann)));
        await until("nothing to be found", async () => (await ofCem()).length === 0 || undefined);
      },
    );
  });

  test("an edit: the message is shown as it is now, and not found by what it has not", async () => {
    const { id } = await told(me(ann), "meeting at noon");
    await whileUndrained(async () => {
      const path = `/conversations/${room}/messages/${id}`;
      expect((await call("PATCH", path, { body: { content: "meeting at one" }, ...as(me(ann)) })).status).toBe(200);
      for (const path of ways()) {
        const [item] = (await search(me(ann), path, "meeting")).body.items;
        const snippet = { text: "meeting at one", highlights: [{ start: 0, length: 7 }] };
        expect(item, path).toMatchObject({ id, content: "meeting at one", is_edited: true, snippet });
        expect(await found(me(ann), path, "noon"), path).toEqual([]);
      }
    });
  });
});

test.each([
  ["DELETE", undefined],
  ["PATCH", { content: "other words" }],
])(
  "who has %sd a message over REST is shown their conversation as it is from the answer on, not when they hear of it",
  async (method, body) => {
    const who = await newAccount("Cem");
    const own = await group(who);
    const { body: said } = await post(`/conversations/${own}/messages`, { content: "words" }, as(who));
    const { USERS } = bindings;
    const marked = async () => (await USERS.get(USERS.idFromName(who.user.id)).heads()).marked;
    expect(await marked()).toEqual([]);
    await call(method, `/conversations/${own}/messages/${said.id}`, { body, ...as(who) });
    expect(await marked()).toEqual([own]);
  },
);

test("an edit and a deletion are done, and say so, where one's own object is away", async () => {
  const { id } = await say(me(ann), "words");
  const path = `/conversations/${room}/messages/${id}`;
  const away = vi.spyOn(UserObject.prototype, "marked").mockRejectedValue(new Error("It is away"));
  const edit = await call("PATCH", path, { body: { content: "other words" }, ...as(me(ann)) });
  const deletion = await call("DELETE", path, as(me(ann)));
  expect([edit.status, deletion.status, away.mock.calls.length]).toEqual([200, 204, 2]);
  away.mockRestore();
});

test("while Postgres is away the answer is 503", async () => {
  for (const path of ways()) {
    const answer = await whilePostgres(
      "with recursive",
      () => "away",
      () => search(me(ann), path, "word"),
    );
    expect([answer.status, answer.body.code]).toEqual([503, "UNAVAILABLE"]);
  }
});
