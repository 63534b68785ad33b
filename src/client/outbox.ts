/** What is to be said: kept before it is sent, sent in order, one at a time of a conversation, until it is heard. */
import type { ServerFrame } from "../protocol/frames.ts";
import { type Alarm, alarm } from "./alarm.ts";
import type { Client, Draft, OutboxEntry, OutboxStore, Pending } from "./api.ts";
import { backoffMs } from "./backoff.ts";
import { PingMeError } from "./error.ts";
import type { House } from "./house.ts";
import { newId } from "./ids.ts";

const answerMs = 15_000; // without an answer it is sent again: its id makes it one message
const retryMs = 2_000;

/** A conversation's, in the order they are sent. */
interface Queue {
  items: readonly Pending[];
  /** Under way: the id of what was sent, or is uploaded. */
  busy: string | undefined;
  upload: AbortController | undefined;
  attempt: number;
  wait: Alarm;
}

export interface Outbox {
  of(conversationId: string): readonly Pending[];
  /** Takes in what the store has of this user. */
  adopt(): Promise<void>;
  add(conversationId: string, draft: Draft): Promise<string>;
  retry(id: string): Promise<void>;
  discard(id: string): Promise<void>;
  /** A message of this id is in the log. */
  arrived(id: string): void;
  /** @returns whether the refusal is of something sent here */
  refused(id: string, error: Extract<ServerFrame, { type: "error" }>): boolean;
  connected(): void;
  disconnected(): void;
  /** Another user, or nobody: what is stored stays. */
  end(): void;
}

