import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { docPages, pageText } from "./doc-pages.ts";
import { places } from "./places.ts";
import { buildWeb } from "./web.ts";

/**
 * Lays out `dist/assets`, what the Worker serves as files: the web client, `asyncapi.yml`, and the pages that show the
 * specifications with all they need, so that they need no other origin.
 */
export async function layOutAssets(folder = places.assets): Promise<void> {
  await buildWeb();
  for (const [address, page] of Object.entries(docPages)) {
    const home = join(folder, address);
    mkdirSync(home, { recursive: true });
    for (const file of page.files) writeIfOther(join(home, basename(file)), readFileSync(fileOf(page.viewer, file)));
    writeIfOther(join(home, "index.html"), Buffer.from(pageText(address, page)));
    writeIfOther(join(home, "start.js"), Buffer.from(page.start));
  }
  writeIfOther(join(folder, "asyncapi.yml"), readFileSync(places.asyncapi));
}

/** Packages that export none of these files, nor their package.json, still have them in their folder. */
function fileOf(name: string, file: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name, file)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} has no ${file}`);
  return found;
}

/** A server that is running may be reading the file: it is left alone when it is the same. */
function writeIfOther(file: string, content: Buffer): void {
  if (!existsSync(file) || !readFileSync(file).equals(content)) writeFileSync(file, content);
}

if (import.meta.main) await layOutAssets();
