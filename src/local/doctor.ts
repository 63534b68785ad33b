import { existsSync, readFileSync } from "node:fs";
import { parseArgs, parseEnv } from "node:util";
import { type Config, readConfig } from "../protocol/config.ts";
import { fcmLook } from "./doctor-fcm.ts";
import { googleLook } from "./doctor-google.ts";
import { type Finding, type Look, look, redacted } from "./doctor-look.ts";
import { postgresLook } from "./doctor-postgres.ts";
import { redisLook } from "./doctor-redis.ts";
import { s3Look } from "./doctor-s3.ts";
import { serverLook } from "./doctor-server.ts";
import { lookAtAddresses, lookAtKeys, lookAtNames, lookAtParts, secretsOf } from "./doctor-settings.ts";
import { smtpLook } from "./doctor-smtp.ts";
import { wranglerLook } from "./doctor-wrangler.ts";
import { main, Refusal, say } from "./say.ts";
import { loadVariablesFile, type Variables } from "./variables.ts";

interface Options {
  vars?: string | undefined;
  url?: string | undefined;
  mailTo?: string | undefined;
}

/** One loads Wrangler first, the other asks for several things. */
const patienceMs: Record<string, number> = { wrangler: 60_000, server: 30_000 };

const labels = { fine: "ok", hint: "hint", wrong: "WRONG" };

/**
 * `npm run doctor -- [--vars FILE] [--url https://deployed] [--mail-to ADDRESS]`: looks at a configuration, at all it
 * names, and at the server that runs with it. A line a finding; exit code 1 when something is wrong.
 */
await main(async () => {
  const options = read(process.argv.slice(2));
  const file = fileOf(options);
  const given = { ...file, ...process.env };
  const found = (await Promise.all(looksFor(file, given, options))).flat();
  const findings = redacted(found, secretsOf(given));
  for (const finding of findings) say(printed(finding));
  const wrong = findings.filter(({ level }) => level === "wrong").length;
  say(wrong === 0 ? "\nNothing is wrong." : `\n${wrong} wrong.`);
  // Whatever hangs still is not waited for.
  process.exit(wrong === 0 ? 0 : 1);
});

/** @throws Refusal */
function read(args: string[]): Options {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({ args, options: { vars: text, url: text, "mail-to": text } });
    const { vars, url, "mail-to": mailTo } = values;
    if (mailTo && !/^[^\s<>@]+@[^\s<>@]+$/.test(mailTo)) throw new Error("--mail-to needs an address");
    return { vars, url: url && new URL(url).origin, mailTo };
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : String(error));
  }
}

/** @throws Refusal where there is no such file */
function fileOf({ vars }: Options): Variables {
  if (vars === undefined) return loadVariablesFile();
  if (!existsSync(vars)) throw new Refusal(`there is no file ${vars}`);
  return parseEnv(readFileSync(vars, "utf8"));
}

function looksFor(file: Variables, given: Variables, { url, mailTo }: Options): Promise<Finding[]>[] {
  const parsed = readConfig(given);
  const sound = parsed.ok ? parsed : readConfig(withoutParts(given, parsed.wrong));
  const configured = sound.ok ? looksAt(sound.config, mailTo) : {};
  const looks: Record<string, Look> = {
    variables: async (tell) => {
      lookAtNames(file, tell);
      if (parsed.ok) return tell.fine("all of them parse");
      for (const what of parsed.wrong) tell.wrong(what);
      if (!sound.ok) tell.hint("what they name was not looked at: set them right first");
    },
    ...configured,
    wrangler: wranglerLook(),
    ...(url && { server: serverLook(url, sound.ok ? sound.config.PUBLIC_URL : undefined) }),
  };
  return Object.entries(looks).map(([area, ask]) => look(area, ask, patienceMs[area]));
}

/** Without the parts (S3_, FCM_ ...) that `wrong` is about: it shall not hide what is wrong with the others. */
function withoutParts(given: Variables, wrong: string[]): Variables {
  const partOf = (name: string) => name.split("_", 1)[0];
  const parts = wrong.map(partOf);
  return Object.fromEntries(Object.entries(given).filter(([name]) => !parts.includes(partOf(name))));
}

function looksAt(config: Config, mailTo: string | undefined): Record<string, Look> {
  return {
    settings: async (tell) => {
      for (const lookAt of [lookAtAddresses, lookAtKeys, lookAtParts]) lookAt(config, tell);
    },
    postgres: postgresLook(config),
    redis: redisLook(config),
    s3: s3Look(config),
    smtp: smtpLook(config, mailTo),
    fcm: fcmLook(config),
    google: googleLook(config),
  };
}

function printed({ area, level, what }: Finding): string {
  return `${labels[level].padEnd(6)} ${area.padEnd(10)} ${what}`;
}
