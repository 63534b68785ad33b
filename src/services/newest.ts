/** What was put last, by its key. */
export interface Newest<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
}

/** @param most of them are kept; beyond, the one put longest ago is forgotten */
export function newest<T>(most: number): Newest<T> {
  const kept = new Map<string, T>();
  return {
    get: (key) => kept.get(key),
    put(key, value) {
      kept.delete(key);
      kept.set(key, value);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
  };
}
