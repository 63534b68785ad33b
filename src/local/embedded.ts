import { fcmKeyIn, fcmServiceAccount } from "./fcm-account.ts";
import { googleClient } from "./google-client.ts";
import { connectionString } from "./postgres.ts";
import { s3Bucket, s3Endpoint } from "./s3-place.ts";
import { loopback, refuseTaken } from "./server.ts";
import { secretsIn } from "./state.ts";
import type { Variables } from "./variables.ts";

/** Where each embedded backend listens; 0 takes a free port. */
export interface Ports {
  postgres: number;
  redis: number;
  s3: number;
  mailbox: number;
  google: number;
  smtp: number;
  fcm: number;
}

export const portsAbove = (port: number): Ports => ({
  postgres: port + 1,
  redis: port + 2,
  s3: port + 3,
  mailbox: port + 4,
  google: port + 5,
  smtp: port + 6,
  fcm: port + 7,
});

const purposes: Record<keyof Ports, string> = {
  postgres: "Postgres",
  redis: "Redis",
  s3: "S3",
  mailbox: "mailbox",
  google: "Google",
  smtp: "SMTP",
  fcm: "FCM",
};

/** @throws Refusal that names the first port of `ports` that is taken */
export async function refuseTakenPorts(ports: Ports): Promise<void> {
  for (const name of Object.keys(purposes) as (keyof Ports)[]) await refuseTaken(ports[name], purposes[name]);
}

/** The embedded Google lets anybody be anybody: never beside accounts or mailboxes that are real. */
export function hasEmbeddedGoogle(given: Variables): boolean {
  return !given.GOOGLE_CLIENT_ID && !given.DATABASE_URL && !given.SMTP_HOST;
}

export function hasEmbeddedFcm(given: Variables): boolean {
  return !given.FCM_SERVICE_ACCOUNT && !given.FCM_BASE_URL;
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
    GOOGLE_CLIENT_ID: googleClient.id,
    GOOGLE_CLIENT_SECRET: googleClient.secret,
    GOOGLE_ISSUER: `http://${loopback}:${ports.google}`,
    S3_ENDPOINT: s3Endpoint(ports.s3),
    S3_BUCKET: s3Bucket,
    FCM_SERVICE_ACCOUNT: fcmServiceAccount(fcmKeyIn(folder), `http://${loopback}:${ports.fcm}`),
    FCM_BASE_URL: `http://${loopback}:${ports.fcm}`,
    // Tokens travel in headers, not in cookies: any page may be tried against a server on one's own machine.
    CORS_ORIGINS: "*",
  };
}
