/** One socket that is opened again whenever it was lost. */
import type { ClientFrame, ServerFrame } from "../protocol/frames.ts";
import { alarm } from "./alarm.ts";
import type { Connection } from "./api.ts";
import { jitter } from "./backoff.ts";
import { type AfterClose, afterClose } from "./closing.ts";
import { asRefusal, isRefusal } from "./error.ts";
import { cell, type Observable } from "./observable.ts";

export interface LinkOptions {
  /** Asked at each opening. */
  address(): string;
  /** The token goes with the handshake; else in the first frame. */
  isDirect: boolean;
  /** @param other than this one, which was refused or is about to end */
  accessToken(other?: string): Promise<string>;
  /** When the token it last gave is to be renewed, ms since 1970 by this device's clock. */
  staleAt(): number;
  WebSocket: typeof WebSocket;
  opened(): void;
  heard(frames: ServerFrame[]): void;
  /** It was open. */
  lost(): void;
  /** It is not opened again. */
  ended(why: AfterClose): void;
}

export interface Link {
  readonly state: Observable<Connection>;
  /** Frames of one tick leave together. @returns whether there is a socket to leave by */
  send(frame: ClientFrame): boolean;
  /** There may be a network again, or somebody looks again: it is tried, or made sure of, at once. */
  nudge(): void;
  /** The platform says there is no network. */
  goOffline(): void;
  stop(): void;
}

const ping = '{"type":"ping"}'; // byte for byte: so it wakes nobody
const pingEveryMs = 25_000;
const silenceMs = 10_000;
const openingMs = 20_000;
const steadyMs = 10_000; // open for so long, the next loss is a new one
const leastAuthMs = 5_000;
const batchFrames = 16; // the longest message is 16 kB: an array stays within 256 KiB

export function createLink(options: LinkOptions): Link {
  const state = cell<Connection>({ state: "closed", since: Date.now() });
  let socket: WebSocket | undefined;
  let token = "";
  let refused: string | undefined;
  let attempt = 0;
  /** Counts tries: what belongs to an earlier one comes too late. */
  let tries = 0;
  let queue: string[] = [];

  const retry = alarm(() => void open());
  const nextPing = alarm(() => sendPing());
  /** It does not wait for the end of a socket that may be dead. */
  const silence = alarm(() => lost(1006));
  const reauth = alarm(() => void authAgain());

  const isOpen = () => state.value.state === "open";

  /** `open` and `connecting` apart, without a socket. */
  function become(next: Connection["state"], retryAt?: number): void {
    const { state: before, since } = state.value;
    if (!/open|connecting/.test(next)) letGo();
    const isTurn = /open|closed/.test(before + next);
    state.set({ state: next, since: isTurn ? Date.now() : since, retryAt });
    if (before === "open") options.lost();
  }

  async function open(): Promise<void> {
    const mine = ++tries;
    retry.clear();
    become("connecting");
    try {
      token = await options.accessToken(refused);
    } catch (error) {
      if (mine === tries) failed(error);
      return;
    }
    if (mine !== tries) return;
    refused = undefined;
    socket = new options.WebSocket(options.address(), ["pingme.batch", ...(options.isDirect ? [token] : [])]);
    silence.set(openingMs);
    socket.onopen = () => (options.isDirect ? opened() : socket?.send(text({ type: "auth", token })));
    socket.onmessage = ({ data }) => hear(framesIn(data));
    socket.onclose = ({ code, reason }) => lost(code, reason);
  }

  /** There is no token. */
  function failed(error: unknown): void {
    if (isRefusal(error, 401)) end("sign-in");
    else wait(asRefusal(error, "OFFLINE").retryAfterMs);
  }

  function opened(): void {
    become("open");
    renewInTime();
    sendPing();
    options.opened();
  }

  function hear(frames: ServerFrame[]): void {
    silence.clear();
    if (!isOpen()) {
      const [first] = frames;
      if (first?.type === "error") return lost(first.code === "AUTH_FAILED" ? 4401 : 1006);
      opened();
    }
    options.heard(frames);
  }

  function sendPing(): void {
    if (!isOpen()) return;
    socket?.send(ping);
    silence.set(silenceMs);
    nextPing.set(pingEveryMs);
  }

  async function authAgain(): Promise<void> {
    const mine = tries;
    const next = await options.accessToken(token).catch(() => undefined); // it is tried again at the close, 4401
    if (mine !== tries || next === undefined || next === token) return;
    token = next;
    send({ type: "auth", token });
    renewInTime();
  }

  function renewInTime(): void {
    reauth.set(Math.max(leastAuthMs, 0.8 * (options.staleAt() - Date.now())));
  }

  function send(frame: ClientFrame): boolean {
    if (!isOpen()) return false;
    if (queue.push(text(frame)) === 1) queueMicrotask(flush);
    return true;
  }

  function flush(): void {
    const texts = queue;
    queue = [];
    for (let at = 0; at < texts.length; at += batchFrames) socket?.send(batched(texts.slice(at, at + batchFrames)));
  }

  function letGo(): void {
    for (const timer of [nextPing, silence, reauth, retry]) timer.clear();
    tries++;
    queue = [];
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = undefined;
  }

  function lost(code: number, reason?: string): void {
    if (isOpen() && Date.now() - state.value.since > steadyMs) attempt = 0;
    const { what, floorMs } = afterClose(code, reason);
    if (what === "gone" || what === "stop") return end(what);
    if (what === "sign-in") refused = token;
    wait(floorMs);
  }

  function wait(floorMs = 0): void {
    const ms = jitter(attempt++, floorMs);
    become("waiting", Date.now() + ms);
    retry.set(ms);
  }

  function end(why: AfterClose): void {
    become("closed");
    options.ended(why);
  }

  void open();
  return {
    state,
    send,
    nudge() {
      if (/waiting|offline/.test(state.value.state)) void open();
      else sendPing();
    },
    goOffline() {
      if (state.value.state !== "closed") become("offline");
    },
    stop: () => become("closed"),
  };
}

const text = (frame: ClientFrame) => JSON.stringify(frame);

/** What is in them is the server's word, which its own tests hold it to. */
const framesIn = (data: unknown): ServerFrame[] => [JSON.parse(String(data))].flat();

const batched = (texts: readonly string[]) => (texts.length === 1 ? texts.join() : `[${texts}]`);