export function createOutbox(house: House, store: OutboxStore, upload: Client["upload"]): Outbox {
  const queues = new Map<string, Queue>();
  /** Where an entry is. */
  const places = new Map<string, string>();
  let lastAt = 0;

  function queueOf(conversationId: string): Queue {
    const queue = queues.get(conversationId) ?? {
      items: [],
      busy: undefined,
      upload: undefined,
      attempt: 0,
      wait: alarm(() => again(conversationId)),
    };
    queues.set(conversationId, queue);
    return queue;
  }

  const find = (id: string) => {
    const queue = queues.get(places.get(id) ?? "");
    const pending = queue?.items.find(({ entry }) => entry.id === id);
    return queue && pending && { queue, pending };
  };

  function put(entry: OutboxEntry): void {
    if (places.has(entry.id)) return;
    places.set(entry.id, entry.conversation_id);
    const queue = queueOf(entry.conversation_id);
    const pending: Pending = { entry, state: entry.failure ? "failed" : "waiting", progress: 0 };
    queue.items = [...queue.items, pending].sort((one, other) => one.entry.created_at - other.entry.created_at);
    house.changed(entry.conversation_id);
  }

  function change(id: string, next: Partial<Pending>): void {
    const found = find(id);
    if (!found) return;
    found.queue.items = found.queue.items.map((item) => (item.entry.id === id ? { ...item, ...next } : item));
    house.changed(found.pending.entry.conversation_id);
  }

  /** Free for the next, or for another try. */
  function free(queue: Queue): void {
    queue.wait.clear();
    queue.upload?.abort();
    queue.upload = undefined;
    queue.busy = undefined;
  }

  function again(conversationId: string): void {
    const queue = queueOf(conversationId);
    free(queue);
    pump(queue);
  }

  /** The first that has not failed is sent, if nothing is under way. */
  function pump(queue: Queue): void {
    const next = queue.items.find(({ state }) => state !== "failed");
    if (!next || queue.busy !== undefined || queue.wait.isSet) return;
    const { entry } = next;
    if (entry.files.some(({ media_id }) => media_id === undefined)) void uploadFiles(queue, entry);
    else if (house.say({ type: "message", ref: entry.id, ...frameOf(entry) })) {
      queue.busy = entry.id;
      queue.wait.set(answerMs);
      change(entry.id, { state: "sending", progress: 1 });
    }
  }

  async function uploadFiles(queue: Queue, entry: OutboxEntry): Promise<void> {
    const ending = new AbortController();
    queue.busy = entry.id;
    queue.upload = ending;
    change(entry.id, { state: "uploading" });
    try {
      await uploadAll(entry, ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) failed(queue, entry, error);
      return;
    }
    if (ending.signal.aborted) return;
    free(queue);
    queue.attempt = 0;
    pump(queue);
  }

  async function uploadAll(entry: OutboxEntry, signal: AbortSignal): Promise<void> {
    const total = entry.files.reduce((sum, { blob }) => sum + blob.size, 0) || 1;
    let before = 0;
    let { files } = entry;
    for (const [index, file] of entry.files.entries()) {
      if (file.media_id === undefined) {
        const { id } = await upload(file.blob, {
          purpose: "message",
          name: file.name,
          conversation_id: entry.conversation_id,
          signal,
          onProgress: (sent) => change(entry.id, { progress: (before + sent) / total }),
        });
        if (signal.aborted) return;
        files = files.map((one, at) => (at === index ? { ...one, media_id: id } : one));
        await keep({ ...entry, files });
      }
      before += file.blob.size;
    }
  }

  async function keep(entry: OutboxEntry): Promise<void> {
    if (!places.has(entry.id)) return;
    change(entry.id, { entry });
    await store.put(entry);
  }

  function failed(queue: Queue, entry: OutboxEntry, error: unknown): void {
    if (!(error instanceof PingMeError)) throw error;
    const { code, retryAfterMs, message } = error;
    free(queue);
    if (isPassing(code)) return later(queue, entry.id, backoffMs(queue.attempt++, Math.random(), retryAfterMs));
    void fail(entry.id, { code: code === "OFFLINE" ? "UNAVAILABLE" : code, message });
  }

  /** Nothing of this conversation overtakes it meanwhile. */
  function later(queue: Queue, id: string, afterMs: number): void {
    free(queue);
    change(id, { state: "waiting" });
    queue.wait.set(afterMs);
  }

  async function fail(id: string, failure: NonNullable<OutboxEntry["failure"]>): Promise<void> {
    const found = find(id);
    if (!found) return;
    const entry = { ...found.pending.entry, failure };
    change(id, { entry, state: "failed" });
    free(found.queue);
    pump(found.queue);
    await store.put(entry);
  }

  async function takeAway(id: string): Promise<void> {
    const found = find(id);
    if (!found) return;
    const { queue, pending } = found;
    places.delete(id);
    queue.items = queue.items.filter(({ entry }) => entry.id !== id);
    if (queue.busy === id || queue.items.length === 0) free(queue);
    house.changed(pending.entry.conversation_id);
    pump(queue);
    await store.remove(id);
  }

  return {
    of: (conversationId) => queues.get(conversationId)?.items ?? none,
    async adopt() {
      const user = house.me;
      const entries = await store.all();
      if (user !== house.me) return;
      for (const entry of entries) if (entry.user_id === user) put(entry);
      for (const queue of queues.values()) pump(queue);
    },
    async add(conversation_id, { content, reply_to, mentions, files = [] }) {
      lastAt = Math.max(lastAt + 1, Date.now());
      const about = { ...(reply_to !== undefined && { reply_to }), ...(mentions && { mentions }) };
      const entry = { id: newId(), user_id: house.me, conversation_id, content, ...about, files, created_at: lastAt };
      put(entry);
      await store.put(entry);
      pump(queueOf(conversation_id));
      return entry.id;
    },
    async retry(id) {
      const found = find(id);
      if (!found) return;
      const { failure: _before, ...entry } = found.pending.entry;
      const files = entry.files.map(({ media_id: _unused, ...file }) => file);
      change(id, { state: "waiting", progress: 0 });
      await keep({ ...entry, files });
      pump(found.queue);
    },
    discard: takeAway,
    arrived: (id) => void takeAway(id),
    refused(id, { code, message, details }) {
      const found = find(id);
      if (!found) return false;
      if (isPassing(code)) later(found.queue, id, details?.retry_after_ms ?? retryMs);
      else if (!code.startsWith("AUTH")) void fail(id, { code, message });
      return true;
    },
    connected() {
      for (const queue of queues.values()) pump(queue);
    },
    disconnected() {
      for (const queue of queues.values()) {
        if (queue.upload || queue.busy === undefined) continue;
        later(queue, queue.busy, 0);
      }
    },
    end() {
      for (const [conversationId, queue] of queues) {
        free(queue);
        queue.items = none;
        house.changed(conversationId);
      }
      queues.clear();
      places.clear();
    },
  };
}

const none: readonly Pending[] = [];

const isPassing = (code: PingMeError["code"]) =>
  ["RATE_LIMIT_EXCEEDED", "UNAVAILABLE", "INTERNAL_ERROR", "OFFLINE"].includes(code);

function frameOf({ id, conversation_id, content, reply_to, mentions, files }: OutboxEntry) {
  const media_ids = files.flatMap(({ media_id }) => media_id ?? []);
  return { id, conversation_id, content, reply_to, mentions, ...(media_ids.length > 0 && { media_ids }) };
}
