import { base64url, type JWTPayload, jwtVerify, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { connectTokens } from "../../src/services/tokens.ts";
import vectors from "./vectors/jwt.json";

const one = { kid: "one", secret: "the first secret of the test, 32+ characters" };
const two = { kid: "two", secret: "the second secret of the test, 32+ characters" };
const PUBLIC_URL = "https://pingme.example";
const tokens = connectTokens({ JWT_KEYS: [one], PUBLIC_URL });
const user = { id: newId(), name: "Ann" };
const sessionId = newId();
const bytes = (text: string) => new TextEncoder().encode(text);

interface Forgery {
  secret?: string;
  header?: { alg?: string; kid?: string; typ?: string };
  claims?: JWTPayload;
  without?: string;
}

/** A token like ours but for what the test changes. */
async function forged({ secret = one.secret, header = {}, claims = {}, without = "" }: Forgery): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  const payload: JWTPayload = {
    sub: user.id,
    sid: sessionId,
    name: "Ann",
    typ: "access",
    iss: PUBLIC_URL,
    aud: "pingme",
    iat: seconds,
    exp: seconds + 60,
    jti: newId(),
    ...claims,
  };
  delete payload[without];
  const given = { alg: "HS256", kid: "one", typ: "JWT", ...header };
  return await new SignJWT(payload).setProtectedHeader(given).sign(bytes(secret));
}

describe("an access token", () => {
  test("says who, in which session and until when", async () => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const actor = await tokens.verify(await tokens.issue(user, sessionId, now));
    expect(actor).toEqual({
      user_id: user.id,
      user_name: "Ann",
      session_id: sessionId,
      token_id: expect.any(String),
      expires_at: now + 30 * 60_000,
    });
  });

  test("holds the claims of the contract and the key's id, and is another each time", async () => {
    const now = Date.now();
    const token = await tokens.issue(user, sessionId, now);
    const { payload, protectedHeader } = await jwtVerify(token, bytes(one.secret));
    expect(Object.keys(payload).sort()).toEqual(["aud", "exp", "iat", "iss", "jti", "name", "sid", "sub", "typ"]);
    expect(protectedHeader).toEqual({ alg: "HS256", kid: "one", typ: "JWT" });
    expect(await tokens.issue(user, sessionId, now)).not.toBe(token);
  });

  test("of the key before is accepted while keys rotate, the first key signs", async () => {
    const rotating = connectTokens({ JWT_KEYS: [two, one], PUBLIC_URL });
    const old = await tokens.issue(user, sessionId, Date.now());
    expect((await rotating.verify(old)).user_id).toBe(user.id);
    const fresh = await rotating.issue(user, sessionId, Date.now());
    expect((await jwtVerify(fresh, bytes(two.secret))).protectedHeader.kid).toBe("two");
    await expect(tokens.verify(fresh)).rejects.toMatchObject({ code: "AUTH_FAILED" });
  });

  test("like ours in all is one: what follows changes one thing each", async () => {
    expect((await tokens.verify(await forged({}))).session_id).toBe(sessionId);
  });
});

describe("refuses", () => {
  const past = Math.floor(Date.now() / 1000) - 1;

  test.each<[string, Forgery]>([
    ["one signed with another key", { secret: two.secret }],
    ["one that names a key we do not have", { header: { kid: "two" }, secret: two.secret }],
    ["one that names no key", { header: { kid: "" } }],
    ["a key's id that is a path", { header: { kid: "../../dev/null" }, secret: "\0" }],
    ["another algorithm with our key", { header: { alg: "HS512" } }],
    ["another type in the header", { header: { typ: "at+jwt" } }],
    ["another type of token", { claims: { typ: "refresh" } }],
    ["another issuer", { claims: { iss: "https://evil.example" } }],
    ["another audience", { claims: { aud: "other" } }],
    ["one that has expired", { claims: { exp: past } }],
    ["one that is not valid yet", { claims: { nbf: past + 600 } }],
    ["one without an end", { without: "exp" }],
    ["one without a time of issue", { without: "iat" }],
    ["one without an id", { without: "jti" }],
    ["one without a session", { without: "sid" }],
    ["one without a type", { without: "typ" }],
    ["one without an audience", { without: "aud" }],
    ["a subject that is no id", { claims: { sub: "admin" } }],
    ["a name that is no text", { claims: { name: 7 } }],
  ])("%s", async (_, forgery) => {
    await expect(tokens.verify(await forged(forgery))).rejects.toMatchObject({ name: "Fault", code: "AUTH_FAILED" });
  });

  test("alg none, with and without a signature", async () => {
    const unsecured = new UnsecuredJWT({ sub: user.id, sid: sessionId, name: "Ann", typ: "access" })
      .setIssuer(PUBLIC_URL)
      .setAudience("pingme")
      .setIssuedAt()
      .setJti(newId())
      .setExpirationTime("1h")
      .encode();
    const [, payload, signature] = (await forged({})).split(".");
    const header = base64url.encode(JSON.stringify({ alg: "none", kid: "one", typ: "JWT" }));
    for (const token of [unsecured, `${header}.${payload}.`, `${header}.${payload}.${signature}`]) {
      await expect(tokens.verify(token)).rejects.toMatchObject({ code: "AUTH_FAILED" });
    }
  });

  test("a changed payload, a cut signature, and what is no token at all", async () => {
    const sound = await forged({});
    const [header, payload = "", signature] = sound.split(".");
    const claims = { ...JSON.parse(new TextDecoder().decode(base64url.decode(payload))), sub: newId() };
    const changed = `${header}.${base64url.encode(JSON.stringify(claims))}.${signature}`;
    for (const token of [
      changed,
      sound.slice(0, -4),
      `${header}.${payload}.`,
      "",
      "a.b.c",
      "..",
      "\0",
      sound.repeat(2),
    ]) {
      await expect(tokens.verify(token)).rejects.toMatchObject({ code: "AUTH_FAILED" });
    }
  });
});

describe("the vector of RFC 7515", () => {
  const key = base64url.decode(vectors.key);

  test("is accepted by the library at its time, and refused after it", async () => {
    const at = (seconds: number) => ({ algorithms: ["HS256"], currentDate: new Date(seconds * 1000) });
    const read = await jwtVerify(vectors.token, key, at(vectors.expires_at_seconds - 1));
    expect(read.payload.iss).toBe(vectors.issuer);
    await expect(jwtVerify(vectors.token, key, at(vectors.expires_at_seconds))).rejects.toMatchObject({
      code: "ERR_JWT_EXPIRED",
    });
  });

  test("is none of ours", async () => {
    await expect(tokens.verify(vectors.token)).rejects.toMatchObject({ code: "AUTH_FAILED" });
  });
});
