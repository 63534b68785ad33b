/**
 * People as others see them, read through Redis. A change leaves a mark in the profile's place before and after it, and
 * readers fill only an empty place: what was read before a change is never cached over it. Without Redis all is read
 * where it is kept.
 */
import type { Redis } from "@upstash/redis/cloudflare";
import { log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { type Profile, type User, user } from "../protocol/users.ts";
import { questions } from "./redis.ts";

export interface Profiles {
  /** Those of the ids who are people. */
  people(ids: string[]): Promise<Map<string, User>>;
  /** {@link people}, and who was deleted: without a name. */
  shown(ids: string[]): Promise<Map<string, User>>;
  /** Runs a change of somebody's profile. */
  changing<T>(id: string, change: () => Promise<T>): Promise<T>;
  /** What is cached of somebody is not so any more. */
  forget(id: string): Promise<void>;
}

const changedMark = "changed";
const keyOf = (id: string) => `user:${id}`;

/** @param load where profiles are kept: those of the ids that are or were people */
export function connectProfiles(redis: Redis, load: (ids: string[]) => Promise<Profile[]>): Profiles {
  const { ask, insist } = questions();

  /** What is in the places of these ids, in their order. */
  async function look(ids: string[]): Promise<(string | null)[]> {
    return (await ifThere(ask(() => redis.mget<(string | null)[]>(ids.map(keyOf))))) ?? [];
  }

  async function fill(users: User[]): Promise<void> {
    if (users.length === 0) return;
    const life = { nx: true, px: limits.profileMs } as const;
    await ifThere(
      ask(() => users.reduce((all, one) => all.set(keyOf(one.id), JSON.stringify(one), life), redis.pipeline()).exec()),
    );
  }

  async function read(given: string[]): Promise<Profile[]> {
    const ids = [...new Set(given)];
    if (ids.length === 0) return [];
    const places = await look(ids);
    const cached = places.map(userIn).filter((one) => one !== undefined);
    const known = new Set(cached.map(({ id }) => id));
    const loaded = await load(ids.filter((id) => !known.has(id)));
    const empty = new Set(ids.filter((_, at) => places[at] === null));
    await fill(loaded.filter((one) => !one.isDeleted && empty.has(one.user.id)).map((one) => one.user));
    return [...cached.map((one) => ({ user: one, isDeleted: false })), ...loaded];
  }

  async function forget(id: string): Promise<void> {
    const marked = await ifThere(insist(() => redis.set(keyOf(id), changedMark, { px: limits.profileChangedMs })));
    if (marked === undefined) log("warn", "profile_stale", { user_id: id });
  }

  return {
    async people(ids) {
      return byId((await read(ids)).filter((one) => !one.isDeleted));
    },
    async shown(ids) {
      return byId(await read(ids));
    },
    async changing(id, change) {
      await forget(id);
      const changed = await change();
      await forget(id);
      return changed;
    },
    forget,
  };
}

/** Undefined where Redis is away. */
async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function byId(profiles: Profile[]): Map<string, User> {
  return new Map(profiles.map((one) => [one.user.id, one.user]));
}

/** Undefined for an empty place, a changed one, and one that an older version filled in another form. */
function userIn(text: string | null): User | undefined {
  if (text === null || text === changedMark) return undefined;
  const read = user.safeParse(JSON.parse(text));
  return read.success ? read.data : undefined;
}
