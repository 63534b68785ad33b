import { env } from "cloudflare:workers";
import { expect, inject, test } from "vitest";

const bindings = env as unknown as Record<string, string>;

test("the embedded backends are reached from inside workerd, by the addresses in the bindings", async () => {
  const { DATABASE_HTTP_URL = "", DATABASE_URL = "", UPSTASH_REDIS_REST_URL = "", UPSTASH_REDIS_REST_TOKEN } = bindings;
  const sql = await fetch(DATABASE_HTTP_URL, {
    method: "POST",
    headers: { "Neon-Connection-String": DATABASE_URL },
    body: JSON.stringify({ query: "select to_regclass('messages') as name", params: [] }),
  });
  expect(await sql.json()).toMatchObject({ command: "SELECT", rows: [["messages"]] });
  const redis = await fetch(UPSTASH_REDIS_REST_URL, {
    method: "POST",
    headers: { Authorization: `Bearer ${UPSTASH_REDIS_REST_TOKEN}` },
    body: '["PING"]',
  });
  expect(await redis.json()).toEqual({ result: "PONG" });
  const mails = await fetch(`${inject("mailbox")}/api/mails?to=nobody@example.com`);
  expect(await mails.json()).toEqual([]);
});
