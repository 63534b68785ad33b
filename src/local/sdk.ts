/** `npm run build:client`: the SDK as one file for browsers and Node, and a look at its size. Its types the compiler makes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MinifyOptions } from "terser";
import { places, root } from "./places.ts";
import { main } from "./say.ts";
import { judgeSize } from "./sizes.ts";

/** Gzipped: what a page pays for it. */
const mostBytes = 12_000;

/** Properties that only the SDK's own objects have: no name of the wire, the API or a platform. In the file they are short. */
export const ownNames = `
  adopt allow applied apply arrived changed confirmed connected cursorOf disconnected during end ended
  face floorMs follow forget goOffline gone hear heard held house isCookie isCurrent isDirect isEnd
  isForeign isGone isLoading isMarking isOpen isReset isSet kept key known last listener load lost mark
  nudge opened openings passed record refresh refused reset resume resumed say show staleAt stop
  store takeAway tell thread unreadAfter userId what
`
  .trim()
  .split(/\s+/);

const minifying: MinifyOptions = {
  module: true,
  ecma: 2020,
  compress: { passes: 3, inline: 1, hoist_funs: true, unsafe_arrows: true, keep_fargs: false, pure_getters: true },
  mangle: { properties: { builtins: true, regex: new RegExp(`^(${ownNames.join("|")})$`) } },
};

/** @returns the file */
export async function buildClient(folder = places.client): Promise<string> {
  const { build } = await import("vite");
  const file = join(folder, "client.js");
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: false, // the types are there already,
      lib: { entry: "src/client/client.ts", formats: ["es"], fileName: "client" },
      // Vite leaves the spaces of a library's file as they are. Terser finds more, after it and not in its place.
      rolldownOptions: { output: { minify: { compress: true, mangle: false }, comments: false } },
      target: "es2022",
    },
  });
  const { minify } = await import("terser");
  const { code = "" } = await minify(readFileSync(file, "utf8"), minifying);
  writeFileSync(file, code);
  return file;
}

if (import.meta.main) await main(async () => judgeSize("pingme/client", [await buildClient()], mostBytes));
