import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { places, root } from "./places.ts";
import { main } from "./say.ts";
import { judgeSize } from "./sizes.ts";

/** Gzipped: what somebody who comes for the first time waits for. */
const mostBytes = 100_000;

const sources = ["src/web/**/*", "src/client/**/*", "src/local/web.ts", "package-lock.json"];

/**
 * Builds the web client into `dist/assets/web`: one page, one script, one style sheet and their icon. Nothing is done
 * where nothing it is made of has changed.
 */
export async function buildWeb(): Promise<void> {
  const digest = digestOf(globSync(sources, { cwd: root, withFileTypes: true }).filter((file) => file.isFile()));
  const stamp = `${places.web}.digest`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  const { build } = await import("vite"); // half a second that a second start does not take
  await build({
    configFile: false,
    root: join(root, "src/web"),
    base: "/web/",
    logLevel: "warn",
    // A test runner's NODE_ENV asks for another kind of JSX: what is tested and measured is what is deployed.
    oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
    build: {
      outDir: places.web,
      emptyOutDir: true,
      assetsDir: "",
      assetsInlineLimit: 0, // the page's policy allows no data: but in pictures
      cssCodeSplit: false,
      modulePreload: { polyfill: false },
      target: "es2024",
    },
  });
  writeFileSync(stamp, digest);
}

function digestOf(files: { parentPath: string; name: string }[]): string {
  const hash = createHash("sha256");
  for (const file of files.map(({ parentPath, name }) => join(parentPath, name)).sort())
    hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** The page, and the script and the style sheet it names. */
function firstLoad(): string[] {
  const page = join(places.web, "index.html");
  const names = [...readFileSync(page, "utf8").matchAll(/(?:src|href)="\/web\/([^"]+\.(?:js|css))"/g)];
  return [page, ...names.map(([, name = ""]) => join(places.web, name))];
}

if (import.meta.main) {
  await main(async () => {
    await buildWeb();
    judgeSize("The web client's first load", firstLoad(), mostBytes);
  });
}
