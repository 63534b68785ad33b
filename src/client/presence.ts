/** Who is there: of those somebody looks at, as many as one socket may watch. */
import type { ClientFrame } from "../protocol/frames.ts";
import type { Presence } from "./api.ts";
import { cell } from "./observable.ts";

const most = 100;

type Heard = { user_id: string; online: boolean; last_seen?: string | undefined };
type Seen = Omit<Heard, "user_id">;

export interface OwnPresence extends Presence {
  /** People of open rooms, watched where there is room for them. */
  refresh(): void;
  connected(): void;
  heard(items: readonly Heard[]): void;
  end(): void;
}

/** @param others of open rooms; @param told of each change */
export function createPresence(
  say: (frame: ClientFrame) => boolean,
  others: () => string[],
  told: (userId: string, isOnline: boolean) => void,
): OwnPresence {
  const state = cell<ReadonlyMap<string, Seen>>(new Map());
  const watches = new Set<readonly string[]>();
  let asked = "";

  function ask(): void {
    const user_ids = [...new Set([...watches].flat().concat(others()))].slice(0, most);
    const key = user_ids.join();
    if (key !== asked && say({ type: "presence", user_ids })) asked = key;
  }

  /** Once for all that changes in one tick. */
  const refresh = () => queueMicrotask(ask);

  return {
    state,
    watch(userIds) {
      const watch = [...userIds];
      watches.add(watch);
      refresh();
      return () => {
        watches.delete(watch);
        refresh();
      };
    },
    refresh,
    connected() {
      asked = "";
      refresh();
    },
    heard(items) {
      const next = new Map(state.value);
      for (const { user_id, online, last_seen } of items) {
        next.set(user_id, { online, last_seen });
        told(user_id, online);
      }
      state.set(next);
    },
    end() {
      asked = "";
      state.set(new Map());
    },
  };
}
