import { join } from "node:path";
import { startMailbox } from "./mailbox.ts";
import { migrate } from "./migrations.ts";
import { places } from "./places.ts";
import { connectionString, type Postgres, startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";
import { loopback, refuseTaken } from "./server.ts";
import { secretsIn } from "./state.ts";
import type { Variables } from "./variables.ts";

/** Where each embedded backend listens; 0 takes a free port. */
export interface Ports {
  postgres: number;
  redis: number;
  mailbox: number;
  smtp: number;
}

export const portsAbove = (port: number): Ports => ({
  postgres: port + 1,
  redis: port + 2,
  mailbox: port + 4,
  smtp: port + 6,
});

const purposes: Record<keyof Ports, string> = {
  postgres: "Postgres",
  redis: "Redis",
  mailbox: "mailbox",
  smtp: "SMTP",
};

/** @throws Refusal that names the first port of `ports` that is taken */
export async function refuseTakenPorts(ports: Ports): Promise<void> {
  for (const name of Object.keys(purposes) as (keyof Ports)[]) await refuseTaken(ports[name], purposes[name]);
}

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

/** Postgres (migrated), Redis and mailbox, as far as `given` names no others. */
export async function startBackends({ folder, ports, given, isQuiet = false }: Options): Promise<Backends> {
  const token = secretsIn(folder).UPSTASH_REDIS_REST_TOKEN;
  const postgres = () => startPostgres({ port: ports.postgres, folder: join(folder, "postgres"), url: given.PGURL });
  const redis = () => startRedis({ port: ports.redis, token });
  const mailbox = () => startMailbox({ port: ports.mailbox, smtpPort: ports.smtp, isQuiet });
  const starting = [
    given.DATABASE_URL ? undefined : postgres().then(migrated),
    given.UPSTASH_REDIS_REST_URL ? undefined : redis(),
    given.SMTP_HOST ? undefined : mailbox(),
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
  const [database, cache, mails] = await Promise.all(starting);
  return {
    ports: {
      postgres: database?.port ?? ports.postgres,
      redis: cache?.port ?? ports.redis,
      mailbox: mails?.port ?? ports.mailbox,
      smtp: mails?.smtpPort ?? ports.smtp,
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

/** What tells the Worker to use the embedded backends on `ports`. */
export function embeddedVariables(folder: string, ports: Ports): Variables {
  return {
    ...secretsIn(folder),
    DATABASE_URL: connectionString,
    DATABASE_HTTP_URL: `http://${loopback}:${ports.postgres}/sql`,
    UPSTASH_REDIS_REST_URL: `http://${loopback}:${ports.redis}`,
    SMTP_HOST: loopback,
    SMTP_PORT: String(ports.smtp),
    SMTP_SECURITY: "none",
    // Tokens travel in headers, not in cookies: any page may be tried against a server on one's own machine.
    CORS_ORIGINS: "*",
  };
}
