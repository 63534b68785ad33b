import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { configOf } from "../../src/env.ts";
import { limits } from "../../src/protocol/limits.ts";
import type { Profile } from "../../src/protocol/users.ts";
import { connectProfiles } from "../../src/services/profiles.ts";
import { connectRedis } from "../../src/services/redis.ts";
import { bindings, until, withLimits } from "../support/room.ts";

const config = configOf(bindings);
const redis = connectRedis(config);

afterEach(() => {
  vi.useRealTimers();
});

function profileOf(id: string, name: string, isDeleted = false): Profile {
  return { user: { id, name, created_at: "2026-11-05T10:00:00.000Z" }, isDeleted };
}

/** Where profiles are kept, and what was asked of it. */
function archive(...profiles: Profile[]) {
  const kept = new Map(profiles.map((one) => [one.user.id, one]));
  const asked: string[][] = [];
  return {
    asked,
    put: (profile: Profile) => void kept.set(profile.user.id, profile),
    load: async (ids: string[]) => {
      if (ids.length > 0) asked.push(ids);
      return ids.flatMap((id) => kept.get(id) ?? []);
    },
  };
}

function people(count: number): Profile[] {
  return Array.from({ length: count }, (_, at) => profileOf(newId(), `Person ${at}`));
}

const idsOf = (profiles: Profile[]) => profiles.map((one) => one.user.id);
const nameIn = (found: Map<string, { name: string }>, id = "") => found.get(id)?.name;

describe("profiles", () => {
  test("are read where they are kept once, all that are missing at once, then from Redis by every isolate", async () => {
    const known = people(5);
    const { asked, load } = archive(...known);
    const here = connectProfiles(redis, load);
    const ids = idsOf(known);
    await here.people(ids.slice(0, 2));
    const found = await here.people([...ids, ...ids]);
    expect([...found.values()].map(({ name }) => name).sort()).toEqual(known.map(({ user }) => user.name));
    expect(asked).toEqual([ids.slice(0, 2), ids.slice(2)]);
    const there = connectProfiles(redis, load);
    expect(await there.people(ids)).toEqual(new Map(known.map(({ user }) => [user.id, user])));
    expect(asked).toHaveLength(2);
  });

  test("of nobody are asked of nobody", async () => {
    const { asked, load } = archive();
    expect(await connectProfiles(redis, load).people([])).toEqual(new Map());
    expect(asked).toEqual([]);
  });

  test("that are not there are not remembered", async () => {
    const id = newId();
    const { asked, put, load } = archive();
    const profiles = connectProfiles(redis, load);
    expect((await profiles.people([id])).size).toBe(0);
    put(profileOf(id, "New"));
    expect(nameIn(await profiles.people([id]), id)).toBe("New");
    expect(asked).toHaveLength(2);
  });

  test("of who was deleted are shown without a name, are no people, and are not cached", async () => {
    const id = newId();
    const profiles = connectProfiles(redis, archive(profileOf(id, "", true)).load);
    expect((await profiles.people([id])).size).toBe(0);
    expect(nameIn(await profiles.shown([id]), id)).toBe("");
    expect(await redis.exists(`user:${id}`)).toBe(0);
  });

  test("kept in another form by an older version are read anew", async () => {
    const [ann] = people(1);
    const id = ann?.user.id ?? "";
    await redis.set(`user:${id}`, '{"id":1}', { px: 60_000 });
    const { asked, load } = archive(...(ann ? [ann] : []));
    expect(nameIn(await connectProfiles(redis, load).people([id]), id)).toBe("Person 0");
    expect(asked).toHaveLength(1);
  });
});

describe("after a change profiles", () => {
  withLimits({ profileChangedMs: 300 });

  test("are new in every isolate at once, and cached again a while later", async () => {
    const id = newId();
    const { asked, put, load } = archive(profileOf(id, "Ann"));
    const [here, there] = [connectProfiles(redis, load), connectProfiles(redis, load)];
    await Promise.all([here.people([id]), there.people([id])]);
    await here.changing(id, async () => put(profileOf(id, "Anna")));
    expect(nameIn(await there.people([id]), id)).toBe("Anna");
    await until("the profile is cached again", async () => {
      const before = asked.length;
      expect(nameIn(await there.people([id]), id)).toBe("Anna");
      return asked.length === before ? true : undefined;
    });
  });

  test("read before it are not cached after it", async () => {
    const id = newId();
    const reading = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const slow = connectProfiles(redis, async () => {
      asked.resolve();
      await reading.promise;
      return [profileOf(id, "Ann")];
    });
    const late = slow.people([id]);
    await asked.promise;
    const { put, load } = archive(profileOf(id, "Ann"));
    const profiles = connectProfiles(redis, load);
    await profiles.changing(id, async () => put(profileOf(id, "Anna")));
    reading.resolve();
    await late;
    expect(nameIn(await profiles.people([id]), id)).toBe("Anna");
  });

  test("read in the middle of it are not cached either", async () => {
    const id = newId();
    const { put, load } = archive(profileOf(id, "Ann"));
    const profiles = connectProfiles(redis, load);
    await profiles.changing(id, async () => {
      expect(nameIn(await profiles.people([id]), id)).toBe("Ann");
      put(profileOf(id, "Anna"));
    });
    expect(nameIn(await profiles.people([id]), id)).toBe("Anna");
  });

  test("are new though the change's answer was lost", async () => {
    const id = newId();
    const { put, load } = archive(profileOf(id, "Ann"));
    const profiles = connectProfiles(redis, load);
    await profiles.people([id]);
    const lost = profiles.changing(id, async () => {
      put(profileOf(id, "Anna"));
      throw new Error("Network connection lost.");
    });
    await expect(lost).rejects.toThrow("lost");
    expect(nameIn(await profiles.people([id]), id)).toBe("Anna");
  });

  test("that are gone are gone at once", async () => {
    const id = newId();
    const { put, load } = archive(profileOf(id, "Ann"));
    const profiles = connectProfiles(redis, load);
    await profiles.people([id]);
    put(profileOf(id, "", true));
    await profiles.forget(id);
    expect((await profiles.people([id])).size).toBe(0);
  });
});

describe("where Redis is away profiles", () => {
  const away = connectRedis({ ...config, UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" });

  test("are read where they are kept, and Redis is left alone for a while", async () => {
    const [ann] = people(1);
    const id = ann?.user.id ?? "";
    const profiles = connectProfiles(away, archive(...(ann ? [ann] : [])).load);
    const fetched = vi.spyOn(globalThis, "fetch");
    expect((await profiles.people([id])).size).toBe(1);
    const tried = fetched.mock.calls.length;
    expect((await profiles.people([id])).size).toBe(1);
    expect(fetched.mock.calls.length).toBe(tried);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + limits.unavailableRetryMs });
    await profiles.people([id]);
    expect(fetched.mock.calls.length).toBeGreaterThan(tried);
    fetched.mockRestore();
  });

  test("are changed all the same", async () => {
    const profiles = connectProfiles(away, archive().load);
    expect(await profiles.changing(newId(), async () => "changed")).toBe("changed");
  });
});
