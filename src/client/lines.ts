/** The sockets of a client: the user's, and those of conversations that have one of their own. */
import type { ClientFrame, ServerFrame } from "../protocol/frames.ts";
import type { Connection } from "./api.ts";
import type { Cursor } from "./cursor.ts";
import { createLink, type Link } from "./link.ts";
import { cell, type Observable } from "./observable.ts";

interface LinesParts {
  url: string;
  WebSocket: typeof WebSocket;
  accessToken(other?: string): Promise<string>;
  staleAt(): number;
  cursorOf(conversationId: string): Cursor | undefined;
  /** @param key the conversation, empty for the user's socket */
  opened(key: string): void;
  lost(key: string): void;
  heard(frames: ServerFrame[]): void;
  gone(conversationId: string): void;
}

export interface Lines {
  readonly connection: Observable<Connection>;
  /** Wanted from now on. @param key the conversation, empty for the user's socket */
  connect(key: string): void;
  disconnect(): void;
  /** Opens what is wanted, where somebody is signed in; else nothing is open. */
  allow(isSignedIn: boolean): void;
  send(frame: ClientFrame): boolean;
  isOpen(key: string): boolean;
  setActive(isActive: boolean): void;
}

export function createLines({ url, cursorOf, opened, lost, gone, ...parts }: LinesParts): Lines {
  const connection = cell<Connection>({ state: "closed", since: Date.now() });
  const links = new Map<string, Link>();
  const wanted = new Set<string>();
  let isAllowed = false;
  let isActive = true;
  let unwatch: (() => void) | undefined;

  function address(key: string): string {
    const cursor = cursorOf(key);
    const query = cursor ? `?epoch=${encodeURIComponent(cursor.epoch)}&since=${cursor.last}` : "";
    return `${url.replace(/^http/, "ws")}/api/v1${key && `/conversations/${key}`}/ws${query}`;
  }

  function open(key: string): void {
    if (!isAllowed || links.has(key)) return;
    const link = createLink({
      ...parts,
      address: () => address(key),
      isDirect: key !== "",
      opened() {
        if (!key && !isActive) sayActive();
        opened(key);
      },
      lost: () => lost(key),
      ended(why) {
        if (why !== "sign-in") wanted.delete(key);
        if (why === "gone") gone(key);
      },
    });
    links.set(key, link);
    link.state.subscribe(show);
    show();
  }

  function show(): void {
    const [first] = links.values();
    const link = links.get("") ?? first;
    if (link) connection.set(link.state.value);
  }

  const find = (key: string) => {
    const link = links.get(key);
    return link?.state.value.state === "open" ? link : undefined;
  };

  const each = (act: "nudge" | "goOffline" | "stop") => {
    for (const link of links.values()) link[act]();
  };
  const nudge = () => each("nudge");

  function close(): void {
    each("stop");
    show();
    links.clear();
  }

  function sayActive(): void {
    find("")?.send({ type: "client_state", state: isActive ? "active" : "background" });
  }

  function setActive(next: boolean): void {
    if (next === isActive) return;
    isActive = next;
    sayActive();
    if (next) nudge();
  }

  /** In a page, where one sees whether there is a network, and whether somebody looks. @returns how to end it */
  function watchPage(): () => void {
    if (typeof document === "undefined") return () => {};
    const ending = new AbortController();
    const look = () => setActive(document.visibilityState !== "hidden");
    addEventListener("online", nudge, ending);
    addEventListener("offline", () => each("goOffline"), ending);
    document.addEventListener("visibilitychange", look, ending);
    look();
    return () => ending.abort();
  }

  return {
    connection,
    connect(key) {
      unwatch ??= watchPage();
      wanted.add(key);
      if (links.get(key)?.state.value.state === "closed") links.delete(key);
      open(key);
    },
    disconnect() {
      unwatch?.();
      unwatch = undefined;
      wanted.clear();
      close();
    },
    allow(isSignedIn) {
      isAllowed = isSignedIn;
      if (isAllowed) for (const key of wanted) open(key);
      else close();
    },
    send(frame) {
      const key = "conversation_id" in frame ? frame.conversation_id : undefined;
      return ((key && find(key)) || find(""))?.send(frame) ?? false;
    },
    isOpen: (key) => find(key) !== undefined,
    setActive,
  };
}
