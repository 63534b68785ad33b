import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { layOutAssets } from "./assets.ts";
import { places, root } from "./places.ts";
import { Refusal } from "./say.ts";

/** What of `wrangler.toml` is needed to run the Worker. */
export interface Settings {
  name: string;
  compatibility_date: string;
  compatibility_flags: string[];
  durable_objects: { bindings: { name: string; class_name: string }[] };
}

export interface Build {
  settings: Settings;
  /** Where the bundle is: `worker.js` and the modules it imports. */
  folder: string;
}

/** Wrangler and what it starts write below the state folder and fetch nothing. */
export function wranglerEnvironment(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: join(folder, "logs"),
    WRANGLER_HIDE_BANNER: "true",
    XDG_CONFIG_HOME: join(folder, "config"),
    NO_UPDATE_NOTIFIER: "1",
  };
}

const wrangler = createRequire(import.meta.url).resolve("wrangler");

/** The path of Wrangler's program, for `node`. */
export const wranglerProgram = join(wrangler, "../../bin/wrangler.js");

/**
 * The Worker as Wrangler would deploy it. A bundle made before is taken again when nothing it was made of has changed,
 * told by the content of every file that went into it.
 * @throws Refusal with what Wrangler says
 */
export async function buildWorker(state: string): Promise<Build> {
  const folder = join(state, "worker");
  const stamp = join(folder, "built.json");
  const before = existsSync(stamp) ? (JSON.parse(readFileSync(stamp, "utf8")) as Stamp) : undefined;
  if (before && before.digest === digestOf(before.inputs)) {
    await layOutAssets();
    return { settings: before.settings, folder };
  }
  rmSync(folder, { recursive: true, force: true });
  const [settings] = await Promise.all([readSettings(state), bundle(state, folder)]);
  const inputs = inputsOf(join(folder, "meta.json"));
  writeFileSync(stamp, JSON.stringify({ settings, inputs, digest: digestOf(inputs) } satisfies Stamp));
  return { settings, folder };
}

interface Stamp {
  settings: Settings;
  inputs: string[];
  digest: string;
}

const run = promisify(execFile);

async function bundle(state: string, folder: string): Promise<void> {
  const flags = ["deploy", "--dry-run", "--outdir", folder, "--metafile", join(folder, "meta.json")];
  await node([wranglerProgram, ...flags, "--config", places.wranglerToml], state);
}

async function readSettings(state: string): Promise<Settings> {
  const names = ["name", "compatibility_date", "compatibility_flags", "durable_objects"];
  return JSON.parse(await readWranglerToml({ file: places.wranglerToml, folder: state, names })) as Settings;
}

/**
 * What Wrangler reads in its file, as JSON. In a process of its own: loading Wrangler takes longer than all else at the
 * start. @param folder where it may write
 */
export async function readWranglerToml(asked: { file: string; folder: string; names: string[] }): Promise<string> {
  const script = `
    const { unstable_readConfig } = require(${JSON.stringify(wrangler)});
    const read = unstable_readConfig({ config: ${JSON.stringify(asked.file)} });
    const wanted = ${JSON.stringify(asked.names)}.map((name) => [name, read[name]]);
    process.stdout.write(JSON.stringify(Object.fromEntries(wanted)));`;
  return await node(["--input-type=commonjs", "--eval", script], asked.folder);
}

async function node(args: string[], state: string): Promise<string> {
  try {
    const { stdout } = await run(process.execPath, args, {
      cwd: root,
      env: { ...wranglerEnvironment(state), FORCE_COLOR: "0" },
    });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Refusal(`the Worker cannot be built:\n${(stderr || message).trim()}`);
  }
}

function inputsOf(metafile: string): string[] {
  const { inputs } = JSON.parse(readFileSync(metafile, "utf8")) as { inputs: Record<string, unknown> };
  const files = Object.keys(inputs).map((name) => join(root, name));
  return [...files.filter((file) => existsSync(file)), places.wranglerToml, join(root, "package-lock.json")];
}

function digestOf(files: string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(existsSync(file) ? readFileSync(file) : "").update("\0");
  return hash.digest("hex");
}
