/** One timer, set anew or not at all. */
export interface Alarm {
  readonly isSet: boolean;
  /** Rings then, and not when it was to ring before. */
  set(afterMs: number): void;
  clear(): void;
}

export function alarm(ring: () => void): Alarm {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const clear = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    get isSet() {
      return timer !== undefined;
    },
    set(afterMs) {
      clear();
      timer = setTimeout(() => {
        timer = undefined;
        ring();
      }, afterMs);
    },
    clear,
  };
}
