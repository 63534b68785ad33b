import { afterEach, describe, expect, inject, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connectGoogle, type Google, issuersOf } from "../../src/services/google.ts";
import { askedAt, chosenAt, isWrong, right } from "../support/google.ts";
import type { Wrong } from "../support/google-wrong.ts";

const PUBLIC_URL = "https://pingme.example";
const client = {
  GOOGLE_CLIENT_ID: inject("variables").GOOGLE_CLIENT_ID ?? "",
  GOOGLE_CLIENT_SECRET: inject("variables").GOOGLE_CLIENT_SECRET ?? "",
};
const issuer = inject("google").issuer;
const secrets = { state: "s".repeat(43), nonce: "n".repeat(43), verifier: "v".repeat(43) };

function connected(changes: Partial<typeof client & { GOOGLE_ISSUER: string }> = {}): Google {
  const google = connectGoogle({ ...client, PUBLIC_URL, GOOGLE_ISSUER: issuer, ...changes });
  if (!google) throw new Error("Google is not set up");
  return google;
}

const someEmail = () => `${newId()}@example.test`;

async function codeOf(google: Google, email = someEmail()): Promise<string> {
  const back = await chosenAt(await google.authorizationUrl(secrets), email);
  return back.searchParams.get("code") ?? "";
}

/** The account, or the Fault, of a sign-in that goes through a Google that is wrong. */
async function outcome(google: Google, wrong: Wrong) {
  const code = await codeOf(google);
  await isWrong(wrong);
  return await google.accountOf(code, secrets).catch((error: unknown) => error);
}

afterEach(async () => {
  vi.useRealTimers();
  await right();
});

