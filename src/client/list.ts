/** One's conversations, in the order of lists. */
import type { Conversation } from "../protocol/conversations.ts";
import type { ConversationList, ListItem, ListState } from "./api.ts";
import { inListOrder, itemOf } from "./face.ts";
import type { House } from "./house.ts";
import { cell } from "./observable.ts";
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
  let loadingMore: Promise<void> | undefined;

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

  const page = (cursor?: string) =>
    house.call("GET /conversations", { query: { limit: pageSize, ...(cursor !== undefined && { cursor }) } });

  /** What the server no longer has among the first may be gone: it is asked for. */
  function letGo(records: readonly Conversation[], isAll: boolean): void {
    const there = new Set(records.map(({ id }) => id));
    const last = records.at(-1);
    for (const thread of threads.values()) {
      const { record, isGone } = thread.face;
      if (!record || isGone || record.me.hidden || there.has(thread.id)) continue;
      const isBefore = last && inListOrder(itemOf(record, thread.face, ""), itemOf(last, thread.face, "")) < 0;
      if (isAll || isBefore) thread.reload();
    }
  }

  async function reload(): Promise<void> {
    await house.during(async () => {
      const found = await page();
      for (const record of found.items) threadOf(record.id).put(record);
      next = found.next ?? undefined;
      isLoaded = true;
      letGo(found.items, next === undefined);
      for (const { id } of found.items.slice(0, followed)) {
        const thread = threadOf(id);
        if (!thread.isCurrent || thread.face.readers.size === 0) thread.subscribe();
      }
    });
    refresh();
  }

  async function more(): Promise<void> {
    if (next === undefined) return;
    await house.during(async () => {
      const found = await page(next);
      next = found.next ?? undefined;
      for (const record of found.items) threadOf(record.id).put(record);
    });
    refresh();
  }

  /** One page after the other. */
  function behind(load: () => Promise<void>): Promise<void> {
    const loaded = loads.then(load);
    loads = loaded.catch(() => {}); // who asked for it hears of it
    return loaded;
  }

  return {
    state,
    reload: () => behind(reload),
    loadMore() {
      loadingMore ??= behind(more).finally(() => {
        loadingMore = undefined;
      });
      return loadingMore;
    },
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
