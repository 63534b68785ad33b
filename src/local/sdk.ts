/** `npm run build:client`: the SDK as one file for browsers and Node, and a look at its size. Its types the compiler makes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { places, root } from "./places.ts";
import { main, Refusal, say } from "./say.ts";

/** Gzipped: what a page pays for it. */
const mostBytes = 12_000;

/** @returns its size in bytes, gzipped */
export async function buildClient(folder = places.client): Promise<number> {
  const { build } = await import("vite");
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: false, // the types are there already,
      lib: { entry: "src/client/client.ts", formats: ["es"], fileName: "client" },
      // Vite leaves the spaces of a library's file as they are.
      rolldownOptions: { output: { minify: true, comments: false } },
      sourcemap: true,
      target: "es2022",
    },
  });
  return gzipSync(readFileSync(join(folder, "client.js")), { level: 9 }).length;
}

if (import.meta.main)
  await main(async () => {
    const bytes = await buildClient();
    const size = `pingme/client is ${bytes} bytes gzipped, of ${mostBytes} at most`;
    if (bytes > mostBytes) throw new Refusal(size);
    say(size);
  });
