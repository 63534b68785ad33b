import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { configOf, type Env } from "../../src/env.ts";
import type { Config } from "../../src/protocol/config.ts";
import type { FcmMessage } from "../../src/protocol/push.ts";
import { connectOutages } from "../../src/services/outages.ts";
import { connectPush, type Push } from "../../src/services/push.ts";
import { connectRedis } from "../../src/services/redis.ts";
import { fares, newToken, pushesTo } from "../support/fcm.ts";
import { withLimits } from "../support/room.ts";
import { whileFcm } from "../support/weather.ts";

const config = configOf(env as unknown as Env);
const redisAway = { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1", UPSTASH_REDIS_REST_TOKEN: "x" };

/** Push of an isolate of its own, which hears nothing of the others. */
function isolate(changes: Partial<Config> = {}): Push {
  const push = connectPush({ ...config, ...changes }, connectOutages(connectRedis(redisAway), "push", 60_000));
  if (!push) throw new Error("Push is not set up");
  return push;
}

function withAccount(changes: Partial<NonNullable<Config["FCM_SERVICE_ACCOUNT"]>>): Push {
  const { FCM_SERVICE_ACCOUNT: account } = config;
  if (!account) throw new Error("Push is not set up");
  return isolate({ FCM_SERVICE_ACCOUNT: { ...account, ...changes } });
}

const hello = (token: string): FcmMessage => ({ token, data: { sequence: "1" }, notification: { title: "Ann" } });

/** How often a token was asked for while it runs. */
function accessAsked(run: () => Promise<unknown>): Promise<number> {
  return whileFcm(
    "assertion=",
    () => "fine",
    async (sent) => {
      await run();
      return sent.length;
    },
  );
}

describe("a push", () => {
  test("arrives as it was sent", async () => {
    const token = newToken();
    expect(await isolate().send(hello(token))).toEqual({ as: "sent" });
    expect(await pushesTo(token)).toEqual([hello(token)]);
  });

  test("asks for no access token while there is one, however many go at once", async () => {
    const push = isolate();
    const tokens = Array.from({ length: 8 }, newToken);
    const asked = await accessAsked(async () => {
      const sent = await Promise.all(tokens.map((token) => push.send(hello(token))));
      expect(sent).toEqual(tokens.map(() => ({ as: "sent" })));
      await push.send(hello(newToken()));
    });
    expect(asked).toBe(1);
  });

  test("renews an access token FCM does not take, once", async () => {
    const [once, always] = [newToken(), newToken()];
    await fares(once, { as: "unauthenticated", times: 1 });
    await fares(always, { as: "unauthenticated" });
    const push = isolate();
    await push.send(hello(newToken()));
    expect(await accessAsked(async () => expect(await push.send(hello(once))).toEqual({ as: "sent" }))).toBe(1);
    expect(await accessAsked(async () => expect(await push.send(hello(always))).toMatchObject({ as: "later" }))).toBe(
      1,
    );
  });

  test.each([
    ["unregistered", undefined, { as: "gone" }],
    ["refused", undefined, { as: "gone" }],
    ["quota", 7, { as: "later", afterMs: 7_000 }],
    ["quota", undefined, { as: "later", afterMs: 60_000 }],
    ["failing", 3, { as: "later", afterMs: 3_000 }],
    ["failing", undefined, { as: "later", afterMs: 10_000 }],
  ] as const)("to a token that is %s (Retry-After %s) ends as %j", async (as, retry_after, ending) => {
    const token = newToken();
    await fares(token, { as, ...(retry_after !== undefined && { retry_after }) });
    expect(await isolate().send(hello(token))).toEqual(ending);
    expect(await pushesTo(token)).toEqual([]);
  });

  test("of another project is not sent again, nor is one that has no form", async () => {
    expect(await withAccount({ project_id: "another" }).send(hello(newToken()))).toEqual({ as: "refused" });
    const token = newToken();
    const bad = { ...hello(token), data: { google_x: "kept for itself" } };
    expect(await isolate().send(bad)).toEqual({ as: "refused" });
    expect(await pushesTo(token)).toEqual([]);
  });

  test("waits where the account is refused, or nobody is there to give a token", async () => {
    expect(await withAccount({ client_email: "stranger@example.test" }).send(hello(newToken()))).toMatchObject({
      as: "later",
    });
    expect(await withAccount({ token_uri: "http://127.0.0.1:1/token" }).send(hello(newToken()))).toMatchObject({
      as: "later",
    });
    expect(await isolate({ FCM_BASE_URL: "http://127.0.0.1:1" }).send(hello(newToken()))).toMatchObject({
      as: "later",
    });
  });

  test("shows its failures until one arrives, and counts no token that is gone", async () => {
    const [failing, gone] = [newToken(), newToken()];
    await fares(failing, { as: "failing" });
    await fares(gone, { as: "unregistered" });
    const push = isolate();
    await push.send(hello(gone));
    expect(await push.state()).toEqual({ failures: 0 });
    for (let time = 0; time < 2; time++) await push.send(hello(failing));
    expect(await push.state()).toEqual({ failures: 2, failed_at: expect.any(Number) });
    await push.send(hello(newToken()));
    expect(await push.state()).toEqual({ failures: 0 });
  });

  test("is not there without an account", () => {
    const outages = connectOutages(connectRedis(redisAway), "push", 60_000);
    expect(connectPush({ ...config, FCM_SERVICE_ACCOUNT: undefined }, outages)).toBeUndefined();
  });
});

describe("near the end of its access token", () => {
  withLimits({ pushAccessSlackMs: 3_600_000 });

  test("a push asks for the next, and goes with the one it has where there is none", async () => {
    const push = isolate();
    expect(await accessAsked(() => push.send(hello(newToken())))).toBe(1);
    expect(await accessAsked(() => push.send(hello(newToken())))).toBe(1);
    const token = newToken();
    const sent = await whileFcm(
      "assertion=",
      () => "away",
      () => push.send(hello(token)),
    );
    expect(sent).toEqual({ as: "sent" });
  });
});

describe("when FCM hangs", () => {
  withLimits({ pushTimeoutMs: 100 });

  test("a push is given up in time", async () => {
    const token = newToken();
    await fares(token, { as: "hanging" });
    const push = isolate();
    expect(await push.send(hello(token))).toEqual({ as: "later", afterMs: 10_000 });
    await fares(token, { as: "fine" });
    expect(await push.send(hello(token))).toEqual({ as: "sent" });
  });
});
