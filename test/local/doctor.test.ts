import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { fcmLook } from "../../src/local/doctor-fcm.ts";
import { googleLook } from "../../src/local/doctor-google.ts";
import { type Look, look, redacted } from "../../src/local/doctor-look.ts";
import { postgresLook } from "../../src/local/doctor-postgres.ts";
import { redisLook } from "../../src/local/doctor-redis.ts";
import { s3Look } from "../../src/local/doctor-s3.ts";
import { serverLook } from "../../src/local/doctor-server.ts";
import { lookAtAddresses, lookAtKeys, lookAtNames, lookAtParts, secretsOf } from "../../src/local/doctor-settings.ts";
import { smtpLook } from "../../src/local/doctor-smtp.ts";
import { wranglerLook } from "../../src/local/doctor-wrangler.ts";
import { fcmKeyIn, fcmServiceAccount } from "../../src/local/fcm-account.ts";
import { places, root } from "../../src/local/places.ts";
import { listen } from "../../src/local/server.ts";
import { type Config, readConfig } from "../../src/protocol/config.ts";
import { freePort, server } from "../support/server.ts";

const given = inject("variables");
const scratch = join(inject("scratch"), "doctor");
const sharedEndpoint = neonConfig.fetchEndpoint;

beforeAll(() => {
  mkdirSync(scratch);
});

afterAll(() => {
  neonConfig.fetchEndpoint = sharedEndpoint;
});

/** The embedded backends, some of it changed. */
function configured(changes: Record<string, string> = {}): Config {
  const read = readConfig({ ...given, ...changes });
  if (!read.ok) throw new Error(read.wrong.join());
  return read.config;
}

/** What a look says is wrong. */
async function wrongIn(ask: Look, withinMs?: number): Promise<string[]> {
  const found = await look("it", ask, withinMs);
  return found.filter(({ level }) => level === "wrong").map(({ what }) => what);
}

const closed = async () => `http://127.0.0.1:${await freePort()}`;

describe("the doctor finds nothing wrong", () => {
  test("with the embedded backends", async () => {
    const config = configured();
    for (const ask of [postgresLook, redisLook, s3Look, smtpLook, fcmLook, googleLook])
      expect([ask.name, await wrongIn(ask(config))]).toEqual([ask.name, []]);
    expect(await wrongIn(wranglerLook(), 60_000)).toEqual([]);
  }, 90_000);

  test("with a server that runs", async () => {
    const { url } = await server();
    expect(await wrongIn(serverLook(url), 30_000)).toEqual([]);
  }, 120_000);

  test("with settings made for a deployment", async () => {
    const keys = { JWT_KEYS: "a:y7Jx0pQmUe2sV9kLrT4wZbN8cF1hGd3A", CODE_KEY: "Mq5Wn8Rt2Yx7Lk0Vb4Zc9Jf6Hs3Pd1Ge" };
    const mail = { MAIL_FROM: "Chat <no-reply@chat.test>", SMTP_SECURITY: "tls" };
    const config = configured({ PUBLIC_URL: "https://chat.test", ...keys, ...mail });
    for (const lookAt of [lookAtAddresses, lookAtKeys, lookAtParts])
      expect(await wrongIn(async (tell) => lookAt(config, tell))).toEqual([]);
  });

  test("and a letter goes where it was asked to", async () => {
    expect(await wrongIn(smtpLook(configured(), "somebody@doctor.test"))).toEqual([]);
    const mails = await fetch(`${inject("mailbox")}/api/mails?to=somebody@doctor.test`);
    expect(await mails.json()).toMatchObject([{ subject: "PingMe can mail" }]);
  });
});

