import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CorePaths, Log, LogLevel, type MiniflareOptions } from "miniflare";
import type { Build } from "./build.ts";
import { runMiniflare } from "./miniflare.ts";
import { places } from "./places.ts";
import { report, say } from "./say.ts";

export interface Runtime {
  /** Runs the Worker's scheduled handler, as the platform does by the clock. */
  runScheduled(): Promise<void>;
  close(): Promise<void>;
}

interface Options {
  build: Build;
  variables: Record<string, string>;
  host: string;
  port: number;
  /** Where the objects' storage is kept. */
  folder: string;
  /** Called when workerd is gone and cannot be started again. */
  onLost(): void;
}

/**
 * The built Worker on workerd, listening itself on `port` (Miniflare's own entry would take three quarters of the
 * requests a second). Miniflare starts workerd again when it dies; the storage of the objects is kept.
 */
export async function startRuntime(options: Options): Promise<Runtime> {
  let diedAt = 0;
  const died = () => {
    diedAt = Date.now();
    report("warn", "workerd_died");
  };
  const started = (pid: number | undefined, isAgain: boolean) => {
    if (pid !== undefined) report("info", "workerd_started", { pid });
    if (isAgain) report("warn", "workerd_restarted", { after_ms: Date.now() - diedAt });
  };
  const log = new DeathLog(died, options.onLost);
  const { port } = options;
  const run = { options: { ...optionsFor(options), log }, port, purpose: "PingMe", started };
  const { miniflare, close } = await runMiniflare(run);
  return {
    async runScheduled() {
      const told = await miniflare.dispatchFetch(`http://localhost${CorePaths.SCHEDULED}`);
      if (!told.ok) throw new Error(await told.text());
    },
    close,
  };
}

/** Miniflare tells of a death of workerd only here. */
class DeathLog extends Log {
  readonly #died: () => void;
  readonly #lost: () => void;

  constructor(died: () => void, lost: () => void) {
    super(LogLevel.WARN);
    this.#died = died;
    this.#lost = lost;
  }

  override warn(message: string): void {
    if (message.includes("crashed unexpectedly")) this.#died();
    else report("warn", "miniflare", { message });
  }

  override error(error: Error): void {
    report("error", "miniflare", { message: error.message });
    if (error.message.includes("failed to restart")) this.#lost();
  }
}

function optionsFor({ build, variables, host, port, folder }: Options): MiniflareOptions {
  const { name, compatibility_date: compatibilityDate, compatibility_flags: compatibilityFlags } = build.settings;
  const objects = build.settings.durable_objects.bindings;
  const text = Object.entries(variables).map(([key, value]) => [key, { type: "text" as const, value }]);
  const bound = objects.map((object) => [
    object.name,
    { type: "durable-object" as const, worker: name, exportName: object.class_name },
  ]);
  const exported = objects.map((object) => [object.class_name, { type: "durable-object", storage: "sqlite" } as const]);
  return {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    enableDevRegistry: false,
    logRequests: false,
    unsafeTriggerHandlers: true, // on Miniflare's own entry, whose port nobody is told
    resourcePersistencePath: join(folder, "objects"),
    resourceTmpPath: join(folder, "tmp"),
    handleStructuredLogs: ({ message, level }) => passOn(message, level),
    workers: [
      {
        config: {
          name,
          compatibilityDate,
          compatibilityFlags,
          manifest: { mainModule: "worker.js", modulesRoot: build.folder, modules: modulesIn(build.folder) },
          env: { ...Object.fromEntries([...text, ...bound]), ASSETS: { type: "worker", worker: "assets" } },
          exports: Object.fromEntries(exported),
        },
        dev: { unsafeDirectSockets: [{ host, port }] },
      },
      assetsWorker(compatibilityDate),
    ],
  };
}

/** A Worker with assets of its own gets a proxy before it, which slows every request: they are another one's. */
function assetsWorker(compatibilityDate: string): MiniflareOptions["workers"][number] {
  const contents = "export default { fetch: (request, env) => env.FILES.fetch(request) };";
  return {
    config: {
      name: "assets",
      compatibilityDate,
      manifest: { mainModule: "assets.js", modulesRoot: "/", modules: { "assets.js": { type: "esm", contents } } },
      env: { FILES: { type: "assets" } },
      assets: { directory: places.assets },
    },
  };
}

const moduleTypes = {
  ".js": "esm",
  ".wasm": "wasm",
  ".txt": "text",
  ".html": "text",
  ".sql": "text",
  ".bin": "data",
} as const;

function modulesIn(folder: string) {
  const entries = readdirSync(folder).flatMap((file) => {
    const suffix = Object.keys(moduleTypes).find((ending) => file.endsWith(ending)) as
      | keyof typeof moduleTypes
      | undefined;
    if (!suffix) return [];
    const type = moduleTypes[suffix];
    const isBinary = type === "wasm" || type === "data";
    // A copy with a buffer of its own: Node may give a view into a shared one.
    const contents = isBinary
      ? new Uint8Array(readFileSync(join(folder, file)))
      : readFileSync(join(folder, file), "utf8");
    return [[file, { type, contents }]];
  });
  return Object.fromEntries(entries);
}

/** The Worker's lines are JSON already; what workerd itself says is put into one. */
function passOn(message: string, level: string): void {
  if (message.startsWith("{")) say(message);
  else report(level === "error" ? "error" : "warn", "workerd", { message });
}
