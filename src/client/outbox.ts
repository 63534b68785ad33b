/** What is to be said: kept before it is sent, sent in order, one at a time of a conversation, until it is heard. */
import type { ServerFrame } from "../protocol/frames.ts";
import { alarm } from "./alarm.ts";
import type { Client, Draft, OutboxEntry, OutboxStore, Pending } from "./api.ts";
import { jitter } from "./backoff.ts";
import { asRefusal, isPassing, refusalOf } from "./error.ts";
import type { House } from "./house.ts";
import { newId } from "./ids.ts";

const answerMs = 15_000; // without an answer it is sent again: its id makes it one message

/** One that is under way. */
interface Way {
  /** On a socket, once its files are there. */
  say?: () => void;
  /** @param error left out: it is heard, or taken back */
  end(error?: unknown): void;
}

export interface Outbox {
  of(conversationId: string): readonly Pending[];
  /** Takes in what the store has of this user. */
  adopt(): Promise<void>;
  add(conversationId: string, draft: Draft): Promise<string>;
  retry(id: string): Promise<void>;
  /** Taken back; or its message is in the log. */
  takeAway(id: string): Promise<void>;
  refused(id: string, frame: Extract<ServerFrame, { type: "error" }>): void;
  /** There is a socket, or none any more. */
  resume(): void;
  /** Another user, or nobody: what is stored stays. */
  end(): void;
}

export function createOutbox(house: House, store: OutboxStore, upload: Client["upload"]): Outbox {
  let all: readonly Pending[] = [];
  const running = new Set<string>();
  const ways = new Map<string, Way>();
  let lastAt = 0;

  const of = (id: string) => all.filter(({ entry }) => entry.conversation_id === id);
  const find = (id: string) => all.find(({ entry }) => entry.id === id)?.entry;

  function put(entry: OutboxEntry): void {
    if (find(entry.id)) return;
    const pending: Pending = { entry, state: entry.failure ? "failed" : "waiting", progress: 0 };
    all = [...all, pending].sort((one, other) => one.entry.created_at - other.entry.created_at);
    house.changed(entry.conversation_id);
  }

  function change({ id, conversation_id }: OutboxEntry, next: Partial<Pending>): void {
    all = all.map((pending) => (pending.entry.id === id ? { ...pending, heldUntil: undefined, ...next } : pending));
    house.changed(conversation_id);
  }

  /** What this device has no room for is sent all the same. */
  const stored = (entry: OutboxEntry) => (async () => store.put(entry))().catch(() => {});

  async function keep(entry: OutboxEntry, next: Partial<Pending> = {}): Promise<void> {
    if (!find(entry.id)) return;
    change(entry, { ...next, entry });
    await stored(entry);
  }

  /** The first that has not failed, then the next: none overtakes another. */
  async function run(conversationId: string): Promise<void> {
    if (running.has(conversationId)) return;
    running.add(conversationId);
    for (let attempt = 0; ; ) {
      const next = of(conversationId).find(({ state }) => state !== "failed");
      if (!next) break;
      try {
        await deliver(next.entry);
        attempt = 0;
      } catch (error) {
        const { code, message, retryAfterMs } = asRefusal(error, "INVALID_MESSAGE");
        const entry = find(next.entry.id) ?? next.entry;
        if (code === "OFFLINE" || isPassing({ code }))
          await pause(entry, jitter(attempt++, retryAfterMs), retryAfterMs);
        else await keep({ ...entry, failure: { code, message } }, { state: "failed" });
      }
    }
    running.delete(conversationId);
  }

  /** Until it is heard or taken back. @throws PingMeError what it was refused with */
  function deliver(entry: OutboxEntry): Promise<void> {
    const { id, conversation_id, content, reply_to, mentions } = entry;
    const uploading = new AbortController();
    return new Promise<void>((resolve, reject) => {
      const late = alarm(() => way.say?.());
      const way: Way = {
        end(error) {
          late.clear();
          uploading.abort();
          ways.delete(id);
          if (error) reject(error);
          else resolve();
        },
      };
      ways.set(id, way);
      const sending = uploadAll(entry, uploading.signal).then((media_ids) => {
        const about = { ref: id, id, conversation_id, content, reply_to, mentions, media_ids };
        way.say = () => {
          late.set(answerMs);
          change(entry, { state: house.say({ type: "message", ...about }) ? "sending" : "waiting" });
        };
        if (ways.has(id)) way.say();
      });
      sending.catch(way.end);
    });
  }

  /** Ends sooner where the message is taken back. @param askedMs by the server */
  function pause(entry: OutboxEntry, ms: number, askedMs?: number): Promise<void> {
    change(entry, { state: "waiting", heldUntil: askedMs && Date.now() + ms });
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
      ways.set(entry.id, { end: () => resolve() });
    });
  }

  async function uploadAll(entry: OutboxEntry, signal: AbortSignal): Promise<string[]> {
    const files = [...entry.files];
    const total = files.reduce((sum, { blob }) => sum + blob.size, 0);
    let before = 0;
    for (const [at, file] of entry.files.entries()) {
      const { blob, name } = file;
      if (!file.media_id) {
        const onProgress = (sent: number) => change(entry, { state: "uploading", progress: (before + sent) / total });
        onProgress(0);
        const { conversation_id } = entry;
        const { id } = await upload(blob, { purpose: "message", name, conversation_id, signal, onProgress });
        files[at] = { ...file, media_id: id };
        await keep({ ...entry, files: [...files] });
      }
      before += blob.size;
    }
    return files.flatMap(({ media_id }) => media_id ?? []);
  }

  async function takeAway(id: string): Promise<void> {
    const entry = find(id);
    if (!entry) return;
    all = all.filter((pending) => pending.entry.id !== id);
    ways.get(id)?.end();
    house.changed(entry.conversation_id);
    await store.remove(id).catch(() => {}); // it is found again at the next start, and is one message by its id
  }

  return {
    of,
    takeAway,
    async adopt() {
      const { me } = house;
      for (const entry of await store.all().catch(() => [])) if (entry.user_id === me && me === house.me) put(entry);
      for (const { entry } of all) void run(entry.conversation_id);
    },
    async add(conversation_id, { files = [], ...draft }) {
      lastAt = Math.max(lastAt + 1, Date.now());
      const entry = { id: newId(), user_id: house.me, conversation_id, ...draft, files, created_at: lastAt };
      put(entry);
      await stored(entry);
      void run(conversation_id);
      return entry.id;
    },
    async retry(id) {
      const { failure: _before, ...entry } = find(id) ?? {};
      if (!("id" in entry)) return;
      // The server takes away what was not used in time.
      const files = entry.files.map(({ media_id: _unused, ...file }) => file);
      await keep({ ...entry, files }, { state: "waiting", progress: 0 });
      void run(entry.conversation_id);
    },
    refused(id, frame) {
      if (!frame.code.startsWith("AUTH")) ways.get(id)?.end(refusalOf(frame));
    },
    resume() {
      for (const { say } of ways.values()) say?.();
    },
    end() {
      all = [];
      for (const { end } of ways.values()) end();
    },
  };
}
