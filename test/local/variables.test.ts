import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, test } from "vitest";
import { hasEmbeddedGoogle } from "../../src/local/embedded.ts";
import { fcmServiceAccount } from "../../src/local/fcm-account.ts";
import { places, root } from "../../src/local/places.ts";
import { portFrom, workerVariables } from "../../src/local/variables.ts";
import { readConfig, variables } from "../../src/protocol/config.ts";

const example = readFileSync(join(root, ".dev.vars.example"), "utf8");
const embedded = {
  PUBLIC_URL: "http://127.0.0.1:8787",
  DATABASE_URL: "postgres://postgres:postgres@127.0.0.1/pingme",
  DATABASE_HTTP_URL: "http://127.0.0.1:8788/sql",
  UPSTASH_REDIS_REST_URL: "http://127.0.0.1:8789",
  UPSTASH_REDIS_REST_TOKEN: "token",
  JWT_KEYS: `local:${"k".repeat(32)}`,
  CODE_KEY: "c".repeat(32),
  SMTP_HOST: "127.0.0.1",
  SMTP_PORT: "8793",
  SMTP_SECURITY: "none",
  GOOGLE_CLIENT_ID: "embedded",
  GOOGLE_CLIENT_SECRET: "embedded",
  GOOGLE_ISSUER: "http://127.0.0.1:8792",
  S3_ENDPOINT: "http://127.0.0.1:8790/cdn-cgi/local/r2/s3",
  S3_BUCKET: "pingme",
  S3_ACCESS_KEY_ID: "embedded",
  S3_SECRET_ACCESS_KEY: "embedded",
  FCM_SERVICE_ACCOUNT: fcmServiceAccount("-----BEGIN PRIVATE KEY-----", "http://127.0.0.1:8794"),
  FCM_BASE_URL: "http://127.0.0.1:8794",
};

