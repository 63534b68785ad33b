/** A value that changes, and those who want to know. What it holds is never changed in place: another value, another object. */
export interface Observable<T> {
  readonly value: T;
  /** Calls back at each change, not at once. @returns how to end it */
  subscribe(listener: (value: T) => void): () => void;
}

export interface Cell<T> extends Observable<T> {
  set(value: T): void;
}

export function cell<T>(value: T): Cell<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    get value() {
      return value;
    },
    set(next) {
      if (next === value) return;
      value = next;
      for (const listener of [...listeners]) listener(next);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
