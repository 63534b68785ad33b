import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { startRuntime } from "../../src/local/runtime.ts";
import { workerdOf } from "./product.ts";

/** The bare broadcast of `workers/bare.ts`, on the same workerd, started the same way as the product. */
export async function startBare(
  folder: string,
  port: number,
): Promise<{ port: number; pid: number; close(): Promise<void> }> {
  const build = join(folder, "worker");
  mkdirSync(build, { recursive: true });
  const source = readFileSync(join(import.meta.dirname, "workers/bare.ts"), "utf8");
  writeFileSync(join(build, "worker.js"), stripTypeScriptTypes(source));
  const settings = {
    name: "bare",
    compatibility_date: "2026-11-01",
    compatibility_flags: [],
    durable_objects: { bindings: [{ name: "ROOMS", class_name: "Room" }] },
  };
  const runtime = await startRuntime({
    build: { settings, folder: build },
    variables: {},
    host: "127.0.0.1",
    port,
    folder,
    onLost: () => process.exit(1),
  });
  return { port, pid: workerdOf(process.pid), close: () => runtime.close() };
}