describe(".dev.vars.example", () => {
  test("has every variable of the schema, and no other", () => {
    expect(Object.keys(parseEnv(example)).toSorted()).toEqual(Object.keys(variables.shape).toSorted());
  });

  test("explains each, and sets none", () => {
    expect(Object.values(parseEnv(example)).filter(Boolean)).toEqual([]);
    const paragraphs = example.split("\n\n").filter((paragraph) => /^[A-Z_]+=$/m.test(paragraph));
    for (const paragraph of paragraphs) expect(paragraph).toMatch(/^# (?!---)/m);
  });
});

describe("the Worker's variables", () => {
  test("are the embedded backends', and any the environment sets", () => {
    expect(workerVariables(embedded, {})).toEqual(embedded);
    expect(workerVariables(embedded, { WS_TYPING_TIMEOUT: "9", HOME: "/x", LOG_LEVEL: "" })).toEqual({
      ...embedded,
      WS_TYPING_TIMEOUT: "9",
    });
  });

  test("never join a service from outside with the embedded one's details", () => {
    const given = {
      DATABASE_URL: "postgres://a:b@db.example/c",
      UPSTASH_REDIS_REST_URL: "https://redis.example",
      UPSTASH_REDIS_REST_TOKEN: "other",
      SMTP_HOST: "smtp.example",
    };
    const merged = workerVariables(embedded, given);
    expect(merged).toMatchObject(given);
    expect(Object.keys(merged)).not.toEqual(expect.arrayContaining(["DATABASE_HTTP_URL"]));
    expect(readConfig(merged)).toMatchObject({ config: { SMTP_PORT: 465, SMTP_SECURITY: "tls" } });
    expect(() => workerVariables(embedded, { UPSTASH_REDIS_REST_URL: "https://redis.example" })).toThrow(
      "UPSTASH_REDIS_REST_TOKEN: is not set",
    );
  });

  test("never join a Google client of one's own with the embedded Google", () => {
    const given = { GOOGLE_CLIENT_ID: "ours", GOOGLE_CLIENT_SECRET: "secret" };
    const merged = workerVariables(embedded, given);
    expect(readConfig(merged)).toMatchObject({ config: { ...given, GOOGLE_ISSUER: "https://accounts.google.com" } });
  });

  test("never leave the embedded Google, where one can be anybody, beside accounts or mailboxes that are real", () => {
    for (const given of [{ DATABASE_URL: "postgres://a:b@db.example/c" }, { SMTP_HOST: "smtp.example" }]) {
      const merged = workerVariables(embedded, given);
      expect(Object.keys(merged).filter((name) => name.startsWith("GOOGLE_"))).toEqual([]);
      expect(hasEmbeddedGoogle(given)).toBe(false);
    }
    expect(hasEmbeddedGoogle({})).toBe(true);
  });

  test("have a Google client whole or not at all: the half that is missing is named", () => {
    expect(() => workerVariables(embedded, { GOOGLE_CLIENT_ID: "ours" })).toThrow("GOOGLE_CLIENT_SECRET: is not set");
    expect(() => workerVariables(embedded, { GOOGLE_CLIENT_SECRET: "ours" })).toThrow("GOOGLE_CLIENT_ID: is not set");
    const wrong = readConfig({ ...embedded, GOOGLE_CLIENT_ID: "", CODE_KEY: "short" });
    expect(wrong).toMatchObject({ ok: false, wrong: [expect.stringMatching(/^CODE_KEY: /), expect.any(String)] });
    const { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, ...without } = embedded;
    expect(readConfig(without)).toMatchObject({ ok: true });
  });

  test("never join a store of one's own with the embedded one", () => {
    const given = { S3_ENDPOINT: "https://s3.example", S3_BUCKET: "media", S3_ACCESS_KEY_ID: "ours" };
    const missing = "S3_SECRET_ACCESS_KEY: is not set, S3_ENDPOINT is";
    expect(() => workerVariables(embedded, given)).toThrow(missing);
    const whole = { ...given, S3_SECRET_ACCESS_KEY: "secret", S3_PATH_STYLE: "false" };
    expect(readConfig(workerVariables(embedded, whole))).toMatchObject({
      config: { ...whole, S3_REGION: "auto", S3_PATH_STYLE: false },
    });
    for (const name of ["S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]) {
      expect(() => workerVariables(embedded, { [name]: "ours" })).toThrow("S3_ENDPOINT: is not set");
    }
  });

  test("have a store whole or not at all: every part that is missing is named", () => {
    const { S3_ENDPOINT, S3_BUCKET, S3_SECRET_ACCESS_KEY, ...part } = embedded;
    const wrong = ["S3_ENDPOINT", "S3_BUCKET", "S3_SECRET_ACCESS_KEY"].map(
      (name) => `${name}: is not set, S3_ACCESS_KEY_ID is`,
    );
    expect(readConfig(part)).toEqual({ ok: false, wrong });
    const { S3_ACCESS_KEY_ID, ...without } = part;
    expect(readConfig(without)).toMatchObject({ ok: true });
  });

  test("never push by an FCM of one's own with the embedded account, nor the other way", () => {
    const account = fcmServiceAccount("-----BEGIN PRIVATE KEY-----", "https://oauth2.example");
    const owned = readConfig(workerVariables(embedded, { FCM_SERVICE_ACCOUNT: account }));
    expect(owned).toMatchObject({
      config: { FCM_BASE_URL: "https://fcm.googleapis.com", FCM_SERVICE_ACCOUNT: { project_id: "pingme-embedded" } },
    });
    const elsewhere = workerVariables(embedded, { FCM_BASE_URL: "https://fcm.example" });
    expect(Object.keys(elsewhere)).not.toContain("FCM_SERVICE_ACCOUNT");
  });

  test.each(["{", "[]", '{"project_id":"secret"}', fcmServiceAccount("secret", "https://oauth2.example")])(
    "have a service account of Google's form, whose words are not told: %s",
    (FCM_SERVICE_ACCOUNT) => {
      const refused = () => workerVariables(embedded, { FCM_SERVICE_ACCOUNT });
      expect(refused).toThrow(/^a variable is wrong: FCM_SERVICE_ACCOUNT: (?!.*secret)/);
    },
  );

  test("that are wrong are named, their values are not", () => {
    const refused = () => workerVariables(embedded, { CODE_KEY: "short-secret", WS_TYPING_TIMEOUT: "-1" });
    expect(refused).toThrow(/^a variable is wrong: (?=.*CODE_KEY)(?=.*WS_TYPING_TIMEOUT)(?!.*short-secret)/);
  });

  test("and a PORT that leaves no room for the backends is refused", () => {
    expect(portFrom({})).toBe(8787);
    for (const PORT of ["0", "65529", "x", "1.5"]) expect(() => portFrom({ PORT })).toThrow("PORT");
  });
});

test("the bindings of the launcher are those of wrangler.toml: it names no class itself", () => {
  const toml = readFileSync(places.wranglerToml, "utf8");
  const runtime = readFileSync(join(root, "src/local/runtime.ts"), "utf8");
  for (const [, name = ""] of toml.matchAll(/class_name = "(\w+)"/g)) expect(runtime).not.toContain(name);
});