describe("it names what is wrong", () => {
  const database = (changes: Record<string, string>) => wrongIn(postgresLook(configured(changes)));

  test("with Postgres: password, database, address", async () => {
    const password = { DATABASE_URL: "postgres://postgres:other@127.0.0.1/pingme" };
    expect(await database(password)).toEqual([expect.stringContaining("password authentication failed")]);
    const name = { DATABASE_URL: "postgres://postgres:postgres@127.0.0.1/other" };
    expect(await database(name)).toEqual([expect.stringContaining('"other" does not exist')]);
    expect(await database({ DATABASE_HTTP_URL: `${await closed()}/sql` })).toEqual([
      expect.stringContaining("ECONNREFUSED"),
    ]);
  });

  test("with migrations: one that is missing, one that was changed", async () => {
    const folder = join(scratch, "migrations");
    cpSync(places.migrations, folder, { recursive: true });
    const journal = join(folder, "meta/_journal.json");
    const { entries, ...rest } = JSON.parse(readFileSync(journal, "utf8"));
    const more = { ...entries.at(-1), tag: "9999_more", when: entries.at(-1).when + 1 };
    writeFileSync(journal, JSON.stringify({ ...rest, entries: [...entries, more] }));
    writeFileSync(join(folder, "9999_more.sql"), "select 1");
    writeFileSync(join(folder, `${entries[0].tag}.sql`), "select 2");
    expect(await wrongIn(postgresLook(configured(), folder))).toEqual([
      `migrations/${entries[0].tag}.sql was changed after it had been applied: take back the change`,
      "not applied: 9999_more; run npm run migrate",
    ]);
  });

  test("with Redis: token, address", async () => {
    const redis = (changes: Record<string, string>) => wrongIn(redisLook(configured(changes)));
    expect(await redis({ UPSTASH_REDIS_REST_TOKEN: "another" })).toEqual([
      expect.stringMatching(/WRONGPASS|nauthorized/),
    ]);
    expect(await redis({ UPSTASH_REDIS_REST_URL: await closed() })).toEqual([expect.stringContaining("ECONNREFUSED")]);
  });

  test("with S3: bucket, key, what pages may, what strangers see", async () => {
    const s3 = (changes: Record<string, string>) => wrongIn(s3Look(configured(changes)));
    expect(await s3({ S3_BUCKET: "another" })).toEqual([expect.stringMatching(/^PUT is refused with 40[34]/)]);
    expect(await s3({ S3_SECRET_ACCESS_KEY: "another" })).toEqual([expect.stringMatching(/^PUT is refused with 403/)]);
    expect(await s3({ PUBLIC_URL: "https://chat.test" })).toEqual([
      expect.stringContaining("pages of https://chat.test may not upload"),
    ]);
    const { origin } = new URL(given.S3_ENDPOINT ?? "");
    const open = { S3_PUBLIC_URL: `${origin}/cdn-cgi/local/r2/public/${given.S3_BUCKET}` };
    expect(await s3(open)).toEqual([expect.stringContaining("S3_PUBLIC_URL shows the whole bucket")]);
  });

  test("with mail: port, security, what answers there, password", async () => {
    const smtp = (changes: Record<string, string>) => wrongIn(smtpLook(configured(changes)));
    expect(await smtp({ SMTP_PORT: new URL(await closed()).port })).toEqual([expect.stringContaining("ECONNREFUSED")]);
    expect(await smtp({ SMTP_SECURITY: "starttls" })).toEqual([expect.stringContaining("STARTTLS is not offered")]);
    expect(await smtp({ SMTP_SECURITY: "tls" })).toHaveLength(1);
    const keyed = { SMTP_PORT: String(inject("smtp").port), SMTP_USERNAME: "ann", SMTP_PASSWORD: "a password" };
    expect(await smtp(keyed)).toEqual([expect.stringContaining("offers neither AUTH PLAIN nor LOGIN")]);
  });

  test("with FCM and Google: another's key, another's name", async () => {
    mkdirSync(join(scratch, "fcm"));
    const account = fcmServiceAccount(fcmKeyIn(join(scratch, "fcm")), given.FCM_BASE_URL ?? "");
    expect(await wrongIn(fcmLook(configured({ FCM_SERVICE_ACCOUNT: account })))).toEqual([
      expect.stringMatching(/^the service account is refused with 40\d/),
    ]);
    const GOOGLE_ISSUER = (given.GOOGLE_ISSUER ?? "").replace("127.0.0.1", "localhost");
    expect(await wrongIn(googleLook(configured({ GOOGLE_ISSUER })))).toEqual([
      `GOOGLE_ISSUER calls itself ${given.GOOGLE_ISSUER}: write it so`,
    ]);
  });

  test("with wrangler.toml", async () => {
    const file = join(scratch, "wrangler.toml");
    const whole = readFileSync(places.wranglerToml, "utf8");
    writeFileSync(file, `${whole.replace(', "UserObject"]', "]")}\n[vars]\nCODE_KEY = "x"\n`);
    expect(await wrongIn(wranglerLook(file), 60_000)).toEqual([
      "wrangler.toml has no migration with UserObject among new_sqlite_classes",
      "wrangler.toml holds CODE_KEY in clear: use wrangler secret bulk",
    ]);
  }, 90_000);

  test("with a server: not there, another's, another address", async () => {
    expect(await wrongIn(serverLook(await closed()))).toEqual([expect.stringContaining("ECONNREFUSED")]);
    const { url } = await server();
    expect(await wrongIn(serverLook(url, "https://chat.test"), 30_000)).toEqual([
      expect.stringContaining("PUBLIC_URL is https://chat.test, and this is"),
    ]);
    expect(await wrongIn(serverLook(inject("mailbox")))).toEqual([
      expect.stringContaining("is PingMe deployed there?"),
    ]);
  }, 120_000);

  test("with settings: addresses, keys, slips of the pen", async () => {
    const JWT_KEYS = `a:${"k".repeat(40)}`;
    const CODE_KEY = "k".repeat(40);
    const config = configured({ PUBLIC_URL: "http://127.0.0.1/chat", JWT_KEYS, CODE_KEY });
    const wrong = await wrongIn(async (tell) => {
      lookAtAddresses(config, tell);
      lookAtKeys(config, tell);
    });
    expect(wrong.map((what) => what.replace(/^PUBLIC_URL (is \S+|has).*/, "PUBLIC_URL").split(":")[0])).toEqual([
      ...["PUBLIC_URL", "PUBLIC_URL", "PUBLIC_URL", "MAIL_FROM is not set"],
      ...["JWT_KEYS a can be guessed", "CODE_KEY can be guessed", "Two keys are the same"],
    ]);
    const named = await look("it", async (tell) =>
      lookAtNames({ DATABASE_ULR: "x", PORT: "1", LOG_LEVEL: "info" }, tell),
    );
    expect(named.map(({ what }) => what)).toEqual([expect.stringContaining("DATABASE_ULR is no variable")]);
  });

  test("with what never answers, and waits no longer than it said", async () => {
    const silent = createServer(() => undefined);
    const port = await listen(silent, 0, "silence");
    const config = configured({ SMTP_PORT: String(port), UPSTASH_REDIS_REST_URL: `http://127.0.0.1:${port}` });
    for (const ask of [smtpLook(config), redisLook(config)])
      expect(await wrongIn(ask, 300)).toEqual(["no answer within 0.3 s"]);
    silent.close();
  });
});

