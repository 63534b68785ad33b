import { createHash, randomBytes, randomUUID } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Google, startGoogle } from "../../src/local/google.ts";
import { googleClient } from "../../src/local/google-client.ts";

let google: Google;
beforeAll(async () => {
  google = await startGoogle({ port: 0 });
});
afterAll(() => google.close());

const redirect_uri = "http://127.0.0.1:8787/api/v1/auth/google/callback";
const stranger = () => `${randomUUID()}@example.com`;
const verifier = randomBytes(32).toString("base64url");
const code_challenge = createHash("sha256").update(verifier).digest("base64url");

function authorizeUrl(changes: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: googleClient.id,
    redirect_uri,
    response_type: "code",
    scope: "openid email profile",
    state: "the state",
    nonce: "the nonce",
    code_challenge,
    code_challenge_method: "S256",
    ...changes,
  });
  return `${google.issuer}/authorize?${query}`;
}

const ask = (url: string, form?: Record<string, string>) =>
  fetch(url, { redirect: "manual", ...(form ? { method: "POST", body: new URLSearchParams(form) } : {}) });

const backFrom = (answer: Response) => new URL(answer.headers.get("location") ?? "").searchParams;

async function codeFor(email: string): Promise<string> {
  return backFrom(await ask(authorizeUrl({ prompt: "none", login_hint: email }))).get("code") ?? "";
}

async function exchange(code: string, changes: Record<string, string> = {}) {
  const answer = await ask(`${google.issuer}/token`, {
    grant_type: "authorization_code",
    client_id: googleClient.id,
    client_secret: googleClient.secret,
    redirect_uri,
    code_verifier: verifier,
    code,
    ...changes,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

async function claimsOf(idToken: string | undefined) {
  const { jwks_uri } = (await (await ask(`${google.issuer}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string;
  };
  const keys = createLocalJWKSet((await (await ask(jwks_uri)).json()) as Parameters<typeof createLocalJWKSet>[0]);
  return (await jwtVerify(idToken ?? "", keys, { issuer: google.issuer, audience: googleClient.id })).payload;
}

describe("the embedded Google does", () => {
  test("send back at once who is named beforehand, and give an id token for the code", async () => {
    const email = stranger();
    const answer = await ask(authorizeUrl({ prompt: "none", login_hint: email }));
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toMatch(`${redirect_uri}?`);
    expect(backFrom(answer).get("state")).toBe("the state");
    const { status, body } = await exchange(backFrom(answer).get("code") ?? "");
    expect([status, body.token_type]).toEqual([200, "Bearer"]);
    const name = email.split("@")[0];
    expect(await claimsOf(body.id_token)).toMatchObject({ email, name, email_verified: true, nonce: "the nonce" });
  });

  test("show a page without script whose forms choose an account, and offer it the next time", async () => {
    const email = stranger();
    const page = await ask(authorizeUrl());
    const policy = page.headers.get("content-security-policy");
    expect([page.status, policy]).toEqual([200, expect.stringContaining("default-src 'none'")]);
    expect(policy).not.toContain("form-action");
    expect(await page.text()).not.toContain(email);
    const chosen = await ask(authorizeUrl(), { email: email.toUpperCase(), name: "<b>Ann</b>" });
    expect(chosen.status).toBe(303);
    const { body } = await exchange(backFrom(chosen).get("code") ?? "");
    expect(await claimsOf(body.id_token)).toMatchObject({ email, name: "<b>Ann</b>" });
    const again = await (await ask(authorizeUrl())).text();
    expect(again).toContain(`value="${email}"`);
    expect(again).toContain("&lt;b&gt;Ann&lt;/b&gt;");
    const offered = await exchange(backFrom(await ask(authorizeUrl(), { email })).get("code") ?? "");
    expect(await claimsOf(offered.body.id_token)).toMatchObject({ name: "<b>Ann</b>" });
  });

  test("know an account by the same id after a restart", async () => {
    const email = stranger();
    const subOf = async () => (await claimsOf((await exchange(await codeFor(email))).body.id_token)).sub;
    const before = await subOf();
    expect(before).toMatch(/^\d{21}$/);
    await google.close();
    google = await startGoogle({ port: 0 });
    expect(await subOf()).toBe(before);
  });

  test("take a cancel, and say so", async () => {
    const back = backFrom(await ask(authorizeUrl(), { cancel: "yes" }));
    expect([back.get("error"), back.get("code"), back.get("state")]).toEqual(["access_denied", null, "the state"]);
  });

  test("sign with a new key after a rotation, and publish the one before beside it", async () => {
    const old = (await exchange(await codeFor(stranger()))).body.id_token;
    await google.keys.rotate();
    const fresh = (await exchange(await codeFor(stranger()))).body.id_token;
    for (const token of [old, fresh]) expect((await claimsOf(token)).iss).toBe(google.issuer);
    expect(google.keys.published()).toHaveLength(2);
  });
});

describe("the embedded Google refuses", () => {
  test.each([
    { client_id: "another" },
    { redirect_uri: "http://evil.example/" },
    { redirect_uri: "javascript:alert(1)//api/v1/auth/google/callback" },
    { response_type: "token" },
    { scope: "email" },
    { code_challenge_method: "plain" },
    { code_challenge: "short" },
  ])("to send anybody back who comes with %j", async (changes: Record<string, string>) => {
    for (const form of [undefined, { email: stranger() }]) {
      const answer = await ask(authorizeUrl(changes), form);
      expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
    }
  });

  test("what is no e-mail", async () => {
    expect((await ask(authorizeUrl(), { email: "ann" })).status).toBe(400);
    const unasked = backFrom(await ask(authorizeUrl({ prompt: "none" })));
    expect(unasked.get("error")).toBe("login_required");
  });

  test("a code that was used", async () => {
    const code = await codeFor(stranger());
    expect((await exchange(code)).status).toBe(200);
    expect(await exchange(code)).toEqual({ status: 400, body: { error: "invalid_grant" } });
  });

  test("a code that is over", async () => {
    const code = await codeFor(stranger());
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_001 });
    const late = await exchange(code);
    vi.useRealTimers();
    expect(late).toEqual({ status: 400, body: { error: "invalid_grant" } });
  });

  test.each([
    ["invalid_client", { client_id: "another" }, 401],
    ["invalid_client", { client_secret: "another" }, 401],
    ["invalid_grant", { code_verifier: "another" }, 400],
    ["invalid_grant", { redirect_uri: `${redirect_uri}/` }, 400],
    ["invalid_request", { grant_type: "password" }, 400],
  ])("with %s an exchange with %j", async (error, changes: Record<string, string>, status) => {
    expect(await exchange(await codeFor(stranger()), changes)).toEqual({ status, body: { error } });
  });

  test("what it does not know, and a form without an end", async () => {
    expect((await ask(`${google.issuer}/userinfo`)).status).toBe(404);
    expect((await ask(`${google.issuer}/token`, { code: "x".repeat(100_000) })).status).toBe(413);
  });
});
