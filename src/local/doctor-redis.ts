import { randomUUID } from "node:crypto";
import { Redis } from "@upstash/redis";
import type { Config } from "../protocol/config.ts";
import type { Look } from "./doctor-look.ts";

export function redisLook({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }: Config): Look {
  return async (tell, signal) => {
    const redis = new Redis({
      url,
      token,
      enableTelemetry: false,
      retry: false,
      signal,
      automaticDeserialization: false,
    });
    await redis.ping();
    const key = `doctor:${randomUUID()}`;
    await redis.set(key, "well", { px: 60_000 });
    const read = await redis.get<string>(key);
    const scripted = await redis.eval("return redis.call('DEL', KEYS[1])", [key], []);
    if (read === "well" && Number(scripted) === 1) tell.fine("answers, keeps, and runs scripts");
    else tell.wrong("it does not keep what it was given: is it a Redis that takes writes?");
  };
}
