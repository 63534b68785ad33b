/** What of `AbortSignal` not every platform has: React Native knows neither `throwIfAborted` nor `reason`. */

/** @throws the signal's reason */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason ?? new Error("Abort");
}

/** @throws the signal's reason, at once */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<unknown>((resolve) => {
    setTimeout(resolve, ms);
    signal?.addEventListener("abort", resolve, { once: true });
  });
  throwIfAborted(signal);
}