describe("Google", () => {
  test("is asked for a code with PKCE, state and nonce, and for nothing else", async () => {
    const url = new URL(await connected().authorizationUrl(secrets));
    expect(url.origin + url.pathname).toBe(`${issuer}/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: "code",
      client_id: client.GOOGLE_CLIENT_ID,
      redirect_uri: `${PUBLIC_URL}/api/v1/auth/google/callback`,
      scope: "openid email profile",
      state: secrets.state,
      nonce: secrets.nonce,
      // SHA-256 of the verifier, base64url.
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    expect(url.href).not.toContain(secrets.verifier);
  });

  test("says whose a code is: the same id each time, the address as we compare it", async () => {
    const google = connected();
    const email = someEmail();
    const first = await google.accountOf(await codeOf(google, email.toUpperCase()), secrets);
    expect(first).toEqual({ sub: expect.any(String), email, isVerified: true, name: email.split("@")[0] });
    expect(await google.accountOf(await codeOf(google, email), secrets)).toEqual(first);
  });

  test("is not asked for its addresses and keys again within the hour, and is after it", async () => {
    const google = connected();
    const asked = async () => [await askedAt("/.well-known/openid-configuration"), await askedAt("/certs")];
    const [addresses = 0, keys = 0] = await asked();
    for (let times = 0; times < 2; times++) await google.accountOf(await codeOf(google), secrets);
    expect(await asked()).toEqual([addresses + 1, keys + 1]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60 * 60_000 });
    await google.authorizationUrl(secrets);
    expect(await asked()).toEqual([addresses + 2, keys + 1]);
  });

  test("may change its keys: one we do not know is looked for", async () => {
    const google = connected();
    expect(await outcome(google, {})).toMatchObject({ isVerified: true });
    const before = await askedAt("/certs");
    expect(await outcome(google, { signed: "by a new key" })).toMatchObject({ isVerified: true });
    expect(await askedAt("/certs")).toBe(before + 1);
  });

  test("may name us among others, if it says the token is ours", async () => {
    const aud = [client.GOOGLE_CLIENT_ID, "another"];
    expect(await outcome(connected(), { claims: { aud } })).toMatchObject({ isVerified: true });
    expect(await outcome(connected(), { claims: { aud, azp: null } })).toMatchObject({ code: "AUTH_FAILED" });
    expect(await outcome(connected(), { claims: { azp: null } })).toMatchObject({ isVerified: true });
  });

  test.each([false, "true", 1, null])("has not verified an address when it says %j", async (email_verified) => {
    expect(await outcome(connected(), { claims: { email_verified } })).toMatchObject({ isVerified: false });
  });

  test.each([null, 7])("may have no name: %j", async (name) => {
    expect(await outcome(connected(), { claims: { name } })).toMatchObject({ name: undefined, isVerified: true });
  });

  test("may leave out the scheme of its name, when it is the real one", () => {
    expect(issuersOf("https://accounts.google.com")).toEqual(["https://accounts.google.com", "accounts.google.com"]);
    expect(issuersOf("https://id.example")).toEqual(["https://id.example"]);
  });

  test("is not there unless it is set up", () => {
    const rest = { PUBLIC_URL, GOOGLE_ISSUER: issuer };
    expect(connectGoogle({ ...rest, GOOGLE_CLIENT_ID: undefined, GOOGLE_CLIENT_SECRET: undefined })).toBeUndefined();
  });
});

describe("an id token is refused", () => {
  const past = Math.floor(Date.now() / 1000) - 1;

  test.each<[string, Wrong]>([
    ["of another issuer", { claims: { iss: "https://evil.example" } }],
    [
      "that names Google without the scheme, where Google is not the issuer",
      { claims: { iss: "accounts.google.com" } },
    ],
    ["without an issuer", { claims: { iss: null } }],
    ["for another audience", { claims: { aud: "another" } }],
    ["without an audience", { claims: { aud: null } }],
    ["issued to another client", { claims: { azp: "another" } }],
    ["that has expired", { claims: { exp: past } }],
    ["without an end", { claims: { exp: null } }],
    ["without a time of issue", { claims: { iat: null } }],
    ["that is not valid yet", { claims: { nbf: past + 600 } }],
    ["with another nonce", { claims: { nonce: "m".repeat(43) } }],
    ["without a nonce", { claims: { nonce: null } }],
    ["without a subject", { claims: { sub: null } }],
    ["with an empty subject", { claims: { sub: "" } }],
    ["without an address", { claims: { email: null } }],
    ["with what is no address", { claims: { email: "ann@example.test\r\nBcc: eve@example.test" } }],
    ["that is not signed", { signed: "not" }],
    ["signed with the public key as a secret", { signed: "by public key" }],
    ["of a stranger's key under the id of Google's", { signed: "by a stranger" }],
    ["of a key nobody knows", { signed: "by nobody known" }],
    ["that is none", { at: { "/token": { status: 200, body: { id_token: "a.b.c" } } } }],
  ])("%s", async (_, wrong) => {
    expect(await outcome(connected(), wrong)).toMatchObject({ name: "Fault", code: "AUTH_FAILED" });
  });
});

describe("a code is refused", () => {
  test("the second time, and never repeated in what is said", async () => {
    const google = connected();
    const code = await codeOf(google);
    expect(await google.accountOf(code, secrets)).toMatchObject({ isVerified: true });
    const again: unknown = await google.accountOf(code, secrets).catch((error: unknown) => error);
    expect(again).toMatchObject({ code: "AUTH_FAILED", message: expect.stringContaining("invalid_grant") });
    expect(String(again)).not.toContain(code);
  });

  test("with another verifier, or from a client Google does not know", async () => {
    const google = connected();
    const code = await codeOf(google);
    const stolen = google.accountOf(code, { ...secrets, verifier: "w".repeat(43) });
    await expect(stolen).rejects.toMatchObject({ code: "AUTH_FAILED" });
    const stranger = connected({ GOOGLE_CLIENT_SECRET: "another" });
    await expect(stranger.accountOf(code, secrets)).rejects.toMatchObject({ code: "AUTH_FAILED" });
  });
});

describe("Google counts as away", () => {
  test.each<[string, Wrong]>([
    ["its token endpoint cuts the line", { at: { "/token": {} } }],
    ["its token endpoint fails", { at: { "/token": { status: 500, body: { error: "internal" } } } }],
    ["its token endpoint is too busy", { at: { "/token": { status: 429, body: {} } } }],
    ["its token endpoint says something else", { at: { "/token": { status: 200, body: { access_token: "x" } } } }],
    ["its keys cannot be had", { at: { "/certs": {} } }],
    ["its keys are something else", { at: { "/certs": { status: 200, body: { keys: "none" } } } }],
  ])("when %s, and is asked again the next time", async (_, wrong) => {
    const google = connected();
    expect(await outcome(google, wrong)).toMatchObject({ code: "UNAVAILABLE" });
    await right();
    expect(await outcome(google, {})).toMatchObject({ isVerified: true });
  });

  const place = "/.well-known/openid-configuration";
  const evil = {
    issuer: "https://evil.example",
    authorization_endpoint: "https://evil.example/authorize",
    token_endpoint: "https://evil.example/token",
    jwks_uri: "https://evil.example/certs",
  };

  test.each<[string, Wrong]>([
    ["cut off", { at: { [place]: {} } }],
    ["missing", { at: { [place]: { status: 404, body: {} } } }],
    ["those of another issuer", { at: { [place]: { status: 200, body: evil } } }],
    ["no addresses", { at: { [place]: { status: 200, body: { ...evil, issuer, token_endpoint: "file:///x" } } } }],
  ])("when its addresses are %s, and is asked again the next time", async (_, wrong) => {
    const google = connected();
    await isWrong(wrong);
    await expect(google.authorizationUrl(secrets)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await right();
    expect(await google.authorizationUrl(secrets)).toContain(`${issuer}/authorize?`);
  });

  test("when it sends us elsewhere: the client's secret goes nowhere else", async () => {
    const wrong = { at: { "/token": { status: 307, body: {}, location: `${issuer}/elsewhere` } } };
    expect(await outcome(connected(), wrong)).toMatchObject({ code: "UNAVAILABLE" });
    expect(await askedAt("/elsewhere")).toBe(0);
  });

  test("when nobody is at its address", async () => {
    const google = connected({ GOOGLE_ISSUER: "http://127.0.0.1:1" });
    await expect(google.authorizationUrl(secrets)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});
