/** Other tabs of the same origin, where the platform knows such. */

/** One at a time in all of them. */
export function locked<T>(name: string, run: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  return locks ? locks.request(name, run) : run();
}

/** @returns how to tell the others */
export function listen<T>(name: string, hear: (said: T) => void): (said: T) => void {
  if (typeof BroadcastChannel === "undefined") return () => {};
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => hear(data);
  // Node's would keep the process alive.
  if ("unref" in channel && typeof channel.unref === "function") channel.unref();
  return (said) => channel.postMessage(said);
}
