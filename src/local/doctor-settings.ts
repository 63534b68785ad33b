/** What can be told of the variables without asking anybody. */
import { type Config, variables } from "../protocol/config.ts";
import type { Tell } from "./doctor-look.ts";
import type { Variables } from "./variables.ts";

/** Told in `secretsOf`, and out of place in what is committed. */
export const secretNames = [
  ...["DATABASE_URL", "UPSTASH_REDIS_REST_TOKEN", "JWT_KEYS", "CODE_KEY", "SMTP_PASSWORD", "GOOGLE_CLIENT_SECRET"],
  ...["S3_SECRET_ACCESS_KEY", "FCM_SERVICE_ACCOUNT"],
];

/** Every text that must not be shown. */
export function secretsOf(given: Variables): string[] {
  const whole = secretNames.flatMap((name) => given[name] || []);
  const password = URL.parse(given.DATABASE_URL ?? "")?.password ?? "";
  const keys = (given.JWT_KEYS ?? "").split(",").map((key) => key.slice(key.indexOf(":") + 1).trim());
  return [...whole, password, decodeURIComponent(password), ...keys].filter(Boolean);
}

/** Of the launcher, the tests and the tools, in the same file. */
const others = /^(PORT|PGURL|PINGME_\w+|CLOUDFLARE_\w+|WRANGLER_\w+)$/;

/** @param file what the variables' file says, without the environment */
export function lookAtNames(file: Variables, tell: Tell): void {
  for (const name of Object.keys(file)) {
    if (name in variables.shape || others.test(name)) continue;
    tell.hint(`${name} is no variable of PingMe: a slip of the pen?`);
  }
}

const isHere = (url: string) => /^(localhost|127\.|10\.|192\.168\.|\[::1\]|0\.0\.0\.0)/.test(new URL(url).hostname);

export function lookAtAddresses(config: Config, tell: Tell): void {
  const { PUBLIC_URL, MAIL_FROM, CORS_ORIGINS, SMTP_SECURITY, S3_ENDPOINT } = config;
  const url = new URL(PUBLIC_URL);
  if (url.protocol !== "https:")
    tell.wrong(`PUBLIC_URL is ${PUBLIC_URL}: it must begin with https://, cookies and links need it`);
  if (isHere(PUBLIC_URL))
    tell.wrong(`PUBLIC_URL is ${PUBLIC_URL}: nobody else can reach that, set the address clients use`);
  if (url.pathname !== "/") tell.wrong("PUBLIC_URL has a path: PingMe lives at the root of its address");
  for (const name of [
    "DATABASE_HTTP_URL",
    "UPSTASH_REDIS_REST_URL",
    "S3_ENDPOINT",
    "GOOGLE_ISSUER",
    "FCM_BASE_URL",
  ] as const) {
    const address = config[name];
    if (address && isHere(address))
      tell.hint(`${name} is on this machine or its network: a Worker on Cloudflare cannot reach it`);
  }
  if (S3_ENDPOINT?.startsWith("http:"))
    tell.hint("S3_ENDPOINT is not https: a page at an https address may not upload there");
  if (MAIL_FROM.includes("pingme.example"))
    tell.wrong("MAIL_FROM is not set: mail from pingme.example is thrown away, name an address of your own");
  if (SMTP_SECURITY === "none")
    tell.hint("SMTP_SECURITY is none: passwords and codes travel in clear, tls or starttls keep them");
  if (CORS_ORIGINS.includes("*"))
    tell.hint("CORS_ORIGINS is *: the page of any site may call; name yours, or none for the web client alone");
}

export function lookAtKeys({ JWT_KEYS, CODE_KEY }: Config, tell: Tell): void {
  const keys = [
    ...JWT_KEYS.map(({ kid, secret }) => ({ name: `JWT_KEYS ${kid}`, secret })),
    { name: "CODE_KEY", secret: CODE_KEY },
  ];
  for (const { name, secret } of keys) {
    if (isGuessable(secret)) tell.wrong(`${name} can be guessed: make one with openssl rand -base64 32`);
  }
  if (new Set(keys.map(({ secret }) => secret)).size < keys.length)
    tell.wrong("Two keys are the same: give each its own secret");
}

/** Letters of a few kinds, or words of an example. What is made by chance has some twenty different ones in 32. */
function isGuessable(secret: string): boolean {
  return new Set(secret).size < 12 || /change.?me|example|secret|password|0123456789|abcdefgh/i.test(secret);
}

export function lookAtParts(config: Config, tell: Tell): void {
  if (!config.S3_ENDPOINT) tell.hint("S3_ENDPOINT is not set: no files, pictures or avatars");
  if (!config.FCM_SERVICE_ACCOUNT) tell.hint("FCM_SERVICE_ACCOUNT is not set: no push");
  if (!config.GOOGLE_CLIENT_ID) tell.hint("GOOGLE_CLIENT_ID is not set: no sign-in with Google");
}
