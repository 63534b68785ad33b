/** A workerd of ours, run by Miniflare, which starts it again when it dies. */
import { Miniflare, type MiniflareOptions } from "miniflare";
import { Refusal } from "./say.ts";
import { type Watch, watchOver } from "./workerd.ts";

export interface Running {
  miniflare: Miniflare;
  close(): Promise<void>;
}

interface Run {
  options: MiniflareOptions;
  /** The port it is to listen on, and what for: named where it is taken. */
  port: number;
  purpose: string;
  /** Told of each workerd. */
  started?(pid: number | undefined, isAgain: boolean): void;
}

/** @throws Refusal where the port is taken */
export async function runMiniflare({ options, port, purpose, started }: Run): Promise<Running> {
  let watch: Watch | undefined;
  const attend = async (isAgain: boolean) => {
    watch?.release();
    watch = await watchOver();
    started?.(watch.pid, isAgain);
  };
  const miniflare = withoutSignals(() => new Miniflare({ ...options, unsafeHandleRuntimeRestart: () => attend(true) }));
  try {
    await miniflare.ready;
  } catch (error) {
    await miniflare.dispose().catch(() => undefined); // it fails with the same
    if (!/address already in use/i.test((error as Error).message)) throw error;
    throw new Refusal(`port ${port} (${purpose}) is in use: end what holds it, or set PORT to another one`);
  }
  await attend(false);
  const close = async () => {
    await miniflare.dispose();
    watch?.release();
  };
  return { miniflare, close };
}

/** Miniflare ends the process at once on a signal; here the launcher does, when all is closed. */
function withoutSignals<T>(make: () => T): T {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const ours = signals.map((signal) => process.listeners(signal));
  const made = make();
  for (const [at, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (!ours[at]?.includes(listener)) process.removeListener(signal, listener);
    }
  }
  return made;
}
