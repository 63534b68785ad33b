/** Where a client keeps what outlives it: its keys, and what is not sent yet. */
import type { KeyStore, OutboxEntry, OutboxStore } from "./api.ts";

export function memoryKeys(): KeyStore {
  const kept = new Map<string, string | undefined>();
  return { get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) };
}

/** Any script of the page can read them. */
export function localKeys(): KeyStore {
  return {
    get: (key) => localStorage[key],
    set(key, value) {
      if (value === undefined) delete localStorage[key];
      else localStorage[key] = value;
    },
  };
}

export function memoryOutbox(): OutboxStore {
  const kept = new Map<string, OutboxEntry>();
  return {
    all: async () => [...kept.values()],
    put: async (entry) => void kept.set(entry.id, entry),
    remove: async (id) => void kept.delete(id),
  };
}

const inside = "entries";

/** @param name the database's, which is open only while it is used: no other version of the page has to wait for it */
export function indexedDbOutbox(name = "pingme-outbox"): OutboxStore {
  async function run<T>(mode: IDBTransactionMode, act: (entries: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(inside, { keyPath: "id" });
    const database = await succeeded(opening);
    // Strict: what a person was told is kept is on the disk, not on its way there.
    const transaction = database.transaction(inside, mode, { durability: "strict" });
    const request = act(transaction.objectStore(inside));
    return await new Promise<T>((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    }).finally(() => database.close());
  }

  return {
    all: () => run<OutboxEntry[]>("readonly", (entries) => entries.getAll()),
    put: async (entry) => void (await run("readwrite", (entries) => entries.put(entry))),
    remove: (id) => run("readwrite", (entries) => entries.delete(id)),
  };
}

function succeeded<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export function defaultOutbox(): OutboxStore {
  return typeof indexedDB === "undefined" ? memoryOutbox() : indexedDbOutbox();
}
