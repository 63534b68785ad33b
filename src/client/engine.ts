/** Puts the parts together: sockets, conversations, list, presence and outbox of who is signed in. */
import type { EventFrame, ServerFrame, ServerFrameType } from "../protocol/frames.ts";
import { alarm } from "./alarm.ts";
import type { Client, OutboxStore } from "./api.ts";
import { jitter } from "./backoff.ts";
import { type PingMeError, refusalOf } from "./error.ts";
import { onlineAfter } from "./face.ts";
import type { House } from "./house.ts";
import { createLines } from "./lines.ts";
import { createList } from "./list.ts";
import { cell } from "./observable.ts";
import { createOutbox } from "./outbox.ts";
import { createPresence } from "./presence.ts";
import { createRoom, type OwnRoom } from "./room.ts";
import type { OwnSession } from "./session.ts";
import { createThread, type Thread } from "./thread.ts";

const keptRooms = 20; // that nobody looks at

export interface EngineOptions {
  url: string;
  WebSocket: typeof WebSocket;
  store: OutboxStore;
  call: Client["call"];
  upload: Client["upload"];
  session: Pick<OwnSession, "state" | "userId" | "accessToken" | "staleAt">;
}

interface Ask {
  ref: string;
  resolve(): void;
  reject(error: PingMeError): void;
}

type Engine = Pick<
  Client,
  "connection" | "conversations" | "presence" | "connect" | "disconnect" | "conversation" | "on" | "setActive"
>;

