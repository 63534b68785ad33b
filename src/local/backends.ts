import { join } from "node:path";
import { hasEmbeddedFcm, hasEmbeddedGoogle, type Ports } from "./embedded.ts";
import { fcmKeyIn } from "./fcm-account.ts";
import { migrate } from "./migrations.ts";
import { places } from "./places.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { secretsIn } from "./state.ts";
import type { Variables } from "./variables.ts";

export interface Backends {
  ports: Ports;
  close(): Promise<void>;
}

interface Options {
  folder: string;
  ports: Ports;
  /** What the environment sets: a backend it replaces is not started. PGURL puts a real Postgres behind the endpoint. */
  given: Variables;
  isQuiet?: boolean;
}

/** Postgres (migrated), Redis, S3, mailbox, Google and FCM, as far as `given` names no others. */
export async function startBackends({ folder, ports, given, isQuiet = false }: Options): Promise<Backends> {
  const secrets = secretsIn(folder);
  const token = secrets.UPSTASH_REDIS_REST_TOKEN;
  const credentials = { accessKeyId: secrets.S3_ACCESS_KEY_ID, secretAccessKey: secrets.S3_SECRET_ACCESS_KEY };
  const postgres = () => startPostgres({ port: ports.postgres, folder: join(folder, "postgres"), url: given.PGURL });
  // Loaded only here: most of a command's start is the loading of what it may never use.
  const redis = async () => (await import("./redis.ts")).startRedis({ port: ports.redis, token });
  const s3 = async () => (await import("./s3.ts")).startS3({ port: ports.s3, folder: join(folder, "s3"), credentials });
  const mailbox = async () =>
    (await import("./mailbox.ts")).startMailbox({ port: ports.mailbox, smtpPort: ports.smtp, isQuiet });
  const google = async () => (await import("./google.ts")).startGoogle({ port: ports.google });
  const fcm = async () => (await import("./fcm.ts")).startFcm({ port: ports.fcm, key: fcmKeyIn(folder) });
  const starting = [
    given.DATABASE_URL ? undefined : postgres().then(migrated),
    given.UPSTASH_REDIS_REST_URL ? undefined : redis(),
    given.S3_ENDPOINT ? undefined : s3(),
    given.SMTP_HOST ? undefined : mailbox(),
    hasEmbeddedGoogle(given) ? google() : undefined,
    hasEmbeddedFcm(given) ? fcm() : undefined,
  ] as const;
  const settled = await Promise.allSettled(starting);
  const close = async () => {
    await Promise.all(settled.map((one) => (one.status === "fulfilled" ? one.value?.close() : undefined)));
  };
  const failed = settled.find((one) => one.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }
  const [database, cache, blobs, mails, accounts, pushes] = await Promise.all(starting);
  return {
    ports: {
      postgres: database?.port ?? ports.postgres,
      redis: cache?.port ?? ports.redis,
      s3: blobs?.port ?? ports.s3,
      mailbox: mails?.port ?? ports.mailbox,
      google: accounts?.port ?? ports.google,
      smtp: mails?.smtpPort ?? ports.smtp,
      fcm: pushes?.port ?? ports.fcm,
    },
    close,
  };
}

async function migrated(postgres: Postgres): Promise<Postgres> {
  try {
    await migrate(postgres, places.migrations);
    return postgres;
  } catch (error) {
    await postgres.close();
    throw error;
  }
}
