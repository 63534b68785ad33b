import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { configOf, type Env } from "../../src/env.ts";
import { connectMail } from "../../src/services/mail.ts";
import { connectOutages } from "../../src/services/outages.ts";
import { connectRedis } from "../../src/services/redis.ts";

const config = configOf(env as unknown as Env);
const letter = { to: "ann@example.test", subject: "s", text: "t", html: "h" };
const away = { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1", UPSTASH_REDIS_REST_TOKEN: "x" };

/** Mail of an isolate of its own, by a server with these manners (`test/support/smtp.setup.ts`). */
function isolate(manners: string, redis: Parameters<typeof connectRedis>[0] = config) {
  const smtp = { SMTP_HOST: "127.0.0.1", SMTP_PORT: inject("smtp").port, SMTP_SECURITY: "none" as const };
  const MAIL_FROM = `PingMe <no-reply@${manners}.${newId()}.test>`;
  return connectMail({ ...smtp, MAIL_FROM }, connectOutages(connectRedis(redis), "mail", 60_000));
}

/** Sends, and leaves nothing to show behind. */
const fine = isolate("fine");
beforeEach(() => fine.send(letter, "r"));
afterEach(() => fine.send(letter, "r"));

test("failures of mail show in every isolate, until a letter of any is sent", async () => {
  const [one, other] = [isolate("refuses"), isolate("refuses")];
  await one.send(letter, "r");
  await other.send(letter, "r");
  expect(await fine.state()).toEqual({ failures: 2, failed_at: expect.any(Number) });
  expect(await one.state()).toEqual(await fine.state());
  await fine.send(letter, "r");
  for (const mail of [one, other, fine]) expect(await mail.state()).toEqual({ failures: 0 });
});

test("where Redis is away an isolate shows its own failures", async () => {
  const alone = isolate("refuses", away);
  await alone.send(letter, "r");
  expect(await alone.state()).toEqual({ failures: 1, failed_at: expect.any(Number) });
  expect(await fine.state()).toEqual({ failures: 0 });
});