export function createEngine({ url, WebSocket, store, call, upload, session }: EngineOptions): Engine {
  const threads = new Map<string, Thread>();
  const rooms = new Map<string, OwnRoom>();
  /** Rooms with messages that nobody looks at, the latest last. */
  const left = new Set<OwnRoom>();
  /** The frame that is told. */
  const told = cell<ServerFrame | undefined>(undefined);
  const dirty = new Set<string>();
  let me = "";
  let loads = 0;
  let attempt = 0;

  const house: House = {
    call,
    get me() {
      return me;
    },
    say: (frame) => lines.send(frame),
    tell: told.set,
    get isLoading() {
      return loads > 0;
    },
    during(load) {
      loads++;
      return load().finally(() => {
        if (--loads === 0) for (const thread of threads.values()) thread.kept = [];
      });
    },
    changed(id) {
      if (dirty.size === 0) queueMicrotask(publish);
      dirty.add(id);
    },
    ask,
    arrived: (id) => void outbox.takeAway(id),
  };

  const lines = createLines({
    url,
    WebSocket,
    accessToken: session.accessToken,
    staleAt: session.staleAt,
    cursorOf: (id) => threads.get(id)?.cursor,
    opened,
    heard,
    lost,
    gone: (id) => threadOf(id).gone(),
  });
  const outbox = createOutbox(house, store, upload);
  /** Pins that were said and are not answered yet. */
  const asks = new Set<Ask>();
  const list = createList(house, threads, threadOf);
  const presence = createPresence(house.say, inOpenRooms, (userId, isOnline) => {
    for (const { face, show } of threads.values()) {
      if (face.readers.has(userId)) show({ online: onlineAfter(face.online, userId, isOnline) });
    }
  });
  const reload = alarm(
    () => void list.reload().catch(({ retryAfterMs }) => reload.set(jitter(attempt++, retryAfterMs))),
  );

  function threadOf(id: string): Thread {
    const thread = threads.get(id) ?? createThread(id, house);
    threads.set(id, thread);
    return thread;
  }

  function roomOf(id: string): OwnRoom {
    const known = rooms.get(id);
    if (known) return known;
    const room = createRoom({
      thread: threadOf(id),
      house,
      outbox,
      opened: (isOpen) => attended(room, isOpen),
    });
    rooms.set(id, room);
    return room;
  }

  function attended(room: OwnRoom, isOpen: boolean): void {
    left.delete(room);
    if (!isOpen) left.add(room);
    for (const old of [...left].slice(0, -keptRooms)) {
      left.delete(old);
      old.forget();
    }
    presence.refresh();
  }

  function inOpenRooms(): string[] {
    return [...rooms.values()].flatMap(({ openings, id }) =>
      openings > 0 ? [...threadOf(id).face.readers.keys()] : [],
    );
  }

  function publish(): void {
    const ids = [...dirty];
    dirty.clear();
    for (const id of ids) {
      list.changed(id);
      rooms.get(id)?.refresh();
    }
    list.refresh();
  }

  function ask(frame: Parameters<House["ask"]>[0]): Promise<void> {
    const ref = refOf(frame);
    return new Promise((resolve, reject) => {
      asks.add({ ref, resolve, reject });
      if (!lines.send({ ...frame, ref })) settle(ref, refusalOf());
    });
  }

  /** All who asked for the same. */
  function settle(ref: string | undefined, error?: PingMeError): void {
    for (const ask of asks) {
      if (ask.ref !== ref) continue;
      asks.delete(ask);
      if (error) ask.reject(error);
      else ask.resolve();
    }
  }

  function heard(frames: ServerFrame[]): void {
    for (const frame of frames) {
      if (frame.type === "error") refused(frame);
      else if (frame.type === "pin") settle(refOf(frame)); // whoever did it, it is done
      if ("conversation_id" in frame) threadOf(frame.conversation_id).hear(frame);
      else if ("items" in frame) presence.heard(frame.items);
      else if ("user_id" in frame && frame.type !== "auth_success") {
        presence.heard([{ ...frame, online: frame.type === "user_online" }]);
      }
      if (frame.type === "subscribed") presence.refresh();
      if (!isEvent(frame)) told.set(frame);
    }
  }

  /** By its `ref`: a message's id, or what was said and of which conversation or message. */
  function refused(frame: Extract<ServerFrame, { type: "error" }>): void {
    const [what = "", id = ""] = (frame.ref ?? "").split(":");
    threads.get(id)?.refused(what, frame);
    outbox.refused(what, frame);
    settle(frame.ref, refusalOf(frame));
  }

  function opened(key: string): void {
    if (key) threadOf(key).resumed();
    else {
      attempt = 0;
      for (const { id } of threads.values()) if (!lines.isOpen(id)) connected(id);
      presence.connected();
      reload.set(0);
    }
    outbox.resume();
  }

  function connected(id: string): void {
    const room = rooms.get(id);
    if (room) room.connected();
    else threadOf(id).connected(false);
  }

  function lost(key: string): void {
    for (const thread of threads.values())
      if (key ? thread.id === key : !lines.isOpen(thread.id)) thread.disconnected();
    for (const { ref } of asks) settle(ref, refusalOf());
    outbox.resume();
  }

  /** Another user, or nobody: nothing of the one before is kept in memory. */
  function become(userId: string): void {
    if (userId === me) return;
    lines.allow(false);
    me = userId;
    reload.clear();
    outbox.end();
    presence.end();
    for (const thread of threads.values()) thread.end();
    for (const room of rooms.values()) room.forget();
    list.end();
    if (!me) return;
    void outbox.adopt();
    lines.allow(true);
  }

  const signedIn = () => become(session.userId() ?? "");
  session.state.subscribe(signedIn);
  signedIn();

  return {
    connection: lines.connection,
    conversations: list,
    presence,
    connect: ({ conversation = "" } = {}) => lines.connect(conversation),
    disconnect: lines.disconnect,
    conversation: roomOf,
    on: (type, listener) =>
      told.subscribe((frame) => {
        if (frame && isOf(frame, type)) listener(frame);
      }),
    setActive: lines.setActive,
  };
}

const isOf = <T extends ServerFrameType>(frame: ServerFrame, type: T): frame is Extract<ServerFrame, { type: T }> =>
  frame.type === type;

const refOf = ({ message_id, on }: { message_id: string; on: boolean }) => `pin:${message_id}:${on}`;

const isEvent = (frame: ServerFrame): frame is EventFrame =>
  "epoch" in frame && frame.type !== "subscribed" && frame.type !== "synced";
