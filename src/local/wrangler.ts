import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { wranglerEnvironment, wranglerProgram } from "./build.ts";
import { root } from "./places.ts";

/** Wrangler for this project's scripts: it sends no metrics, looks for no update, and writes its logs below `.wrangler/`. */
const options = { cwd: root, env: wranglerEnvironment(join(root, ".wrangler")), stdio: "inherit" } as const;
process.exitCode = spawnSync(process.execPath, [wranglerProgram, ...process.argv.slice(2)], options).status ?? 1;
