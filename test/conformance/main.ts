/**
 * `npm run conformance -- --url http://host [--mailbox URL] [--fcm URL] [--google URL] [journey ...]`: the journeys of
 * `test/journeys` against a server that runs already, whoever has started it. Exit code 1 on a failure.
 */
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { startVitest } from "vitest/node";
import { portsAbove } from "../../src/local/embedded.ts";
import { root } from "../../src/local/places.ts";
import { main, Refusal, say } from "../../src/local/say.ts";
import { needs } from "../support/needs.ts";
import { printedTable } from "./table.ts";

const usage = "npm run conformance -- --url http://host [--mailbox URL] [--fcm URL] [--google URL] [journey ...]";

const withoutMailbox = `
Without a mailbox nobody can be registered, and next to nothing is tested. Let the server send its mail to one that
answers GET /api/mails?to= with [{"text": ...}], and say where it is: --mailbox URL. "npm run mailbox" is such a one,
for the SMTP_HOST, SMTP_PORT and SMTP_SECURITY=none of the server.`;

type Beside = Record<keyof typeof needs, string | undefined>;

await main(async () => {
  const { url, beside, journeys } = read(process.argv.slice(2));
  await refuseSilence(url);
  process.env.PINGME_URL = url;
  for (const [what, address] of Object.entries(await withEmbedded(url, beside))) {
    if (address && isNeed(what)) process.env[needs[what].variable] = address;
  }
  say(`The journeys of PingMe against ${url}\n`);
  const table = printedTable(say);
  await startVitest("test", journeys, {
    config: false,
    root,
    include: ["test/journeys/**/*.test.ts"],
    reporters: [table.reporter],
    // Between its steps a journey may have to wait for a minute until its address may ask again.
    testTimeout: 150_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 15_000, interval: 50 } },
    maxWorkers: 1,
    fileParallelism: false,
    isolate: false,
    watch: false,
  });
  if (!process.env[needs.mailbox.variable]) say(withoutMailbox);
  process.exit(table.isFailed() ? 1 : 0);
});

function isNeed(what: string): what is keyof typeof needs {
  return what in needs;
}

/** @throws Refusal where they are not as they should be */
function read(args: string[]): { url: string; beside: Beside; journeys: string[] } {
  const text = { type: "string" } as const;
  const options = { url: text, mailbox: text, fcm: text, google: text };
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const { url, mailbox, fcm, google } = values;
    for (const address of [url ?? "", mailbox, fcm, google]) {
      if (address !== undefined && !/^https?:$/.test(URL.parse(address)?.protocol ?? "")) throw new Error(usage);
    }
    return { url: new URL(url ?? "").origin, beside: { mailbox, fcm, google }, journeys: known(positionals) };
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : usage);
  }
}

/** Those named, as Vitest takes them: paths. */
function known(names: string[]): string[] {
  const journeys = globSync("test/journeys/*.test.ts", { cwd: root }).map((path) => basename(path, ".test.ts"));
  const unknown = names.find((name) => !journeys.includes(name));
  if (unknown) throw new Error(`There is no journey "${unknown}", but ${journeys.sort().join(", ")}`);
  return names.map((name) => join("test/journeys", `${name}.test.ts`));
}

async function refuseSilence(url: string): Promise<void> {
  const status = await statusOf(`${url}/health`);
  if (status !== 200) throw new Refusal(`${url}/health answers ${status ?? "nothing"}: is PingMe there?`);
}

/** Beside `npm start` on this machine the stand-ins need not be named. */
async function withEmbedded(url: string, beside: Beside): Promise<Beside> {
  const { hostname, port } = new URL(url);
  if (!/^(127\.0\.0\.1|localhost)$/.test(hostname)) return beside;
  const ports = portsAbove(Number(port || 80));
  const found = async (own: number, path: string) => {
    const address = `http://127.0.0.1:${own}`;
    return (await statusOf(`${address}${path}`)) === 200 ? address : undefined;
  };
  return {
    mailbox: beside.mailbox ?? (await found(ports.mailbox, "/api/mails?to=nobody")),
    fcm: beside.fcm ?? (await found(ports.fcm, "/api/pushes?token=none")),
    google: beside.google ?? (await found(ports.google, "/.well-known/openid-configuration")),
  };
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}
