import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

export interface Watch {
  pid: number | undefined;
  release(): void;
}

/** Of ours, by their numbers: each is watched once. */
const watched = new Set<number>();

/**
 * Sees to it that the workerd just started does not outlive this process, also when it is killed outright: a shell waits
 * for a line from us, and kills workerd when our end of the pipe closes without one.
 */
export async function watchOver(): Promise<Watch> {
  const pid = await findWorkerd();
  if (pid === undefined) return { pid, release: () => {} };
  watched.add(pid);
  const shell = spawn("sh", ["-c", 'read -r line || kill -9 "$0"', String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  for (const emitter of [shell, shell.stdin]) emitter.on("error", () => undefined);
  const release = () => {
    watched.delete(pid);
    shell.stdin.end("\n");
  };
  return { pid, release };
}

const run = promisify(execFile);

/** Miniflare does not tell its process; it is the newest child of ours with that name that nobody watches yet. */
async function findWorkerd(): Promise<number | undefined> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,comm="]).catch(() => ({ stdout: "" }));
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const ours = rows.filter(([, parent, command]) => parent === String(process.pid) && command?.includes("workerd"));
  return ours.map(([pid]) => Number(pid)).findLast((pid) => !watched.has(pid));
}
