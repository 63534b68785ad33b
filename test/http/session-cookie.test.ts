import { afterEach, describe, expect, test, vi } from "vitest";
import { type Account, type Answered, call, envWith, get, newAccount, password, post } from "../support/accounts.ts";
import { later, mayRead, pair, startLogin, startRegistration, startReset } from "../support/signing.ts";
import { whilePostgres } from "../support/weather.ts";

const name = "__Secure-pingme-refresh";
const asked = { "X-Session": "cookie" };
const { refresh_token: _none, ...inCookie } = pair;
const form = new RegExp(`^${name}=([^;]+); (.*)$`);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The refresh token of the answer's cookie, which is as it must be. */
function cookieOf({ headers }: Answered, seconds = 2_592_000): string {
  const [, value = "", attributes = ""] = form.exec(headers.get("Set-Cookie") ?? "") ?? [];
  const wanted = ["HttpOnly", `Max-Age=${seconds}`, "Path=/api/v1/auth", "SameSite=Strict", "Secure"];
  expect(attributes.split("; ").sort()).toEqual(wanted);
  return value;
}

const clears = ({ headers }: Answered) =>
  /^__Secure-pingme-refresh=; Max-Age=0; /.test(headers.get("Set-Cookie") ?? "");

const refresh = (token: string, headers: Record<string, string> = asked) =>
  call("POST", "/auth/refresh", { headers: { ...headers, Cookie: `theme=dark; ${name}=${token}` } });

/** Signed in by a browser. */
async function browser(account: Account) {
  const answered = await post("/auth/verify-login", await startLogin(account), { headers: asked });
  return { token: cookieOf(answered), access: answered.body.tokens.access_token as string };
}

describe("with X-Session: cookie", () => {
  test("every way in puts the refresh token into the cookie and nowhere else", async () => {
    const account = await newAccount();
    const registered = await post("/auth/verify-registration", await startRegistration(), { headers: asked });
    const trusting = { ...(await startLogin(account)), trust_device: true };
    const signedIn = await post("/auth/verify-login", trusting, { headers: asked });
    const { device_token } = signedIn.body;
    const trusted = await post("/auth/login", { email: account.email, password, device_token }, { headers: asked });
    const started = { ...(await startReset(account)), password: "a quite new battery" };
    const reset = await post("/auth/verify-reset-password", started, { headers: asked });
    for (const answered of [registered, signedIn, trusted, reset]) {
      expect(answered.body.tokens).toEqual(inCookie);
      const token = cookieOf(answered);
      expect(JSON.stringify(answered.body)).not.toContain(token.split(".")[1]);
    }
  });

  test("a refresh takes it from the cookie, with an empty body or none, and puts the next one there", async () => {
    const { token } = await browser(await newAccount());
    const first = await refresh(token);
    expect([first.status, first.body]).toEqual([200, { tokens: inCookie }]);
    const next = cookieOf(first);
    expect(next).not.toBe(token);
    expect(await mayRead(first.body.tokens.access_token)).toBe(200);
    const headers = { ...asked, Cookie: `${name}=${next}` };
    const second = await post("/auth/refresh", {}, { headers });
    expect(second.status).toBe(200);
    const typed = { ...asked, Cookie: `${name}=${cookieOf(second)}`, "Content-Type": "application/json" };
    expect((await call("POST", "/auth/refresh", { headers: typed })).status).toBe(200);
  });

  test("a refresh without the cookie is refused, whatever the body shows", async () => {
    const { tokens } = await newAccount();
    for (const body of [{}, { refresh_token: tokens.refresh_token }]) {
      const refused = await post("/auth/refresh", body, { headers: asked });
      expect([refused.status, refused.body.code]).toEqual([401, "AUTH_FAILED"]);
    }
    expect((await refresh("x")).status).toBe(401);
    expect((await post("/auth/refresh", { refresh_token: tokens.refresh_token })).status).toBe(200);
  });

  test("an old cookie ends the session, and one that is refused is cleared", async () => {
    const { token, access } = await browser(await newAccount());
    const next = cookieOf(await refresh(token));
    later(11_000);
    for (const refused of [await refresh(token), await refresh(next)]) {
      expect([refused.status, clears(refused)]).toEqual([401, true]);
    }
    expect(await mayRead(access)).toBe(401);
  });

  test.each([
    ["POST", "/auth/logout"],
    ["DELETE", "/auth/sessions"],
  ])("%s %s clears it", async (method, path) => {
    const { token, access } = await browser(await newAccount());
    const out = await call(method, path, { token: access, headers: asked });
    expect([out.status, clears(out)]).toEqual([204, true]);
    expect((await refresh(token)).status).toBe(401);
  });

  test("deleting the account clears it", async () => {
    const { access } = await browser(await newAccount());
    const deleted = await call("DELETE", "/users/me", { token: access, headers: asked, body: { password } });
    expect([deleted.status, clears(deleted)]).toEqual([202, true]);
  });

  test("a refresh that could not be judged clears nothing", async () => {
    const { token } = await browser(await newAccount());
    const [session = ""] = token.split(".");
    const away = await whilePostgres(
      session,
      () => "away",
      () => refresh(token),
    );
    expect([away.status, away.headers.get("Set-Cookie")]).toEqual([503, null]);
    expect((await refresh(token)).status).toBe(200);
  });

  test("ending others clears nothing", async () => {
    const { access } = await browser(await newAccount());
    const out = await call("DELETE", "/auth/sessions?except=current", { token: access, headers: asked });
    expect([out.status, out.headers.get("Set-Cookie")]).toEqual([204, null]);
  });
});

