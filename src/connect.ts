import { connectDatabase, type Database } from "./db/connect.ts";
import { eraseMedia, unusedMedia } from "./db/leftovers.ts";
import { profilesByIds } from "./db/users.ts";
import { configOf, type Env } from "./env.ts";
import type { Config } from "./protocol/config.ts";
import { limits } from "./protocol/limits.ts";
import { type Blobs, connectBlobs } from "./services/blobs.ts";
import { type Cache, connectCache } from "./services/cache.ts";
import { connectGoogle, type Google } from "./services/google.ts";
import { connectLag, type Lag } from "./services/lag.ts";
import { connectLeftovers, type Leftovers } from "./services/leftovers.ts";
import { connectMail, type Mail } from "./services/mail.ts";
import { connectOutages } from "./services/outages.ts";
import { connectProfiles, type Profiles } from "./services/profiles.ts";
import { connectPush, type Push } from "./services/push.ts";
import { connectRedis } from "./services/redis.ts";
import { connectTokens, type Tokens } from "./services/tokens.ts";

export interface Services {
  config: Config;
  db: Database;
  /** Undefined where it is not set up. */
  blobs: Blobs | undefined;
  cache: Cache;
  /** Undefined where it is not set up. */
  google: Google | undefined;
  lag: Lag;
  leftovers: Leftovers;
  mail: Mail;
  profiles: Profiles;
  /** Undefined where it is not set up. */
  push: Push | undefined;
  tokens: Tokens;
}

const connected = new WeakMap<Env, Services>();

/** Everything outside, ready to use; made once an isolate. @throws Fault UNAVAILABLE on a bad configuration */
export function connect(env: Env): Services {
  const known = connected.get(env);
  if (known) return known;
  const config = configOf(env);
  const db = connectDatabase(config);
  const blobs = connectBlobs(config);
  const services: Services = {
    config,
    db,
    blobs,
    cache: connectCache(config),
    google: connectGoogle(config),
    lag: connectLag(connectRedis(config)),
    leftovers: connectLeftovers(blobs, {
      unused: (most) => unusedMedia(db, most),
      erase: (ids) => eraseMedia(db, ids),
    }),
    mail: connectMail(config, connectOutages(connectRedis(config), "mail", limits.mailFailuresMs)),
    profiles: connectProfiles(connectRedis(config), (ids) => profilesByIds(db, ids)),
    push: connectPush(config, connectOutages(connectRedis(config), "push", limits.pushFailuresMs)),
    tokens: connectTokens(config),
  };
  connected.set(env, services);
  return services;
}
