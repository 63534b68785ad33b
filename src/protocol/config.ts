import { z } from "zod";
import { serviceAccount } from "./push.ts";

const secret = z.string().min(32, "needs at least 32 characters");
const perMinute = z.coerce.number().int().min(1).max(1_000_000);
const bytes = z.coerce
  .number()
  .int()
  .min(1)
  .max(5 * 1024 * 1024 * 1024); // S3 takes no larger one in one piece
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean),
);

const mediaTypes = [
  ...["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/heic", "video/*", "audio/*"],
  ...["application/pdf", "application/zip", "application/gzip", "application/x-7z-compressed", "application/vnd.rar"],
  ...["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/rtf"],
  ...["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ...["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ...["application/vnd.openxmlformats-officedocument.presentationml.presentation"],
  ...["application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"],
  ...["application/epub+zip", "application/json", "application/octet-stream"],
  ...["text/plain", "text/csv", "text/markdown", "text/calendar", "text/vcard"],
];

const seconds = z.coerce.number().int().min(1).max(86_400);

/**
 * Every variable PingMe reads, parsed once (`src/env.ts`). `.dev.vars.example` explains each; a test holds the two together.
 * An empty variable counts as one that is not set.
 */
export const variables = z.object({
  /** Where clients reach this server: the issuer of tokens and the start of links in mails. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }),
  /** Postgres, as Neon gives it: postgres://user:password@host/database */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Where Neon's HTTP protocol is spoken, if not at the database's host: the embedded Postgres. */
  DATABASE_HTTP_URL: z.url({ protocol: /^https?$/ }).optional(),
  UPSTASH_REDIS_REST_URL: z.url({ protocol: /^https?$/ }),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  /** `kid:secret`, comma-separated: the first signs access tokens, all are accepted. */
  JWT_KEYS: z.string().transform((text, context) => {
    const keys = text.split(",").map((entry) => {
      const colon = entry.indexOf(":");
      return { kid: entry.slice(0, colon).trim(), secret: entry.slice(colon + 1).trim() };
    });
    const sound = keys.every((key) => /^[\w.-]{1,32}$/.test(key.kid) && key.secret.length >= 32);
    const distinct = new Set(keys.map((key) => key.kid)).size === keys.length;
    if (!sound || !distinct || keys.length > 2) {
      context.addIssue({ code: "custom", message: "needs one or two of kid:secret, secrets of 32 characters or more" });
      return z.NEVER;
    }
    return keys;
  }),
  /** Keys the hashes of mailed codes, challenges and refresh tokens. */
  CODE_KEY: secret,
  SMTP_HOST: z.string().min(1),
  SMTP_PORT: z.coerce.number().int().min(1).max(65_535).default(465),
  SMTP_SECURITY: z.enum(["tls", "starttls", "none"]).default("tls"),
  SMTP_USERNAME: z.string().optional(),
  SMTP_PASSWORD: z.string().optional(),
  MAIL_FROM: z.string().min(3).default("PingMe <no-reply@pingme.example>"),
  /** Sign-in with Google, both or none. */
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  /** Exactly as it names itself in what it publishes and signs. */
  GOOGLE_ISSUER: z.url({ protocol: /^https?$/ }).default("https://accounts.google.com"),
  /** The page one comes back to with `?code=` or `?error=`; the root of PUBLIC_URL if not set. */
  GOOGLE_RETURN_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** The S3-compatible store of media, all or none. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  S3_REGION: z.string().min(1).default("auto"),
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "needs the name of a bucket")
    .optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** `https://endpoint/bucket/key`; otherwise `https://bucket.endpoint/key`. */
  S3_PATH_STYLE: z
    .enum(["true", "false"])
    .default("true")
    .transform((text) => text === "true"),
  /** Where a browser finds what is public of the bucket; the Worker serves it itself if not set. */
  S3_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Push by Firebase Cloud Messaging: the JSON that Google gives for a service account. Not set: no push. */
  FCM_SERVICE_ACCOUNT: serviceAccount.optional(),
  FCM_BASE_URL: z.url({ protocol: /^https?$/ }).default("https://fcm.googleapis.com"),
  /** Origins that may call from a browser, comma-separated; `*` for any. */
  CORS_ORIGINS: list.default([]),
  /** Bytes of one upload: images, and all else. */
  MEDIA_MAX_IMAGE_BYTES: bytes.default(10 * 1024 * 1024),
  MEDIA_MAX_FILE_BYTES: bytes.default(100 * 1024 * 1024),
  /** Bytes of all that somebody has uploaded. */
  MEDIA_QUOTA_BYTES: bytes.default(2 * 1024 * 1024 * 1024),
  /** Types that may be uploaded, comma-separated; `video/*` for all of a kind. What can run in a browser is never shown there. */
  MEDIA_TYPES: list.default(mediaTypes),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  WS_RATE_LIMIT_MESSAGES_PER_MINUTE: perMinute.default(50),
  WS_RATE_LIMIT_TYPING_PER_MINUTE: perMinute.default(30),
  WS_RATE_LIMIT_GENERAL_PER_MINUTE: perMinute.default(150),
  WS_HEARTBEAT_TIMEOUT: seconds.default(60),
  WS_TYPING_TIMEOUT: seconds.default(5),
  WS_MAX_MESSAGE_SIZE: z.coerce.number().int().min(1_024).max(1_048_576).default(65_536),
  /** Requests a minute to open routes from one address. */
  AUTH_RATE_LIMIT_PER_ADDRESS: perMinute.default(300),
  /** Wrong passwords in 15 minutes for one account. */
  AUTH_RATE_LIMIT_PER_ACCOUNT: perMinute.default(10),
});

export type Config = z.output<typeof variables>;

/** Set together or not at all. */
const groups = [
  ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
  ["S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"],
];

/** @returns the configuration, or the names of bad variables with what is wrong with each. Never a value. */
export function readConfig(
  source: Record<string, unknown>,
): { ok: true; config: Config } | { ok: false; wrong: string[] } {
  const given = Object.fromEntries(
    Object.keys(variables.shape)
      .map((name) => [name, source[name]] as const)
      .filter(([, value]) => typeof value === "string" && value !== ""),
  );
  const parsed = variables.safeParse(given);
  const parts = groups.flatMap((group) => {
    const set = group.find((name) => name in given);
    const missing = set === undefined ? [] : group.filter((name) => !(name in given));
    return missing.map((name) => `${name}: is not set, ${set} is`);
  });
  if (parsed.success && parts.length === 0) return { ok: true, config: parsed.data };
  const wrong = (parsed.error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0]);
    return `${name}: ${name in given ? issue.message : "is not set"}`;
  });
  return { ok: false, wrong: [...wrong, ...parts] };
}