describe("without it", () => {
  test.each([undefined, "Cookie", "cookies", "", "bearer"])("no cookie is read, set or cleared: %s", async (value) => {
    const headers: Record<string, string> = value === undefined ? {} : { "X-Session": value };
    const account = await newAccount();
    const { token } = await browser(account);
    const unread = await refresh(token, headers);
    expect([unread.status, unread.body.errors]).toEqual([422, [{ path: "refresh_token", message: "is needed" }]]);
    const signedIn = await post("/auth/verify-login", await startLogin(account), { headers });
    expect([signedIn.body.tokens, signedIn.headers.get("Set-Cookie")]).toEqual([pair, null]);
    const out = await call("POST", "/auth/logout", { token: signedIn.body.tokens.access_token, headers });
    expect([out.status, out.headers.get("Set-Cookie")]).toEqual([204, null]);
    expect((await refresh(token)).status).toBe(200);
  });
});

test("what is said to one about oneself is stored nowhere", async () => {
  const { tokens } = await newAccount();
  for (const path of ["/users/me", "/users/me/blocks"]) {
    for (const token of [tokens.access_token, "x.y.z"]) {
      expect((await get(path, { token })).headers.get("Cache-Control")).toBe("no-store");
    }
  }
});

test("a cookie is nobody's access token: other routes do not read it", async () => {
  const { token } = await browser(await newAccount());
  for (const [method, path] of [
    ["GET", "/users/me"],
    ["GET", "/auth/sessions"],
    ["POST", "/auth/logout"],
  ] as const) {
    const refused = await call(method, path, { headers: { ...asked, Cookie: `${name}=${token}` } });
    expect([path, refused.status]).toEqual([path, 401]);
  }
});

test.each(["*", "https://page.example"])(
  "a page of another origin cannot ask for it, though it may call: %s",
  async (allowed) => {
    const on = envWith({ CORS_ORIGINS: allowed });
    const preflight = await call("OPTIONS", "/auth/refresh", {
      on,
      headers: {
        Origin: "https://page.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-session",
      },
    });
    expect(preflight.headers.get("Access-Control-Allow-Origin")).toBe("https://page.example");
    expect(preflight.headers.get("Access-Control-Allow-Headers")?.toLowerCase()).not.toContain("x-session");
    expect(preflight.headers.get("Access-Control-Allow-Credentials")).toBeNull();
  },
);
