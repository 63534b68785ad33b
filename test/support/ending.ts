import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that has ended and that nobody has asked about yet still has its number.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
}

export async function untilGone(pid: number, withinMs = 15_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`Process ${pid} is still there after ${withinMs} ms`);
    await wait(20);
  }
}

/** The process that holds a state folder, if one does. */
export function holderOf(state: string): number | undefined {
  const lock = join(state, "lock");
  if (!existsSync(lock)) return undefined;
  const pid = Number(readFileSync(lock, "utf8").split(" ")[0]);
  return isAlive(pid) ? pid : undefined;
}

/** Ends the server that runs on a state folder, as Ctrl-C does, and waits until it has gone. */
export async function endServer(state: string): Promise<void> {
  const pid = holderOf(state);
  if (pid === undefined) return;
  process.kill(pid, "SIGINT");
  await untilGone(pid);
}
