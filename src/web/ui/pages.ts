import { useEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../../client/routes.ts";

export interface Pages<T> {
  /** Those of before stay while others are looked for: nothing blinks. */
  items: readonly T[];
  hasMore: boolean;
  isLoading: boolean;
  /** Whether there was an answer to what is asked now. */
  isLoaded: boolean;
  error: unknown;
  loadMore(): void;
  /** From the first page, as far as it was loaded. */
  reload(): void;
  /** What is known without asking. */
  change(make: (items: readonly T[]) => readonly T[]): void;
}

type Load<T> = (at: { cursor?: string; signal: AbortSignal }) => Promise<Page<T>>;

interface State<T> extends Pick<Pages<T>, "items" | "isLoading" | "isLoaded" | "error"> {
  next: string | null;
}

const nothing = { items: [], next: null, isLoading: false, isLoaded: false, error: undefined };

/**
 * What the server has in pages. One question at a time: a new one ends the one before.
 * @param key of what is asked: another one asks anew; undefined asks nothing, and shows nothing
 */
export function usePages<T>(key: string | undefined, load: Load<T>): Pages<T> {
  const [state, setState] = useState<State<T>>(nothing);
  const running = useRef<AbortController>(undefined);
  const stop = () => running.current?.abort();
  const latest = useRef(state);
  latest.current = state;
  /** @param least as many as there were, if there are */
  const ask = async (cursor?: string, least = 0) => {
    stop();
    const abort = new AbortController();
    running.current = abort;
    const { signal } = abort;
    setState((before) => ({ ...before, isLoading: true, error: undefined }));
    try {
      let page = await load({ signal, ...(cursor !== undefined && { cursor }) });
      while (page.next !== null && page.items.length < least) {
        const { items, next } = await load({ signal, cursor: page.next });
        page = { items: [...page.items, ...items], next };
      }
      if (!signal.aborted) setState((before) => withPage(before, page, cursor === undefined));
    } catch (error) {
      if (!signal.aborted) setState((before) => ({ ...before, isLoading: false, isLoaded: true, error }));
    }
  };
  useEffect(() => {
    if (key === undefined) setState(nothing);
    else {
      setState((before) => ({ ...before, next: null })); // of what was asked before: it leads nowhere here
      void ask();
    }
    return stop;
  }, [key]);
  return {
    ...state,
    hasMore: state.next !== null,
    loadMore: () => void (state.next !== null && !state.isLoading && ask(state.next)),
    reload: () => void ask(undefined, latest.current.items.length),
    change: (make) => setState((before) => ({ ...before, items: make(before.items) })),
  };
}

function withPage<T>(before: State<T>, { items, next }: Page<T>, isFirst: boolean): State<T> {
  const all = isFirst ? items : [...before.items, ...items];
  return { items: all, next, isLoading: false, isLoaded: true, error: undefined };
}

/** A value once it has stood still for a while. */
export function useSettled<T>(value: T, afterMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
