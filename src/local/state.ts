import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./say.ts";

/** The folder where everything is kept that outlives a run. */
export interface State {
  folder: string;
  release(): void;
}

/** @throws Refusal when another server that is alive has it; one that was killed does not count. */
export function takeState(folder: string): State {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = join(folder, "lock");
  const mine = `${process.pid} ${startOf(process.pid)}`;
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, mine);
  try {
    if (!tryLink(draft, lock)) {
      removeDead(lock, folder);
      if (!tryLink(draft, lock)) throw taken(lock, folder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return { folder, release: () => rmSync(lock, { force: true }) };
}

/** Moved aside before it is judged again: of two starters only one can get hold of a dead one's lock. */
function removeDead(lock: string, folder: string): void {
  const seen = readLock(lock);
  if (isAlive(seen)) throw taken(lock, folder);
  const aside = `${lock}.dead.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    throw taken(lock, folder);
  }
  const moved = readFileSync(aside, "utf8");
  if (moved !== seen) tryLink(aside, lock);
  rmSync(aside);
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

const readLock = (lock: string) => (existsSync(lock) ? readFileSync(lock, "utf8") : "");

function taken(lock: string, folder: string): Refusal {
  const pid = readLock(lock).split(" ")[0];
  return new Refusal(
    `the state folder ${folder} is in use by another server (process ${pid}): end it, or set PINGME_STATE`,
  );
}

function isAlive(content: string): boolean {
  const [pid = "", started = ""] = content.split(" ");
  if (!/^\d+$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return startOf(Number(pid)) === started;
}

/** When a process began, in ticks since boot: a number reused after a crash is told from the one in the lock. Linux only. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

const secret = () => randomBytes(32).toString("hex");

const makers = {
  JWT_KEYS: () => `local:${secret()}`,
  CODE_KEY: secret,
  UPSTASH_REDIS_REST_TOKEN: secret,
  S3_ACCESS_KEY_ID: () => randomBytes(16).toString("hex"),
  S3_SECRET_ACCESS_KEY: secret,
};
type Secrets = Record<keyof typeof makers, string>;

/** Keys made once for this folder, readable by its owner only. A folder of an earlier version gets those it lacks. */
export function secretsIn(folder: string): Secrets {
  const file = join(folder, "secrets.json");
  const kept: Partial<Secrets> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const made = Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make()])) as Secrets;
  const secrets = { ...made, ...kept };
  if (Object.keys(kept).length < Object.keys(secrets).length) {
    writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return secrets;
}
