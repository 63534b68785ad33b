/** One socket that is opened again whenever it was lost. */
import type { ClientFrame, ServerFrame } from "../protocol/frames.ts";
import { alarm } from "./alarm.ts";
import type { Connection } from "./api.ts";
import { backoffMs } from "./backoff.ts";
import { type AfterClose, afterClose } from "./closing.ts";
import { PingMeError } from "./error.ts";
import { cell, type Observable } from "./observable.ts";

export interface LinkOptions {
  /** Asked at each opening. */
  address(): string;
  /** The token goes with the handshake; else in the first frame. */
  isDirect: boolean;
  /** @param other than this one, which was refused or is about to end */
  accessToken(other?: string): Promise<string>;
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
const batchFrames = 256;
const batchUnits = 80_000; // of UTF-16, at most 3 bytes each: within 256 KiB

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
  const opening = alarm(() => drop());
  const nextPing = alarm(() => sendPing());
  const silence = alarm(() => drop());
  const reauth = alarm(() => void authAgain());

  function become(next: Connection["state"], retryAt?: number): void {
    const { state: before, since } = state.value;
    const isSame = next !== "open" && before !== "open" && before !== "closed" && next !== "closed";
    state.set({ state: next, since: isSame ? since : Date.now(), ...(retryAt !== undefined && { retryAt }) });
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
    opening.set(openingMs);
    socket.onopen = () => (options.isDirect ? opened() : socket?.send(text({ type: "auth", token })));
    socket.onmessage = ({ data }) => hear(framesIn(data));
    socket.onclose = ({ code, reason }) => lost(code, reason);
  }

  /** There is no token. */
  function failed(error: unknown): void {
    const isRefused = error instanceof PingMeError && /^AUTH/.test(error.code);
    if (isRefused) end("sign-in");
    else wait(error instanceof PingMeError ? (error.retryAfterMs ?? 0) : 0);
  }

  function opened(): void {
    opening.clear();
    become("open");
    reauth.set(Math.max(leastAuthMs, 0.8 * (endOf(token) - Date.now())));
    sendPing();
    options.opened();
  }

  function hear(frames: ServerFrame[]): void {
    silence.clear();
    if (state.value.state !== "open") {
      if (frames.some(({ type }) => type === "auth_success")) opened();
      else return refusedBy(frames);
    }
    options.heard(frames);
  }

  /** An answer to the first frame that does not let in. */
  function refusedBy(frames: ServerFrame[]): void {
    for (const frame of frames) {
      if (frame.type !== "error") continue;
      if (frame.code === "AUTH_FAILED") refused = token;
      return wait(frame.details?.retry_after_ms ?? 0);
    }
  }

  function sendPing(): void {
    if (state.value.state !== "open") return;
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
    reauth.set(Math.max(leastAuthMs, 0.8 * (endOf(token) - Date.now())));
  }

  function send(frame: ClientFrame): boolean {
    if (state.value.state !== "open") return false;
    if (queue.push(text(frame)) === 1) queueMicrotask(flush);
    return true;
  }

  function flush(): void {
    const texts = queue;
    queue = [];
    for (const batch of batches(texts)) socket?.send(batch);
  }

  /** Does not wait for the end of a socket that may be dead. */
  function drop(): void {
    lost(1006, "");
  }

  function letGo(): void {
    for (const timer of [opening, nextPing, silence, reauth, retry]) timer.clear();
    tries++;
    queue = [];
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = undefined;
  }

  /** Another state, without a socket. */
  function leave(next: Connection["state"], retryAt?: number): void {
    const wasOpen = state.value.state === "open";
    letGo();
    become(next, retryAt);
    if (wasOpen) options.lost();
  }

  function lost(code: number, reason: string): void {
    const { state: before, since } = state.value;
    if (before === "open" && Date.now() - since > steadyMs) attempt = 0;
    const { what, floorMs } = afterClose(code, reason);
    if (what === "gone" || what === "stop") return end(what);
    if (what === "sign-in") refused = token;
    wait(floorMs);
  }

  function wait(floorMs: number): void {
    const ms = backoffMs(attempt++, Math.random(), floorMs);
    leave("waiting", Date.now() + ms);
    retry.set(ms);
  }

  function end(why: AfterClose): void {
    leave("closed");
    options.ended(why);
  }

  void open();
  return {
    state,
    send,
    nudge() {
      if (state.value.state === "open") sendPing();
      else if (state.value.state === "waiting" || state.value.state === "offline") void open();
    },
    goOffline() {
      if (state.value.state !== "closed") leave("offline");
    },
    stop: () => leave("closed"),
  };
}

const text = (frame: ClientFrame) => JSON.stringify(frame);

function framesIn(data: unknown): ServerFrame[] {
  const value: unknown = JSON.parse(String(data));
  return (Array.isArray(value) ? value : [value]).filter(isFrame);
}

/** What is in it is the server's word, which its own tests hold it to. */
function isFrame(value: unknown): value is ServerFrame {
  return typeof value === "object" && value !== null && "type" in value;
}

/** Arrays within what one text frame may hold. */
export function batches(texts: readonly string[]): string[] {
  const made: string[][] = [];
  let units = 0;
  for (const text of texts) {
    const last = made.at(-1);
    units += text.length + 1;
    if (last && last.length < batchFrames && units < batchUnits) last.push(text);
    else {
      made.push([text]);
      units = text.length;
    }
  }
  return made.map((batch) => (batch.length === 1 ? (batch[0] ?? "") : `[${batch.join()}]`));
}

/** When an access token ends, ms since 1970: a claim of the JWT. */
function endOf(token: string): number {
  const claims: { exp?: number } = JSON.parse(atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")));
  return (claims.exp ?? 0) * 1_000;
}
