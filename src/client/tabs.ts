/** Other tabs of the same origin, where the platform knows such. */

/** One at a time in all of them. */
export function locked<T>(name: string, run: () => Promise<T>): Promise<T> {
  return globalThis.navigator?.locks?.request(name, run) ?? run();
}

/** Between pages only: elsewhere those who hear each other need not share anything. @returns how to tell the others */
export function listen<T>(name: string, hear: (said: T) => void): (said: T) => void {
  if (typeof document === "undefined") return () => {};
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => hear(data);
  return (said) => channel.postMessage(said);
}
