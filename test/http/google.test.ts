import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { credentialsOf } from "../../src/db/users.ts";
import type { Env } from "../../src/env.ts";
import { createApp } from "../../src/http/app.ts";
import { get, mailsTo, newAccount, newEmail, post } from "../support/accounts.ts";
import { Browser, chosenAt, googleEnv, isWrong, right } from "../support/google.ts";
import type { Wrong } from "../support/google-wrong.ts";

const on = googleEnv();
const page = "http://localhost/";

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await right();
});

function later(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

const exchange = (code: string | null, worker: Env = on) => post("/auth/google/exchange", { code }, { on: worker });

const specification = async () => (await createApp().request("http://localhost/openapi.json", {}, on)).json();

/** Goes through a Google that is wrong. @returns what the page is told */
async function told(wrong: Wrong, email = newEmail(), worker: Env = on): Promise<Record<string, string>> {
  const browser = new Browser(worker);
  const callback = await chosenAt(await browser.leave(), email);
  await isWrong(wrong);
  const back = await browser.comeBack(callback);
  expect(back.status).toBe(303);
  return Object.fromEntries(new URL(back.headers.get("Location") ?? "").searchParams);
}

/** One sign-in from its beginning to its tokens. */
async function signedIn(email: string, worker: Env = on) {
  const back = await new Browser(worker).goThrough(email);
  const { status, body } = await exchange(back.searchParams.get("code"), worker);
  expect(status).toBe(200);
  return body;
}

/** Who is signed in by three callbacks at once. */
async function idsAtOnce(email: string): Promise<string[]> {
  const ready = [];
  for (const browser of [new Browser(on), new Browser(on), new Browser(on)]) {
    ready.push({ browser, callback: await chosenAt(await browser.leave(), email) });
  }
  const answers = await Promise.all(ready.map(({ browser, callback }) => browser.comeBack(callback)));
  const codes = answers.map(({ headers }) => new URL(headers.get("Location") ?? "").searchParams.get("code"));
  return await Promise.all(codes.map(async (code) => (await exchange(code)).body.user.id));
}

describe("whether one can sign in with Google", () => {
  const asked = (worker: Env) => createApp().request("http://localhost/api/v1/auth/google", { method: "HEAD" }, worker);

  test("is asked by HEAD, which begins nothing", async () => {
    const { status, headers } = await asked(on);
    expect([status, headers.get("Set-Cookie"), headers.get("Location")]).toEqual([204, null, null]);
  });

  test("is no where it is not set up", async () => {
    const without = { GOOGLE_CLIENT_ID: "", GOOGLE_CLIENT_SECRET: "", GOOGLE_ISSUER: "" };
    expect((await asked({ ...on, ...without })).status).toBe(404);
  });
});

describe("signing in with Google", () => {
  test("makes an account for somebody new, without a password", async () => {
    const email = newEmail();
    await isWrong({ claims: { name: "  Ann\u202E Smith " } });
    const back = await new Browser(on).goThrough(email);
    expect([back.origin + back.pathname, [...back.searchParams.keys()]]).toEqual([page, ["code"]]);
    const { status, body, headers } = await exchange(back.searchParams.get("code"));
    expect([status, headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    expect(body.user).toMatchObject({ email, name: "Ann  Smith" });
    expect(body.user).not.toHaveProperty("google_sub");
    const me = await get("/users/me", { token: body.tokens.access_token, on });
    expect(me.body).toEqual(body.user);
    expect((await credentialsOf(connect(on).db, email))?.password_hash).toBeNull();
    expect((await post("/auth/login", { email, password: "anything at all" }, { on })).status).toBe(401);
    expect(await mailsTo(email)).toEqual([]);
  });

  test("signs in to the account that has the address, and tells its owner once", async () => {
    const ann = await newAccount();
    expect((await signedIn(ann.email.toUpperCase())).user.id).toBe(ann.user.id);
    expect((await signedIn(ann.email)).user.id).toBe(ann.user.id);
    const mails = await mailsTo(ann.email);
    expect(mails.map(({ subject }) => subject)).toEqual(["Google was connected to your PingMe account"]);
    // The password stays as it was.
    expect((await post("/auth/login", { email: ann.email, password: ann.password }, { on })).status).toBe(202);
  });

  test("is the same account again, though its address is another by now", async () => {
    const first = await signedIn(newEmail());
    const sub = `sub-${newId()}`;
    const email = newEmail();
    await isWrong({ claims: { sub } });
    const made = await signedIn(email);
    expect(made.user.id).not.toBe(first.user.id);
    await isWrong({ claims: { sub, email: newEmail() } });
    expect((await signedIn(newEmail())).user).toEqual(made.user);
  });

  test("of a new address three times at once makes one account", async () => {
    const email = newEmail();
    expect(new Set(await idsAtOnce(email)).size).toBe(1);
    expect(await mailsTo(email)).toEqual([]);
  });

  test("of an address that has an account, three times at once, connects it once", async () => {
    const { email, user } = await newAccount();
    expect(new Set(await idsAtOnce(email))).toEqual(new Set([user.id]));
    expect(await mailsTo(email)).toHaveLength(1);
  });

  test("works in two tabs at once, whichever comes back first", async () => {
    const [one, other, browser] = [newEmail(), newEmail(), new Browser(on)];
    const [first, second] = [await browser.leave(), await browser.leave()];
    const ends = [await chosenAt(second, other), await chosenAt(first, one)];
    for (const [index, callback] of ends.entries()) {
      const back = new URL((await browser.comeBack(callback)).headers.get("Location") ?? "");
      const { body } = await exchange(back.searchParams.get("code"));
      expect(body.user.email).toBe([other, one][index]);
    }
    expect(browser.cookies.size).toBe(0);
  });

  test("ties the way back to the browser by a cookie no script and no other site can read, gone at the end", async () => {
    const browser = new Browser(on);
    const left = await browser.get("/auth/google");
    expect([left.status, left.headers.get("Cache-Control")]).toEqual([302, "no-store"]);
    const [line = ""] = left.headers.getSetCookie();
    expect(line).toMatch(/^__Host-pingme-google-[\w-]{8}=[\w-]{43}; /);
    const rules = line.split("; ").slice(1).toSorted();
    expect(rules).toEqual(["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure"]);
    const location = left.headers.get("Location") ?? "";
    expect(location).not.toContain([...browser.cookies.values()][0]);
    const back = await browser.comeBack(await chosenAt(location, newEmail()));
    expect([back.status, back.headers.get("Cache-Control")]).toEqual([303, "no-store"]);
    expect(back.headers.getSetCookie().join()).toMatch(/^__Host-pingme-google-[\w-]{8}=; Max-Age=0;/);
    expect(browser.cookies.size).toBe(0);
  });

  test("keeps no more cookies than tabs one has: the oldest gives way", async () => {
    const browser = new Browser(on);
    for (let tab = 0; tab < 8; tab++) await browser.leave();
    const [oldest, ...rest] = [...browser.cookies.keys()];
    await browser.leave();
    expect(browser.cookies.size).toBe(8);
    expect([...browser.cookies.keys()]).not.toContain(oldest);
    expect([...browser.cookies.keys()]).toEqual(expect.arrayContaining(rest));
  });

  test("comes back to the page that is set, with what its address says already", async () => {
    const worker = googleEnv({ GOOGLE_RETURN_URL: "https://app.pingme.example/in?from=google&code=old" });
    const back = await new Browser(worker).goThrough(newEmail());
    expect(back.href).toMatch(/^https:\/\/app\.pingme\.example\/in\?from=google&code=[\w-]{43}$/);
  });
});

describe("Google's word", () => {
  test.each([
    ["access_denied", "access_denied"],
    ["temporarily_unavailable", "temporarily_unavailable"],
    ["interaction_required", "server_error"],
    ["account_conflict", "server_error"],
    ["<script>", "server_error"],
    ["", "server_error"],
  ])("%j tells the page %s, and the state is used up", async (error, word) => {
    const browser = new Browser(on);
    const state = new URL(await browser.leave()).searchParams.get("state") ?? "";
    const cookies = new Map(browser.cookies);
    const callback = new URL(`${page}api/v1/auth/google/callback?${new URLSearchParams({ error, state })}`);
    const back = await browser.comeBack(callback);
    expect([back.status, back.headers.get("Location")]).toEqual([303, `${page}?error=${word}`]);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expect((await browser.comeBack(callback)).status).toBe(400);
  });

  test("of an address it has not verified signs nobody in", async () => {
    const ann = await newAccount();
    expect(await told({ claims: { email_verified: false } }, ann.email)).toEqual({ error: "email_unverified" });
    const email = newEmail();
    expect(await told({ claims: { email_verified: "true" } }, email)).toEqual({ error: "email_unverified" });
    expect(await credentialsOf(connect(on).db, email)).toBeUndefined();
    expect(await mailsTo(ann.email)).toEqual([]);
  });

  test("of an address whose account is connected to another Google account signs nobody in", async () => {
    const email = newEmail();
    const { user } = await signedIn(email);
    expect(await told({ claims: { sub: `sub-${newId()}` } }, email)).toEqual({ error: "account_conflict" });
    await right();
    expect((await signedIn(email)).user.id).toBe(user.id);
  });

  test.each<[string, Wrong]>([
    ["another nonce", { claims: { nonce: "another" } }],
    ["another audience", { claims: { aud: "another" } }],
    ["no signature", { signed: "not" }],
    ["a stranger's signature", { signed: "by a stranger" }],
  ])("with %s is not believed", async (_, wrong) => {
    const email = newEmail();
    expect(await told(wrong, email)).toEqual({ error: "server_error" });
    expect(await credentialsOf(connect(on).db, email)).toBeUndefined();
  });

  test("with a code that was used before, or without one, is not believed", async () => {
    const [email, browser] = [newEmail(), new Browser(on)];
    const callback = await chosenAt(await browser.leave(), email);
    expect((await browser.comeBack(callback)).headers.get("Location")).toContain("?code=");
    for (const code of [callback.searchParams.get("code") ?? "", ""]) {
      const again = await chosenAt(await browser.leave(), email);
      again.searchParams.set("code", code);
      expect((await browser.comeBack(again)).headers.get("Location")).toBe(`${page}?error=server_error`);
    }
  });
});

describe("a callback is refused", () => {
  const refused = expect.objectContaining({ status: 400, body: expect.objectContaining({ code: "INVALID_MESSAGE" }) });

  test("without a state, or with one that is none, or twice over", async () => {
    const browser = new Browser(on);
    const state = new URL(await browser.leave()).searchParams.get("state") ?? "";
    const other = `${state.slice(0, 8)}${"x".repeat(35)}`;
    const queries = ["", "?code=a", "?state=", "?state=a&code=a", "?error=access_denied", `?state=${other}&code=a`];
    for (const query of [
      ...queries,
      `?state=${state}&state=${state}&code=a`,
      `?state=${state.slice(0, 8)}&code=a`,
      `?state=${state}&code=${"a".repeat(2_049)}`,
    ]) {
      const answer = await browser.get(`/auth/google/callback${query}`);
      expect(answer).toEqual(refused);
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
    }
  });

  test("in another browser, which cannot use it up", async () => {
    const [ann, eve, nobody] = [new Browser(on), new Browser(on), new Browser(on)];
    const callback = await chosenAt(await ann.leave(), newEmail());
    await eve.leave();
    const [name = ""] = ann.cookies.keys();
    for (const value of eve.cookies.values()) eve.cookies.set(name, value);
    for (const browser of [eve, nobody]) expect(await browser.comeBack(callback)).toEqual(refused);
    expect((await ann.comeBack(callback)).headers.get("Location")).toContain("?code=");
  });

  test("the second time, also when both come at once", async () => {
    const browser = new Browser(on);
    const callback = await chosenAt(await browser.leave(), newEmail());
    const same = Array.from({ length: 5 }, () => {
      const one = new Browser(on);
      for (const [name, value] of browser.cookies) one.cookies.set(name, value);
      return one;
    });
    const answers = await Promise.all(same.map((one) => one.comeBack(callback)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 400, 400, 400, 400]);
  });

  test("after ten minutes", async () => {
    const browser = new Browser(on);
    const callback = await chosenAt(await browser.leave(), newEmail());
    later(10 * 60_000);
    expect(await browser.comeBack(callback)).toEqual(refused);
  });
});

describe("the code of the page", () => {
  const codeFor = async () => (await new Browser(on).goThrough(newEmail())).searchParams.get("code") ?? "";

  test("is good once, also for ten at once", async () => {
    const code = await codeFor();
    const answers = await Promise.all(Array.from({ length: 10 }, () => exchange(code)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 410)]);
    expect(answers.find(({ status }) => status === 410)?.body.code).toBe("GONE");
  });

  test("is over after a minute", async () => {
    const code = await codeFor();
    later(60_000);
    expect((await exchange(code)).status).toBe(410);
  });

  test("is not to be guessed, and Google's own is none", async () => {
    const browser = new Browser(on);
    const callback = await chosenAt(await browser.leave(), newEmail());
    for (const code of ["x".repeat(43), callback.searchParams.get("code"), callback.searchParams.get("state")]) {
      expect((await exchange(code)).status).toBe(410);
    }
  });

  test.each([
    [422, { code: "" }],
    [422, { code: 7 }],
    [422, { code: "x".repeat(129) }],
    [422, {}],
    [400, []],
  ])("is refused with %i when it is none", async (status, body) => {
    const answer = await post("/auth/google/exchange", body, { on });
    expect(answer.status).toBe(status);
    if (status === 422) expect(answer.body.errors[0].path).toBe("code");
  });

  test("opens a session in a cookie for a page that asks for that", async () => {
    const headers = { "X-Session": "cookie" };
    const {
      status,
      body,
      headers: got,
    } = await post("/auth/google/exchange", { code: await codeFor() }, { on, headers });
    expect(status).toBe(200);
    expect(body.tokens).not.toHaveProperty("refresh_token");
    expect(got.getSetCookie().join()).toContain("HttpOnly");
  });
});

describe("with a backend away", () => {
  const dead = "http://127.0.0.1:1";

  test("nobody is sent to Google: 503", async () => {
    for (const worker of [googleEnv({ GOOGLE_ISSUER: dead }), googleEnv({ UPSTASH_REDIS_REST_URL: dead })]) {
      const answer = await get("/auth/google", { on: worker });
      expect([answer.status, answer.body.code]).toEqual([503, "UNAVAILABLE"]);
      expect(answer.headers.get("Retry-After")).toBeTruthy();
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  test.each<[string, Wrong]>([
    ["Google's tokens", { at: { "/token": {} } }],
    ["Google's keys", { at: { "/certs": {} } }],
  ])("%s, the page is told that it is for a while", async (_, wrong) => {
    expect(await told(wrong, newEmail(), googleEnv())).toEqual({ error: "temporarily_unavailable" });
  });

  test("Postgres, the page is told that it is for a while, and the next sign-in works", async () => {
    const away = googleEnv({ DATABASE_HTTP_URL: `${dead}/sql` });
    expect(await told({}, newEmail(), away)).toEqual({ error: "temporarily_unavailable" });
    // The driver has one endpoint for the isolate: that of the last that was connected.
    expect(await told({}, newEmail(), googleEnv())).toEqual({ code: expect.any(String) });
  });

  test("Redis, the answer is 503: neither a state nor a code is taken for a bad one", async () => {
    const worker = googleEnv({ UPSTASH_REDIS_REST_URL: dead });
    const browser = new Browser(worker);
    browser.cookies.set("__Host-pingme-google-abcdefgh", "x".repeat(43));
    expect((await browser.get("/auth/google/callback?state=abcdefghi&code=a")).status).toBe(503);
    expect((await exchange("x".repeat(43), worker)).status).toBe(503);
  });
});

describe("where Google is not set up", () => {
  test("its routes say so", async () => {
    const worker = googleEnv({ GOOGLE_CLIENT_ID: "", GOOGLE_CLIENT_SECRET: "" });
    const answers = [
      await get("/auth/google", { on: worker }),
      await get("/auth/google/callback?state=a&code=a", { on: worker }),
      await exchange("x".repeat(43), worker),
    ];
    for (const { status, body } of answers) {
      expect([status, body.code, body.detail]).toEqual([404, "NOT_FOUND", expect.stringContaining("not set up")]);
    }
  });
});

test("the routes are in the specification", async () => {
  const { paths } = (await specification()) as { paths: Record<string, Record<string, object>> };
  const callback = paths["/api/v1/auth/google/callback"]?.get;
  expect(callback).toMatchObject({ parameters: [{ name: "state" }, { name: "code" }, { name: "error" }] });
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(["/api/v1/auth/google", "/api/v1/auth/google/exchange"]));
});

test("no code, token or state of Google's is ever in the log", async () => {
  const written = vi.spyOn(console, "log");
  const browser = new Browser(on);
  const callback = await chosenAt(await browser.leave(), newEmail());
  const back = new URL((await browser.comeBack(callback)).headers.get("Location") ?? "");
  const code = back.searchParams.get("code") ?? "";
  await exchange(code);
  await told({ at: { "/token": { status: 400, body: { error: `leaks ${code}` } } } });
  const log = written.mock.calls.flat().join("\n");
  expect(log).toContain("/auth/google/callback");
  for (const secret of [code, callback.searchParams.get("code"), callback.searchParams.get("state")]) {
    expect(log).not.toContain(secret);
  }
});
