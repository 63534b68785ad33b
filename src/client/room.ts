/** A conversation that may be opened: the loaded part of its history, what is on its way, and what one does there. */
import type { Message, ShownMessage } from "../protocol/messages.ts";
import { alarm } from "./alarm.ts";
import type { Room, RoomState } from "./api.ts";
import { jitter } from "./backoff.ts";
import { isHidden, isRefusal } from "./error.ts";
import type { House, Listener } from "./house.ts";
import { newId } from "./ids.ts";
import { cell } from "./observable.ts";
import type { Outbox } from "./outbox.ts";
import { single } from "./single.ts";
import type { Thread } from "./thread.ts";
import { createTyping } from "./typing.ts";
import { applied, extended, type Window, windowOf } from "./window.ts";

const pageSize = 50;
const againMs = 1_000; // somebody else signs in

interface RoomParts {
  thread: Thread;
  house: House;
  outbox: Outbox;
  /** The first opened it, or the last left. */
  opened(isOpen: boolean): void;
}

export interface OwnRoom extends Room, Listener {
  readonly openings: number;
  /** What is shown is derived anew. */
  refresh(): void;
  connected(): void;
  /** Lets go what is loaded. */
  forget(): void;
}

const nothing: Window = { messages: [], events: [], hasOlder: false, hasNewer: false };

