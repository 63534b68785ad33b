import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import type { Env } from "../../src/env.ts";
import { createApp } from "../../src/http/app.ts";
import { envWith } from "../support/accounts.ts";
import { bindings, redisAway } from "../support/signing.ts";

const app = createApp();

afterEach(() => void vi.restoreAllMocks());

async function ready(on: Env) {
  const context = createExecutionContext();
  const response = await app.fetch(new Request("http://localhost/ready"), on, context);
  await waitOnExecutionContext(context);
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer it says itself.
  return { status: response.status, body: (await response.json()) as any };
}

describe("/ready", () => {
  test("says that all is up, and that callers are counted over all isolates", async () => {
    const { status, body } = await ready(bindings);
    const up = { state: "up", delay_ms: expect.any(Number), required: true };
    const s3 = { ...up, required: false };
    expect([status, body.status, body.backends]).toEqual([200, "ready", { postgres: up, redis: up, s3 }]);
    expect(body.throttles).toBe("shared");
    expect(body.archive).toEqual({ behind: expect.any(Number), lag_ms: expect.any(Number) });
  });

  test("says that each isolate counts alone while Redis is away", async () => {
    const { status, body } = await ready(redisAway);
    expect([status, body.backends.redis, body.throttles]).toEqual([503, { state: "down", required: true }, "local"]);
    expect(body.mail).toEqual({ failures: 0 });
  });

  test("says that S3 is away, without which people talk all the same, or nothing of one that is not set up", async () => {
    const away = await ready(envWith({ S3_ENDPOINT: "http://127.0.0.1:1" }));
    expect([away.status, away.body.backends.s3]).toEqual([200, { state: "down", required: false }]);
    const without = { S3_ENDPOINT: "", S3_BUCKET: "", S3_ACCESS_KEY_ID: "", S3_SECRET_ACCESS_KEY: "" };
    const { status, body } = await ready(envWith(without));
    expect([status, Object.keys(body.backends)]).toEqual([200, ["postgres", "redis"]]);
  });

  test("shows failures of mail with their time, of whichever isolate, and that they are over", async () => {
    const letter = { to: `${newId()}@example.test`, subject: "s", text: "t", html: "h" };
    const broken = envWith({ SMTP_HOST: "127.0.0.1", SMTP_PORT: "1" });
    await connect(bindings).mail.send(letter, "r");
    await connect(broken).mail.send(letter, "r");
    const shown = expect.poll(async () => (await ready(bindings)).body.mail);
    await shown.toEqual({ failures: 1, last_failure_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) });
    await connect(bindings).mail.send(letter, "r");
    await expect.poll(async () => (await ready(bindings)).body.mail).toEqual({ failures: 0 });
  });

  test("shows failures of pushes where push is set up", async () => {
    expect((await ready(envWith({}))).body.push).toMatchObject({ failures: expect.any(Number) });
    expect((await ready(envWith({ FCM_SERVICE_ACCOUNT: "" }))).body).not.toHaveProperty("push");
  });

  test("looks once a second, however often it is asked, and then says what is so", async () => {
    const on = envWith({});
    const fetched = vi.spyOn(globalThis, "fetch");
    const asked = await Promise.all(Array.from({ length: 20 }, () => ready(on)));
    for (const { status } of asked) expect(status).toBe(200);
    const { length } = fetched.mock.calls;
    expect((await ready(on)).status).toBe(200);
    expect(fetched.mock.calls).toHaveLength(length);
    fetched.mockRejectedValue(new TypeError("Network connection lost."));
    expect((await ready(on)).status).toBe(200);
    await expect.poll(async () => (await ready(on)).status).toBe(503);
    expect(length).toBeLessThan(10);
  });
});
