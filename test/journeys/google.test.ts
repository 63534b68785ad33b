import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { call, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;

beforeAll(async () => {
  at = await server();
});

interface Leaving {
  google: URL;
  cookie: string;
}

async function leave(): Promise<Leaving> {
  const left = await call(at, "GET", "/api/v1/auth/google");
  expect([left.status, left.headers.get("Location")]).toEqual([302, expect.stringMatching(`^${at.googleUrl}/`)]);
  const [cookie = ""] = left.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  return { google: new URL(left.headers.get("Location") ?? ""), cookie };
}

/** At the embedded Google's page: its form filled in, or its Cancel. @returns where it sends back to */
async function answered(google: URL, form: Record<string, string>): Promise<URL> {
  expect((await fetch(google)).headers.get("content-type")).toContain("text/html");
  const answer = await fetch(google, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
  return new URL(answer.headers.get("location") ?? "");
}

async function comeBack(callback: URL, cookie: string): Promise<URL> {
  const answer = await call(at, "GET", `${callback.pathname}${callback.search}`, { headers: { Cookie: cookie } });
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get("Location") ?? "");
}

const exchange = (code: string | null) => call(at, "POST", "/api/v1/auth/google/exchange", { body: { code } });

describe("a sign-in with Google", () => {
  test("goes from the page chosen there to tokens that work, and to the same account the next time", async () => {
    const email = `google.${randomUUID()}@example.com`;
    const { google, cookie } = await leave();
    const page = await comeBack(await answered(google, { email, name: "Гугл" }), cookie);
    expect(page.href).toMatch(`${at.url}/?code=`);
    const code = page.searchParams.get("code");
    const { status, body } = await exchange(code);
    expect([status, body.user.email, body.user.name]).toEqual([200, email, "Гугл"]);
    const me = await call(at, "GET", "/api/v1/users/me", { token: body.tokens.access_token });
    expect(me.body).toEqual(body.user);
    expect((await exchange(code)).status).toBe(410);

    const again = await leave();
    again.google.searchParams.set("prompt", "none");
    again.google.searchParams.set("login_hint", email);
    const sent = await fetch(again.google, { redirect: "manual" });
    expect(sent.status).toBe(302);
    const back = await comeBack(new URL(sent.headers.get("location") ?? ""), again.cookie);
    expect((await exchange(back.searchParams.get("code"))).body.user.id).toBe(body.user.id);
  });

  test("connects the account that was registered with the address", async () => {
    const [ann] = await people(at, "Ann");
    const { google, cookie } = await leave();
    const page = await comeBack(await answered(google, { email: ann.email, name: "Another" }), cookie);
    const { body } = await exchange(page.searchParams.get("code"));
    expect([body.user.id, body.user.name]).toEqual([ann.id, "Ann"]);
  });

  test("that is cancelled comes back to the page and says so", async () => {
    const { google, cookie } = await leave();
    const page = await comeBack(await answered(google, { cancel: "yes" }), cookie);
    expect(page.href).toBe(`${at.url}/?error=access_denied`);
  });

  test("that another browser brings back is refused, and so is one that was brought back", async () => {
    const { google, cookie } = await leave();
    const callback = await answered(google, { email: `google.${randomUUID()}@example.com`, name: "" });
    const stranger = await leave();
    const path = `${callback.pathname}${callback.search}`;
    const refused = [
      await call(at, "GET", path),
      await call(at, "GET", path, { headers: { Cookie: stranger.cookie } }),
    ];
    await comeBack(callback, cookie);
    refused.push(await call(at, "GET", path, { headers: { Cookie: cookie } }));
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 3 }, () => [400, "INVALID_MESSAGE"]),
    );
  });
});
