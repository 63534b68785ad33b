/** Puts the parts together: sockets, conversations, list, presence and outbox of who is signed in. */
import type { EventFrame, ServerFrame, ServerFrameType } from "../protocol/frames.ts";
import { alarm } from "./alarm.ts";
import type { Client, OutboxStore } from "./api.ts";
import { createAsks } from "./asks.ts";
import { backoffMs } from "./backoff.ts";
import { PingMeError } from "./error.ts";
import type { House } from "./house.ts";
import { createLines } from "./lines.ts";
import { createList } from "./list.ts";
import { createOutbox } from "./outbox.ts";
import { createPresence } from "./presence.ts";
import { createRoom, type OwnRoom } from "./room.ts";
import type { OwnSession } from "./session.ts";
import { Thread } from "./thread.ts";

const unackedMost = 200; // events on all sockets: well before the server takes one for too slow
const keptRooms = 20; // that nobody looks at

export interface EngineOptions {
  url: string;
  WebSocket: typeof WebSocket;
  store: OutboxStore;
  call: Client["call"];
  upload: Client["upload"];
  session: Pick<OwnSession, "state" | "accessToken">;
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
  const listeners = new Set<(frame: ServerFrame) => void>();
  const dirty = new Set<string>();
  let me = "";
  let loads = 0;
  let unacked = 0;
  let attempt = 0;

  const house: House = {
    call,
    get me() {
      return me;
    },
    say(frame) {
      const isSaid = lines.send(frame);
      if (isSaid && frame.type === "ack") unacked = 0;
      return isSaid;
    },
    tell,
    get isLoading() {
      return loads > 0;
    },
    async during(load) {
      loads++;
      try {
        return await load();
      } finally {
        if (--loads === 0) for (const thread of threads.values()) thread.kept = [];
      }
    },
    changed(id) {
      if (dirty.size === 0) queueMicrotask(publish);
      dirty.add(id);
    },
    arrived: (id) => outbox.arrived(id),
    counted: () => ++unacked >= unackedMost,
  };

  const lines = createLines({
    url,
    WebSocket,
    accessToken: (other) => session.accessToken(other),
    cursorOf: (id) => threads.get(id)?.cursor,
    opened,
    heard,
    lost,
    gone: (id) => threadOf(id).gone(),
  });
  const outbox = createOutbox(house, store, upload);
  const asks = createAsks(house.say, () => me);
  const list = createList(house, threads, threadOf);
  const presence = createPresence(house.say, othersInRooms, (userId, isOnline) => {
    for (const { openings, id } of rooms.values()) if (openings > 0) threadOf(id).online(userId, isOnline);
  });
  const reload = alarm(() => void list.reload().catch(reloadLater));

  function reloadLater(error: unknown): void {
    if (!(error instanceof PingMeError)) throw error;
    reload.set(backoffMs(attempt++, Math.random(), error.retryAfterMs));
  }

  function threadOf(id: string): Thread {
    const thread = threads.get(id) ?? new Thread(id, house);
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
      pin: asks.pin,
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

  function* othersInRooms(): Generator<string> {
    for (const { id, openings } of rooms.values()) {
      if (openings > 0) for (const userId of threadOf(id).face.readers.keys()) if (userId !== me) yield userId;
    }
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

  function tell(frame: ServerFrame): void {
    for (const listener of [...listeners]) listener(frame);
  }

  function heard(frames: ServerFrame[]): void {
    for (const frame of frames) {
      asks.heard(frame);
      if (isEvent(frame)) threadOf(frame.conversation_id).event(frame);
      else {
        take(frame);
        tell(frame);
      }
    }
  }

  /** What is no event of the log. */
  function take(frame: Exclude<ServerFrame, EventFrame>): void {
    if (frame.type === "error") return refused(frame);
    if (isPresence(frame)) return presence.heard(frame);
    if (!("conversation_id" in frame)) return;
    const thread = threadOf(frame.conversation_id);
    if (frame.type === "subscribed") thread.subscribed(frame);
    else if (frame.type === "synced") thread.synced(frame);
    else if (frame.type === "inbox") thread.inbox(frame);
    else if (frame.type === "message_read") thread.read(frame.reader_id, frame.sequence);
    else if (frame.type === "message_delivered") thread.delivered(frame.user_id, frame.sequence);
    else if (frame.type === "mark_read_success") thread.receipts.confirmed(frame.sequence);
    else thread.types(frame);
    if (frame.type === "subscribed") presence.refresh();
  }

  /** By its `ref`: a message's id, or what a thread said. */
  function refused(frame: Extract<ServerFrame, { type: "error" }>): void {
    const [what = "", id = ""] = (frame.ref ?? "").split(":");
    if (id) threads.get(id)?.refused(what, frame);
    else outbox.refused(what, frame);
  }

  function opened(key: string): void {
    if (key) threadOf(key).receipts.connected();
    else {
      attempt = 0;
      for (const { id } of threads.values()) if (!lines.isOpen(id)) connected(id);
      presence.connected();
      reload.set(0);
    }
    outbox.connected();
  }

  function connected(id: string): void {
    const room = rooms.get(id);
    if (room) room.connected();
    else threadOf(id).connected(false);
  }

  function lost(key: string): void {
    for (const thread of threads.values())
      if (key ? thread.id === key : !lines.isOpen(thread.id)) thread.disconnected();
    asks.lost();
    outbox.disconnected();
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

  const signedIn = () => {
    const { value } = session.state;
    become(value.status === "signed-in" ? value.user.id : "");
  };
  session.state.subscribe(signedIn);
  signedIn();

  return {
    connection: lines.connection,
    conversations: list,
    presence,
    connect: ({ conversation = "" } = {}) => lines.connect(conversation),
    disconnect: lines.disconnect,
    conversation: roomOf,
    on(type, listener) {
      const hear = (frame: ServerFrame) => {
        if (isOf(frame, type)) listener(frame);
      };
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    setActive: lines.setActive,
  };
}

const isOf = <T extends ServerFrameType>(frame: ServerFrame, type: T): frame is Extract<ServerFrame, { type: T }> =>
  frame.type === type;

const isEvent = (frame: ServerFrame): frame is EventFrame =>
  "epoch" in frame && frame.type !== "subscribed" && frame.type !== "synced";

type PresenceFrame = Extract<ServerFrame, { type: "presence_state" | "user_online" | "user_offline" }>;

const isPresence = (frame: ServerFrame): frame is PresenceFrame =>
  frame.type === "presence_state" || frame.type === "user_online" || frame.type === "user_offline";
