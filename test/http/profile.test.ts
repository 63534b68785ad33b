import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { users } from "../../src/db/schema.ts";
import type { Env } from "../../src/env.ts";
import { type Account, call, defaultSettings, get, newAccount } from "../support/accounts.ts";
import { bindings, db } from "../support/room.ts";

const patch = (who: Account, body: unknown) => call("PATCH", "/users/me", { body, token: who.tokens.access_token });
const meOf = async (who: Account) => (await get("/users/me", { token: who.tokens.access_token })).body;
const rowOf = async (who: Account) => (await db.select().from(users).where(eq(users.id, who.user.id)))[0];

/** A username nobody else has; it reads as itself. */
const someUsername = () => `u${newId().replaceAll("-", "").slice(8, 30)}`;

let known: ReturnType<typeof newAccount> | undefined;
/** For refusals, which change nothing. */
const anybody = () => {
  known ??= newAccount("Somebody");
  return known;
};

describe("a profile does", () => {
  test("change in all its fields, and is seen by others but for what is private", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const username = someUsername();
    const change = { name: " Anna ", username, bio: "Hi,\nI am Анна", phone_number: "+14155550100" };
    const changed = await patch(ann, { ...change, settings: { language: "ru", push_text: false } });
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({
      ...{ id: ann.user.id, ...change, name: "Anna", email: ann.email },
      ...{ settings: { ...defaultSettings, language: "ru", push_text: false }, created_at: expect.any(String) },
    });
    expect(await meOf(ann)).toEqual(changed.body);
    const seen = await get(`/users/${ann.user.id}`, { token: bob.tokens.access_token });
    const { email: _email, phone_number: _phone, settings: _settings, ...shown } = changed.body;
    expect(seen.body).toEqual(shown);
  });

  test("lose what null takes away, and keep what is left out", async () => {
    const ann = await newAccount();
    await patch(ann, { username: someUsername(), bio: "Hi", phone_number: "+4915112345678" });
    const changed = await patch(ann, { username: null, bio: null });
    expect(changed.body).toMatchObject({ name: "Ann", phone_number: "+4915112345678" });
    expect(Object.keys(changed.body)).not.toEqual(expect.arrayContaining(["username"]));
    expect(Object.keys(changed.body)).not.toEqual(expect.arrayContaining(["bio"]));
  });

  test("merge settings key by key, also when two change at once", async () => {
    const ann = await newAccount();
    await Promise.all([
      patch(ann, { settings: { last_seen: "nobody" } }),
      patch(ann, { settings: { language: "ru", unknown: 1 } }),
      patch(ann, { settings: { push_text: false } }),
    ]);
    expect((await meOf(ann)).settings).toEqual({
      ...{ language: "ru", last_seen: "nobody", read_receipts: true, push_text: false },
    });
    const back = await patch(ann, { settings: { language: null, last_seen: null } });
    expect(back.body.settings).toEqual({ ...defaultSettings, push_text: false });
    expect((await rowOf(ann))?.settings).toEqual({ push_text: false });
  });

  test("stay as it is where nothing is asked for", async () => {
    const ann = await newAccount();
    const before = await rowOf(ann);
    const changed = await patch(ann, {});
    expect([changed.status, changed.body]).toEqual([200, await meOf(ann)]);
    expect(await rowOf(ann)).toEqual(before);
  });

  test("let a username go to somebody else, and be kept in another case", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const username = someUsername();
    await patch(ann, { username });
    expect((await patch(ann, { username: username.toUpperCase() })).body.username).toBe(username.toUpperCase());
    await patch(ann, { username: null });
    expect((await patch(bob, { username })).status).toBe(200);
  });

  test("give a username to one of many who want it at once, in whatever case", async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => newAccount()));
    const username = someUsername();
    const spelled = (at: number) => (at % 2 ? username.toUpperCase() : username);
    const answers = await Promise.all(people.map((who, at) => patch(who, { username: spelled(at) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const holders = await db.select().from(users).where(eq(users.username, username));
    const others = await db.select().from(users).where(eq(users.username, username.toUpperCase()));
    expect(holders.length + others.length).toBe(1);
  });
});

