/** What a Redis command answers; a status is told apart from a string because only strings are base64 on the wire. */
export type Reply = string | number | null | Status | Reply[];

export interface Status {
  status: string;
}

export const ok: Status = { status: "OK" };

/** A refusal of Redis, its text as Redis writes it. */
export class RedisError extends Error {}

/** The value of a key by its type; `undefined` where there is no key. */
export interface Values {
  string: string;
  hash: Map<string, string>;
  set: Set<string>;
  zset: Map<string, number>;
  list: string[];
}

export type Type = keyof Values;

interface Entry {
  type: Type;
  value: Values[Type];
  expiresAt: number | undefined;
}

const empty: { [T in Type]: () => Values[T] } = {
  string: () => "",
  hash: () => new Map(),
  set: () => new Set(),
  zset: () => new Map(),
  list: () => [],
};

/** The keys of one database, in memory. An expired key is gone for every reader at its millisecond. */
export class Store {
  readonly #entries = new Map<string, Entry>();

  /** @throws RedisError when the key holds another type. */
  read<T extends Type>(key: string, type: T): Values[T] | undefined {
    const entry = this.#live(key);
    if (!entry) return undefined;
    if (entry.type !== type) throw new RedisError("WRONGTYPE Operation against a key holding the wrong kind of value");
    return entry.value as Values[T];
  }

  /** The collection to write into; an absent one is made. Follow with {@link settle}, which drops an empty one. */
  open<T extends Exclude<Type, "string">>(key: string, type: T): Values[T] {
    const known = this.read(key, type);
    if (known) return known;
    const value = empty[type]();
    this.#entries.set(key, { type, value, expiresAt: undefined });
    return value;
  }

  /** Redis keeps no empty collection. */
  settle(key: string): void {
    const value = this.#entries.get(key)?.value;
    if (value === undefined || typeof value === "string") return;
    if ((Array.isArray(value) ? value.length : value.size) === 0) this.#entries.delete(key);
  }

  write(key: string, value: string, expiresAt: number | undefined): void {
    this.#entries.set(key, { type: "string", value, expiresAt });
  }

  remove(key: string): boolean {
    return this.#live(key) !== undefined && this.#entries.delete(key);
  }

  typeOf(key: string): Type | undefined {
    return this.#live(key)?.type;
  }

  expiryOf(key: string): number | undefined {
    return this.#live(key)?.expiresAt;
  }

  expire(key: string, at: number | undefined): void {
    const entry = this.#live(key);
    if (entry) entry.expiresAt = at;
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.#live(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expiresAt === undefined || entry.expiresAt > Date.now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }
}

/** A command and the least number of arguments it takes. */
export interface Command {
  least: number;
  run(store: Store, ...args: string[]): Reply;
}

export type Commands = Record<string, Command>;
