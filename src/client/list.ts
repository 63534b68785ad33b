/** One's conversations, in the order of lists. */
import type { ConversationList, ListItem, ListState } from "./api.ts";
import { inListOrder, itemOf } from "./face.ts";
import type { House } from "./house.ts";
import { cell } from "./observable.ts";
import { single } from "./single.ts";
import type { Thread } from "./thread.ts";

const pageSize = 50;
const followed = 30; // of the first page: their typing and receipts are shown

export interface OwnList extends ConversationList {
  /** A conversation is another. */
  changed(id: string): void;
  refresh(): void;
  end(): void;
}

export function createList(
  house: House,
  threads: ReadonlyMap<string, Thread>,
  threadOf: (id: string) => Thread,
): OwnList {
  const state = cell<ListState>({ items: [], isLoaded: false, hasMore: false });
  const items = new Map<string, ListItem>();
  let next: string | undefined;
  let isLoaded = false;
  let loads = Promise.resolve();

  function itemOfThread({ id, face }: Thread): ListItem[] {
    if (!face.record || face.isGone || face.record.me.hidden) return [];
    const item = items.get(id) ?? itemOf(face.record, face, house.me);
    items.set(id, item);
    return [item];
  }

  function refresh(): void {
    const shown = [...threads.values()].flatMap(itemOfThread).sort(inListOrder);
    state.set({ items: shown, isLoaded, hasMore: next !== undefined });
  }

  async function take(cursor?: string): Promise<string[]> {
    const found = await house.call("GET /conversations", { query: { limit: pageSize, cursor } });
    for (const record of found.items) threadOf(record.id).put(record);
    next = found.next ?? undefined;
    isLoaded = true;
    refresh();
    return found.items.map(({ id }) => id);
  }

  async function reload(): Promise<void> {
    const ids = await take();
    // What the server does not have among the first may be gone: it is asked for.
    const shown = state.value.items.slice(0, pageSize).map(({ conversation }) => conversation.id);
    for (const id of shown) if (!ids.includes(id)) threadOf(id).reload();
    for (const id of ids.slice(0, followed)) threadOf(id).follow();
  }

  /** One page after the other. */
  function behind(load: () => Promise<unknown>): Promise<void> {
    const loaded = loads.then(async () => void (await house.during(load)));
    loads = loaded.catch(() => {}); // who asked for it hears of it
    return loaded;
  }

  return {
    state,
    reload: () => behind(reload),
    loadMore: single(() => behind(async () => next && (await take(next)))),
    put: (record) => threadOf(record.id).put(record),
    changed: (id) => void items.delete(id),
    refresh,
    end() {
      items.clear();
      next = undefined;
      isLoaded = false;
      refresh();
    },
  };
}