export function createRoom({ thread, house, outbox, opened }: RoomParts): OwnRoom {
  const { id } = thread;
  let window: Window | undefined;
  /** It may lack what was said while nobody looked and there was no connection. */
  let isOld = false;
  let openings = 0;
  let wanted: number | undefined;
  /** Counts what is shown: what was asked for before comes too late. */
  let shows = 0;
  let attempt = 0;
  const again = alarm(() => show());
  const quotes = new Map<string, Promise<Message | undefined>>();
  const typing = createTyping((type) => house.say({ type, conversation_id: id }));

  function shown(): RoomState {
    const { record, isGone, readers, typing, online } = thread.face;
    const live = thread.isCurrent && !isOld ? "live" : "stale";
    return {
      status: isGone ? "gone" : window ? live : openings > 0 ? "loading" : "idle",
      conversation: record,
      ...(window ?? nothing),
      pending: outbox.of(id),
      head: thread.head,
      epoch: thread.cursor?.epoch ?? record?.epoch ?? "",
      me: record?.me,
      unread: record?.me.unread ?? 0,
      readers,
      typing,
      online,
    };
  }

  const state = cell<RoomState>(shown());
  const refresh = () => state.set(shown());

  function put(next: Window): void {
    window = thread.kept.reduce(applied, next);
    house.changed(id);
  }

  const pageOf = (query: { before?: number; after?: number; around?: number | undefined }) =>
    house.call("GET /conversations/{id}/messages", { path: { id }, query: { ...query, limit: pageSize } });

  /** Shows a part of the history in the place of what is shown. @throws PingMeError */
  async function showPart(around?: number): Promise<void> {
    const mine = ++shows;
    await house.during(async () => {
      // Events are heard from a place on that the page is sure to have reached.
      if (!thread.cursor) await thread.load();
      const [{ items, next }] = await Promise.all([pageOf({ around }), thread.face.record ? undefined : thread.load()]);
      if (mine !== shows) return;
      const newer = items.filter(({ sequence }) => sequence > (around ?? Infinity)).length;
      const hasOlder = around === undefined ? next !== null : items.length - newer >= pageSize / 2;
      isOld = false;
      put(windowOf(items, { hasOlder, hasNewer: newer >= pageSize / 2 }));
      replay(items.length);
    });
    thread.follow();
  }

  /** The same, again and again while somebody looks. */
  function show(): void {
    again.clear();
    showPart(wanted).then(
      () => {
        attempt = 0;
      },
      (error) => {
        if (isHidden(error.code)) thread.gone();
        else if (openings > 0) again.set(jitter(attempt++, error.retryAfterMs));
      },
    );
  }

  /** More at one end. */
  async function extend(way: "older" | "newer"): Promise<void> {
    const isOlder = way === "older";
    if (!window || !(isOlder ? window.hasOlder : window.hasNewer)) return;
    const at = window.messages.at(isOlder ? 0 : -1)?.sequence ?? 0;
    const mine = shows;
    await house.during(async () => {
      const { items, next } = await pageOf({ [isOlder ? "before" : "after"]: at });
      if (!window || mine !== shows) return;
      put(extended(window, way, { items, isEnd: next === null }));
      replay(items.length, isOlder ? 0 : at, isOlder ? at : undefined);
    });
  }

  /** Pages have messages alone: what else was there is heard again, where their numbers leave room for it. */
  function replay(count: number, from = 0, to = thread.head): void {
    const { messages, hasOlder, hasNewer } = window ?? nothing;
    const since = hasOlder && from === 0 ? (messages[0]?.sequence ?? 0) - 1 : from;
    const until = hasNewer ? Math.min(to, messages.at(-1)?.sequence ?? 0) : to;
    if (until - since > count) house.say({ type: "sync", conversation_id: id, since, until });
  }

  function close(): void {
    if (--openings > 0) return;
    again.clear();
    typing.end();
    opened(false);
    refresh();
  }

  /** As if it were heard, but that it has no place in the log: that comes by the socket. */
  function react(message_id: string, emoji: string, on: boolean): void {
    const { head: sequence, cursor } = thread;
    const about = { conversation_id: id, epoch: cursor?.epoch ?? "", sequence, message_id, user_id: house.me };
    if (window) window = applied(window, { type: "reaction", ...about, emoji, on });
    house.changed(id);
  }

  const room: OwnRoom = {
    id,
    state,
    get openings() {
      return openings;
    },
    refresh,
    open({ around } = {}) {
      const isFirst = openings++ === 0;
      if (isFirst) opened(true);
      if (around !== undefined || !window || isOld) {
        wanted = around;
        show();
      } else if (isFirst) thread.follow();
      refresh();
      let isOpen = true;
      return () => {
        if (isOpen) close();
        isOpen = false;
      };
    },
    loadOlder: single(() => extend("older")),
    loadNewer: single(() => extend("newer")),
    loadAround: showPart,
    loadNewest: () => showPart(),
    async message(messageId) {
      const loaded = window?.messages.find((message) => message.id === messageId);
      if (loaded) return loaded;
      const quote = quotes.get(messageId) ?? lookUp(messageId);
      quotes.set(messageId, quote);
      return quote;
    },
    send(draft) {
      typing.forget();
      return outbox.add(id, draft);
    },
    retry: outbox.retry,
    discard: outbox.takeAway,
    async edit(message_id, content) {
      const path = { id, message_id };
      await house.call("PATCH /conversations/{id}/messages/{message_id}", { path, body: { content } });
    },
    delete: (message_id) =>
      house.call("DELETE /conversations/{id}/messages/{message_id}", { path: { id, message_id } }),
    async react(message_id, emoji, on) {
      react(message_id, emoji, on);
      const path = { id, message_id, emoji };
      const method = on ? "PUT" : "DELETE";
      try {
        await house.call(`${method} /conversations/{id}/messages/{message_id}/reactions/{emoji}`, { path });
      } catch (error) {
        react(message_id, emoji, !on);
        throw error;
      }
    },
    pin: (message_id, on) => house.ask({ type: "pin", conversation_id: id, message_id, on }),
    async forwardTo(conversation_id, message_id) {
      const body = { conversation_id, id: newId() };
      await house.call("POST /conversations/{id}/messages/{message_id}/forward", { path: { id, message_id }, body });
    },
    typing: typing.key,
    markRead: thread.markRead,

    applied(event) {
      if ("message_id" in event) quotes.delete(event.message_id);
      if (window && !isOld) window = applied(window, event);
    },
    reset() {
      isOld = window !== undefined;
      wanted = window?.hasNewer ? window.messages[0]?.sequence : undefined;
      if (openings > 0) show();
    },
    unreadAfter(sequence) {
      if (!window || window.hasNewer || (window.hasOlder && (window.messages[0]?.sequence ?? 0) > sequence)) return;
      return window.messages.filter((message) => isUnread(message, sequence)).length;
    },
    connected() {
      attempt = 0;
      if (again.isSet) show();
      if (openings === 0) isOld = window !== undefined;
      else if (window) replay(window.messages.length); // there may have been no socket, or its answer was lost
      thread.connected(openings > 0);
    },
    forget() {
      window = undefined;
      quotes.clear();
      shows++;
      if (openings > 0) again.set(againMs);
      refresh();
    },
  };
  thread.listener = room;

  const isUnread = (message: ShownMessage, after: number) =>
    message.sequence > after && message.sender_id !== house.me && !message.is_deleted;

  async function lookUp(message_id: string): Promise<Message | undefined> {
    try {
      return await house.call("GET /conversations/{id}/messages/{message_id}", { path: { id, message_id } });
    } catch (error) {
      if (isRefusal(error, 404)) return undefined;
      quotes.delete(message_id);
      throw error;
    }
  }

  return room;
}
