import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { scratchFolder } from "./product.ts";

export async function hasStrace(): Promise<boolean> {
  return await new Promise((resolve) => {
    const probe = spawn("strace", ["-V"], { stdio: "ignore" });
    probe.on("error", () => resolve(false)).on("exit", (code) => resolve(code === 0));
  });
}

/** @returns the lines strace has of a process and its threads while something is done */
export async function straced(pid: number, calls: string, act: () => Promise<void>): Promise<string[]> {
  const folder = scratchFolder("pingme-order-");
  const file = join(folder, "trace");
  const flags = ["-f", "-s", "700", "-e", `trace=${calls}`, "-o", file, "-p", String(pid)];
  const strace = spawn("strace", flags, { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise((resolve) => strace.stderr.once("data", resolve)); // "attached"
  await wait(100);
  await act();
  await wait(100); // less than the drain waits
  strace.kill("SIGINT");
  await new Promise((resolve) => strace.once("close", resolve));
  const lines = readFileSync(file, "utf8").split("\n");
  rmSync(folder, { recursive: true, force: true });
  return lines;
}

export async function fsyncsOf(pid: number, act: () => Promise<void>): Promise<number> {
  const lines = await straced(pid, "fsync,fdatasync", act);
  return lines.filter((line) => /f(data)?sync\(/.test(line)).length;
}
