import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Session } from "../../client/api.ts";
import type { Observable } from "../../client/observable.ts";
import { client } from "../client.ts";

/** What an observable holds; draws again when it changes. */
export function useValue<T>(observable: Observable<T>): T {
  return usePart(observable, (value) => value);
}

/** Something of what an observable holds; draws again when that is another. */
export function usePart<T, P>(observable: Observable<T>, part: (value: T) => P): P {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const value = part(observable.value);
  const drawn = useRef({ part, value });
  drawn.current = { part, value };
  useEffect(() => {
    const look = () => {
      if (drawn.current.part(observable.value) !== drawn.current.value) draw(undefined);
    };
    look(); // it may have changed before this effect ran
    return observable.subscribe(look);
  }, [observable]);
  return value;
}

/** Who is signed in: only for what is shown to them. */
export function useMe() {
  const session = useValue<Session["state"]["value"]>(client.session.state);
  if (session.status !== "signed-in") throw new Error("Nobody is signed in");
  return session.user;
}

export interface Action<A extends unknown[]> {
  run(...args: A): Promise<boolean>;
  isBusy: boolean;
  /** Of the last run, until the next. */
  error: unknown;
  clear(): void;
}

/** Something that takes time and can fail: one run at a time. @param work is run anew with what was last drawn */
export function useAction<A extends unknown[]>(work: (...args: A) => Promise<unknown>): Action<A> {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const busy = useRef(false);
  const run = async (...args: A) => {
    if (busy.current) return false;
    busy.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await work(...args);
      return true;
    } catch (reason) {
      setError(reason);
      return false;
    } finally {
      busy.current = false;
      setBusy(false);
    }
  };
  return { run, isBusy, error, clear: () => setError(undefined) };
}

/** Whether a media query holds. */
function useMedia(query: string): boolean {
  const [holds, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const look = () => set(media.matches);
    look();
    media.addEventListener("change", look);
    return () => media.removeEventListener("change", look);
  }, [query]);
  return holds;
}

/** One pane at a time. */
export const usePhone = () => useMedia("(max-width: 719.98px)");
