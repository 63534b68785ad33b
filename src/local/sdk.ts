/** `npm run build:client`: the SDK as one file for browsers and Node, and a look at its size. Its types the compiler makes. */
import { join } from "node:path";
import { places, root } from "./places.ts";
import { main } from "./say.ts";
import { judgeSize } from "./sizes.ts";

/** Gzipped: what a page pays for it. */
const mostBytes = 12_000;

/** @returns the file */
export async function buildClient(folder = places.client): Promise<string> {
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
  return join(folder, "client.js");
}

if (import.meta.main) await main(async () => judgeSize("pingme/client", [await buildClient()], mostBytes));
