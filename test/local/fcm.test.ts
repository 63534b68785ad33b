import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importPKCS8, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fcm, startFcm } from "../../src/local/fcm.ts";
import { fcmEmail, fcmKeyIn, fcmProject } from "../../src/local/fcm-account.ts";

const folder = mkdtempSync(join(tmpdir(), "pingme-fcm-"));
const key = fcmKeyIn(folder);
let fcm: Fcm;
beforeAll(async () => {
  fcm = await startFcm({ port: 0, key });
});
afterAll(async () => {
  await fcm.close();
  rmSync(folder, { recursive: true });
});

async function assertion(changes: JWTPayload = {}, pem = key): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: fcmEmail,
    aud: `${fcm.url}/token`,
    scope: "https://www.googleapis.com/auth/firebase.messaging",
    iat: now,
    exp: now + 3_600,
    ...changes,
  };
  return await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(await importPKCS8(pem, "RS256"));
}

async function grant(given: Promise<string>, grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer") {
  const body = new URLSearchParams({ grant_type, assertion: await given });
  const answer = await fetch(`${fcm.url}/token`, { method: "POST", body });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

async function send(message: object, { project = fcmProject, token = "" } = {}) {
  const bearer = token || (await grant(assertion())).body.access_token;
  const answer = await fetch(`${fcm.url}/v1/projects/${project}/messages:send`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ message }),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

const fare = (token: string, manners: object) =>
  fetch(`${fcm.url}/api/tokens/${token}`, { method: "PUT", body: JSON.stringify(manners) });

describe("the embedded FCM does", () => {
  test("take what a service account sends, and show it", async () => {
    const message = { token: "a", data: { sequence: "1" }, notification: { title: "<b>Ann</b>", body: "hi" } };
    expect(await send(message)).toMatchObject({ status: 200, body: { name: expect.stringContaining(fcmProject) } });
    const shown = await (await fetch(`${fcm.url}/api/pushes?token=a`)).json();
    expect(shown).toEqual([{ message, received_at: expect.any(String) }]);
    expect(await (await fetch(`${fcm.url}/api/pushes?token=b`)).json()).toEqual([]);
    const page = await fetch(fcm.url);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await page.text()).toContain("<h2>&lt;b&gt;Ann&lt;/b&gt;</h2>");
  });

  test("keep its key in the state folder, for its owner only", () => {
    expect(fcmKeyIn(folder)).toBe(key);
    expect(statSync(join(folder, "fcm-key.pem")).mode & 0o777).toBe(0o600);
  });

  test("answer for a token as it is told, so many times", async () => {
    await fare("c", { as: "quota", retry_after: 5, times: 1 });
    const refused = await send({ token: "c" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"]);
    expect((await send({ token: "c" })).status).toBe(200);
    await fare("c", { as: "unregistered" });
    const details = [{ errorCode: "UNREGISTERED" }];
    expect(await send({ token: "c" })).toMatchObject({
      status: 404,
      body: { error: { status: "NOT_FOUND", details } },
    });
    expect((await fare("c", { as: "kind" })).status).toBe(400);
  });
});

describe("the embedded FCM refuses", () => {
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
  const pem = stranger.export({ type: "pkcs8", format: "pem" }).toString();
  const now = Math.floor(Date.now() / 1_000);

  test.each<[string, JWTPayload]>([
    ["another account", { iss: "x" }],
    ["another place", { aud: "https://oauth2.googleapis.com/token" }],
    ["another purpose", { scope: "https://www.googleapis.com/auth/drive" }],
    ["what is over", { iat: now - 7_200, exp: now - 3_600 }],
    ["more than an hour", { exp: now + 3_700 }],
    ["what is not yet", { iat: now + 600, exp: now + 700 }],
  ])("an assertion for %s", async (_, changes) => {
    expect(await grant(assertion(changes))).toEqual({ status: 400, body: { error: "invalid_grant" } });
  });

  test("a stranger's key, and another grant", async () => {
    expect((await grant(assertion({}, pem))).body).toEqual({ error: "invalid_grant" });
    expect((await grant(assertion(), "password")).body).toEqual({ error: "unsupported_grant_type" });
  });

  test("who has no token of its own, and another project", async () => {
    expect((await send({ token: "d" }, { token: "made up" })).status).toBe(401);
    expect((await send({ token: "d" }, { project: "another" })).status).toBe(403);
  });

  test.each<[string, object]>([
    ["no token", {}],
    ["a field FCM does not know", { token: "e", title: "x" }],
    ["a number among texts", { token: "e", data: { unread: 1 } }],
    ["a key FCM keeps for itself", { token: "e", data: { from: "x" } }],
    ["a time that is none", { token: "e", android: { ttl: "1h" } }],
    ["too long a topic", { token: "e", webpush: { headers: { Topic: "x".repeat(33) } } }],
    ["too much", { token: "e", data: { text: "x".repeat(4_096) } }],
  ])("a message with %s", async (_, message) => {
    expect((await send(message)).status).toBe(400);
    expect(await (await fetch(`${fcm.url}/api/pushes?token=e`)).json()).toEqual([]);
  });
});
