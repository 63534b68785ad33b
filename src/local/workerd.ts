import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { report } from "./say.ts";

/**
 * Sees to it that workerd does not outlive this process, also when it is killed outright: a shell waits for a line from
 * us, and kills workerd when our end of the pipe closes without one.
 */
export async function watchOver(): Promise<{ release(): void }> {
  const pid = await findWorkerd();
  if (pid === undefined) return { release: () => {} };
  report("info", "workerd_started", { pid });
  const shell = spawn("sh", ["-c", 'read -r line || kill -9 "$0"', String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  for (const emitter of [shell, shell.stdin]) emitter.on("error", () => undefined);
  return { release: () => shell.stdin.end("\n") };
}

const run = promisify(execFile);

/** Miniflare does not tell its process; it is the child of ours with that name. */
async function findWorkerd(): Promise<number | undefined> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,comm="]).catch(() => ({ stdout: "" }));
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const row = rows.findLast(([, parent, command]) => parent === String(process.pid) && command?.includes("workerd"));
  return row && Number(row[0]);
}