describe("a profile refuses", () => {
  test("a username somebody has, in any case, and changes nothing else then", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const username = someUsername();
    await patch(ann, { username });
    const refused = await patch(bob, { username: username.toUpperCase(), name: "Bobby" });
    expect([refused.status, refused.body.code]).toEqual([409, "CONFLICT"]);
    expect(refused.body.errors).toEqual([{ path: "username", message: "is taken" }]);
    expect((await meOf(bob)).name).toBe("Bob");
  });

  test.each(["admin", "ADMIN", "adm1n", "p1ngme_", "PlNGME", "s_u_p_p_o_r_t", "r00t", "rnoderator", "Null"])(
    "a username that is reserved or looks so: %s",
    async (username) => {
      const refused = await patch(await anybody(), { username });
      expect([refused.status, refused.body.errors]).toEqual([422, [{ path: "username", message: "is reserved" }]]);
    },
  );

  test.each([
    ...[
      "ab",
      "a".repeat(33),
      "1abc",
      "_abc",
      "a-b-c",
      "a b c",
      "",
      "аnna",
      "ann\u0430",
      "ａｎｎａ",
      "an\u200bna",
      "an\nna",
      "ﬁona",
    ].map((username) => ({ username })),
    ...[
      "14155550100",
      "+0123456789",
      "+1",
      "+1 415 555 0100",
      "+1415555010012345",
      "+١٤١٥٥٥٥٠١٠٠",
      "tel:+14155550100",
      "",
      14155550100,
    ].map((phone_number) => ({ phone_number })),
    ...[
      "",
      "  ",
      "\u200b",
      "Ann\r\nBcc: x@example.test",
      "Ann\0",
      "a".repeat(65),
      "\u202eAnn",
      "\ud800",
      null,
      7,
      {},
    ].map((name) => ({
      name,
    })),
    ...["a".repeat(501), "a\0b", "\u0007", "\ud800", 7].map((bio) => ({ bio })),
    ...[{ language: "de" }, { last_seen: "friends" }, { read_receipts: "yes" }, { push_text: 1 }].map((settings) => ({
      settings,
    })),
    { settings: null },
    { settings: [] },
  ])("a field that is wrong, by its name: %j", async (body) => {
    const refused = await patch(await anybody(), body);
    expect([refused.status, refused.body.code]).toEqual([422, "INVALID_CONTENT"]);
    expect(refused.body.errors[0].path.split(".")[0]).toBe(Object.keys(body)[0]);
    expect(await meOf(await anybody())).toMatchObject({ name: "Somebody", settings: defaultSettings });
  });

  test("to be told what is not in a profile: it is ignored", async () => {
    const ann = await newAccount();
    const before = await rowOf(ann);
    const forged = {
      ...{ id: newId(), email: "root@example.test", email_verified: true, password_hash: "x", google_sub: "1" },
      ...{
        role: "OWNER",
        is_admin: true,
        created_at: "2000-01-01T00:00:00.000Z",
        deleted_at: "2000-01-01T00:00:00.000Z",
      },
      ...{ avatar_url: "https://example.test/a.png", constructor: { name: "Eve" } },
    };
    const raw = JSON.stringify({ ...forged, bio: "Hi" }).replace("{", '{"__proto__":{"name":"Eve"},');
    const changed = await call("PATCH", "/users/me", { raw, token: ann.tokens.access_token });
    expect(changed.status).toBe(200);
    expect(await rowOf(ann)).toEqual({ ...before, bio: "Hi", updated_at: expect.any(Date) });
  });

  test.each([["[]"], ["null"], ['"name"'], ["{"], [""]])("a body that is no object: %s", async (raw) => {
    const { tokens } = await anybody();
    const refused = await call("PATCH", "/users/me", {
      token: tokens.access_token,
      ...(raw === "" ? {} : { raw }),
    });
    expect([refused.status, refused.body.code]).toEqual([400, "INVALID_MESSAGE"]);
  });

  test("who is not signed in, before it looks at the fields", async () => {
    const refused = await call("PATCH", "/users/me", { body: { name: 7 } });
    expect([refused.status, refused.body.code]).toEqual([401, "AUTH_REQUIRED"]);
  });

  test("one whose account is gone", async () => {
    const ann = await newAccount();
    await db.update(users).set({ deleted_at: new Date() }).where(eq(users.id, ann.user.id));
    for (const body of [{}, { bio: "x" }]) {
      const refused = await patch(ann, body);
      expect([refused.status, refused.body.code]).toEqual([401, "AUTH_FAILED"]);
    }
  });
});

describe("a profile survives", () => {
  test("an object that is away: the change is there, is said to be told to nobody yet, and a repeat tells it", async () => {
    const ann = await newAccount();
    const away = {
      idFromName: (name: string) => name,
      get: () => ({ factsChanged: () => Promise.reject(new Error("Network connection lost.")) }),
    } as unknown as Env["USERS"];
    const broken = { token: ann.tokens.access_token, on: { ...bindings, USERS: away } };
    const refused = await call("PATCH", "/users/me", { ...broken, body: { name: "Anna" } });
    expect([refused.status, refused.body.code]).toEqual([503, "UNAVAILABLE"]);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await patch(ann, { name: "Anna" })).body.name).toBe("Anna");
    // What no conversation knows of needs nobody told.
    expect((await call("PATCH", "/users/me", { ...broken, body: { bio: "Hi" } })).status).toBe(200);
  });
});
