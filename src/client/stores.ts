/** Where a client keeps what outlives it: its keys, and what is not sent yet. */
import type { KeyStore, OutboxEntry, OutboxStore } from "./api.ts";

export function memoryKeys(): KeyStore {
  const kept = new Map<string, string>();
  return {
    get: (key) => kept.get(key),
    set(key, value) {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
    },
  };
}

/** Any script of the page can read them. */
export function localKeys(): KeyStore {
  return {
    get: (key) => localStorage.getItem(key) ?? undefined,
    set(key, value) {
      if (value === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
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

/** @param name the database's */
export function indexedDbOutbox(name = "pingme-outbox"): OutboxStore {
  let opened: Promise<IDBDatabase> | undefined;
  const forget = () => {
    opened = undefined;
  };

  async function run<T>(mode: IDBTransactionMode, act: (entries: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    opened ??= openDatabase(name, forget);
    const database = await opened.catch((error) => {
      forget();
      throw error;
    });
    // Strict: what a person was told is kept is on the disk, not on its way there.
    const transaction = database.transaction(inside, mode, { durability: "strict" });
    const request = act(transaction.objectStore(inside));
    return await new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  return {
    all: () => run<OutboxEntry[]>("readonly", (entries) => entries.getAll()),
    put: async (entry) => void (await run("readwrite", (entries) => entries.put(entry))),
    remove: (id) => run("readwrite", (entries) => entries.delete(id)),
  };
}

/** @param onLost the browser took it away, or another version of this page wants it */
function openDatabase(name: string, onLost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(inside, { keyPath: "id" });
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = onLost;
      database.onversionchange = () => {
        database.close();
        onLost();
      };
      resolve(database);
    };
  });
}

export function defaultOutbox(): OutboxStore {
  return typeof indexedDB === "undefined" ? memoryOutbox() : indexedDbOutbox();
}
