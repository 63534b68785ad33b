import { describe, expect, inject, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { connectMail } from "../../src/services/mail.ts";
import { connectOutages } from "../../src/services/outages.ts";
import { connectRedis } from "../../src/services/redis.ts";
import { type SmtpConfig, SmtpFailure, sendBySmtp } from "../../src/services/smtp.ts";

/** Of an isolate that hears nothing of the others. */
const alone = connectOutages(
  connectRedis({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1", UPSTASH_REDIS_REST_TOKEN: "x" }),
  "mail",
  60_000,
);

const letter = { to: "ann@example.test", subject: "Ваш код", text: "Код:\n\n.123456\n", html: "<p>123456</p>" };

interface Server {
  domain: string;
  config: SmtpConfig & { MAIL_FROM: string };
  heard(): Promise<string[]>;
}

/** A mail server with these manners (`test/support/smtp.setup.ts`), heard alone. */
function serverThat(manners: string, changes: Partial<SmtpConfig> = {}): Server {
  const { port, heard } = inject("smtp");
  const domain = `${manners}.${newId()}.test`;
  const config = { SMTP_HOST: "127.0.0.1", SMTP_PORT: port, SMTP_SECURITY: "none" as const, ...changes };
  return {
    domain,
    config: { ...config, MAIL_FROM: `PingMe <no-reply@${domain}>` },
    heard: async () => await (await fetch(`${heard}/${domain}`)).json(),
  };
}

async function attempt(server: Server, timeoutMs = 2_000, to = letter.to): Promise<unknown> {
  const from = { name: "PingMe", email: `no-reply@${server.domain}` };
  return await sendBySmtp(server.config, from, { ...letter, to }, timeoutMs).catch((error: unknown) => error);
}

describe("a letter", () => {
  test("is sent in the order of the protocol, its dots stuffed, its subject encoded", async () => {
    const server = serverThat("fine");
    expect(await attempt(server)).toBeUndefined();
    const lines = await server.heard();
    const commands = lines.filter((line) => /^(EHLO|MAIL|RCPT|DATA|\.$)/.test(line));
    expect(commands).toEqual([
      `EHLO ${server.domain}`,
      `MAIL FROM:<no-reply@${server.domain}>`,
      "RCPT TO:<ann@example.test>",
      "DATA",
      ".",
    ]);
    expect(lines).toContain(`From: "PingMe" <no-reply@${server.domain}>`);
    expect(lines).toContain("To: ann@example.test");
    expect(lines.find((line) => line.startsWith("Subject: "))).toMatch(/^Subject: =\?UTF-8\?Q\?[\x21-\x7e]+\?=$/);
    expect(lines).toContain("..123456");
  });

  test("is sent though the replies come byte by byte", async () => {
    expect(await attempt(serverThat("slowly"))).toBeUndefined();
  });

  test.each([
    ["plain", ["AUTH PLAIN AG1lAHPDqWNyZXQ="]],
    ["login", ["AUTH LOGIN", "bWU=", "c8OpY3JldA=="]],
  ])("is sent after signing in by %s", async (manners, commands) => {
    const server = serverThat(manners, { SMTP_USERNAME: "me", SMTP_PASSWORD: "sécret" });
    expect(await attempt(server)).toBeUndefined();
    expect(await server.heard()).toEqual(expect.arrayContaining(commands));
  });

  test.each(["a@b.test\r\nRCPT TO:<eve@b.test>", "a@b.test>", "a@b.test c@d.test", "a@b.test\n"])(
    "to %j does not leave",
    async (to) => {
      const server = serverThat("fine");
      expect(await attempt(server, 2_000, to)).toBeInstanceOf(SmtpFailure);
      expect(await server.heard()).toEqual([]);
    },
  );
});

describe("a server that", () => {
  test.each([
    ["closes", "MAIL", 0],
    ["babbles", "MAIL", 0],
    ["endless", "MAIL", 0],
    ["refuses", "MAIL", 554],
    ["nobody", "RCPT", 550],
    ["busy", "MAIL", 451],
  ])("%s fails the letter at %s with %i, and the isolate goes on", async (manners, step, code) => {
    expect(await attempt(serverThat(manners))).toMatchObject({ name: "SmtpFailure", step, code });
  });

  test("says nothing more is left after a while", async () => {
    expect(await attempt(serverThat("silent"), 100)).toMatchObject({ step: "timeout", code: 0 });
  });

  test.each(["clear", "injects"])("%s where TLS was to begin hears no password and no letter", async (manners) => {
    const server = serverThat(manners, { SMTP_SECURITY: "starttls", SMTP_USERNAME: "me", SMTP_PASSWORD: "secret" });
    expect(await attempt(server)).toMatchObject({ step: "STARTTLS" });
    expect((await server.heard()).filter((line) => /^(AUTH|MAIL|DATA)/.test(line))).toEqual([]);
  });
});

describe("mail", () => {
  test("tries again where the failure passes, and has none to show", async () => {
    const server = serverThat("busy");
    const mail = connectMail(server.config, alone);
    await mail.send(letter, "request");
    expect((await server.heard()).filter((line) => line.startsWith("EHLO"))).toHaveLength(2);
    expect(await mail.state()).toEqual({ failures: 0 });
  });

  test("does not try again what was refused for good, and shows it until a letter leaves", async () => {
    const server = serverThat("refuses");
    const mail = connectMail(server.config, alone);
    await mail.send(letter, "request");
    expect((await server.heard()).filter((line) => line.startsWith("EHLO"))).toHaveLength(1);
    expect(await mail.state()).toEqual({ failures: 1, failed_at: expect.any(Number) });
  });

  test("takes a mailbox that is not there for no failure of its own", async () => {
    const mail = connectMail(serverThat("nobody").config, alone);
    await mail.send(letter, "request");
    expect(await mail.state()).toEqual({ failures: 0 });
  });
});
