import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { Refusal, say } from "./say.ts";

/** Says what a page pays for these files, gzipped. @throws Refusal where that is more than it should */
export function judgeSize(what: string, files: string[], mostBytes: number): void {
  const sizes = files.map((file) => ({
    name: basename(file),
    bytes: gzipSync(readFileSync(file), { level: 9 }).length,
  }));
  const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
  const parts = sizes.length > 1 ? ` (${sizes.map((one) => `${one.name} ${one.bytes}`).join(", ")})` : "";
  const size = `${what} is ${bytes} bytes gzipped${parts}, of ${mostBytes} at most`;
  if (bytes > mostBytes) throw new Refusal(size);
  say(size);
}