describe("npm run doctor", () => {
  async function doctor(...args: string[]): Promise<{ code: number | null; said: string }> {
    const child = spawn(process.execPath, [join(root, "src/local/doctor.ts"), ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PINGME_VARS: "/dev/null" },
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const streams = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await ended, said: streams.join("") };
  }

  test("prints a line a finding, never a secret, and ends with 1 where something is wrong", async () => {
    const file = join(scratch, "all.vars");
    const lines = Object.entries({ ...given, GOOGLE_ISSUER: "none" }).map(([name, value]) => `${name}='${value}'`);
    writeFileSync(file, lines.join("\n"));
    const { code, said } = await doctor("--vars", file);
    const wrong = said.split("\n").filter((line) => line.startsWith("WRONG"));
    // What is wrong with one part hides nothing of the others.
    expect(wrong.filter((line) => !line.startsWith("WRONG  settings"))).toEqual([
      expect.stringMatching(/^WRONG +variables +GOOGLE_ISSUER: /),
    ]);
    expect([wrong.length > 0, code]).toEqual([true, 1]);
    expect(said).toMatch(/^ok +postgres +PostgreSQL 1\d/m);
    expect(secretsOf(given).filter((secret) => said.includes(secret) && secret !== "postgres")).toEqual([]);
  }, 90_000);

  test("names the variables that are not set", async () => {
    const { code, said } = await doctor();
    expect([code, said]).toEqual([1, expect.stringMatching(/^WRONG +variables +DATABASE_URL: is not set$/m)]);
  }, 90_000);

  test("hides a secret that an answer repeats", () => {
    const finding = { area: "it", level: "wrong", what: "no such password: hunter22" } as const;
    expect(redacted([finding], ["hunter22"])[0]?.what).toBe("no such password: ...");
  });
});
