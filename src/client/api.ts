/** What the SDK offers, in one place: `createClient(options)` in `client.ts` makes a {@link Client}. */
import type { Conversation, Mine } from "../protocol/conversations.ts";
import type { ErrorCode, FieldError } from "../protocol/errors.ts";
import type { ServerFrame, ServerFrameType } from "../protocol/frames.ts";
import type { Message, Reader, ShownMessage } from "../protocol/messages.ts";
import type { Me } from "../protocol/users.ts";
import type { Observable } from "./observable.ts";
import type { Answer, Input, Route } from "./routes.ts";

export interface ClientOptions {
  /** The server's origin, as `https://chat.example.com`. */
  url: string;
  /**
   * Where the refresh token is kept. `cookie`: in an HttpOnly cookie of the server's, for pages of its own origin. A
   * {@link KeyStore}: there. Left out: in memory, gone with the process.
   */
  session?: "cookie" | KeyStore;
  /** Where what is not sent yet outlives a reload. Left out: IndexedDB where there is one, else memory. */
  outbox?: OutboxStore;
  /** Of another platform, or of a test; left out: the global ones. */
  fetch?: typeof fetch;
  WebSocket?: typeof WebSocket;
}

/** A few short texts, kept between starts: `localStorage`, a keychain, a file. Pages of one origin share one. */
export interface KeyStore {
  get(key: string): Promise<string | undefined> | string | undefined;
  /** @param value undefined takes it away */
  set(key: string, value: string | undefined): Promise<void> | void;
}

/** Of all users of this device: entries say whose they are. */
export interface OutboxStore {
  all(): Promise<OutboxEntry[]>;
  put(entry: OutboxEntry): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface OutboxEntry {
  /** The message's id: chosen here, so that however often it is sent it is one message. */
  id: string;
  user_id: string;
  conversation_id: string;
  content: string;
  reply_to?: string;
  mentions?: string[];
  files: OutboxFile[];
  /** ms since 1970 */
  created_at: number;
  /** Why it is not tried again until somebody says so. */
  failure?: { code: ErrorCode; message: string };
}

export interface OutboxFile {
  blob: Blob;
  name: string;
  /** Pixels, of pictures and videos: their place is kept before they are there. */
  width?: number;
  height?: number;
  /** Once it is uploaded. */
  media_id?: string;
}

export interface Client {
  /** A REST call, typed by its route: `call("GET /users/{id}", { path: { id } })`. @throws PingMeError */
  call<R extends Route>(route: R, input?: Input<R>): Promise<Answer<R>>;
  readonly session: Session;
  readonly connection: Observable<Connection>;
  readonly conversations: ConversationList;
  readonly presence: Presence;
  /**
   * Opens the user socket and keeps it open: again after it was lost, with a fresh token before the old one ends. With
   * `conversation`, that conversation's own socket, the shortest way for a bot or a busy room.
   */
  connect(options?: { conversation?: string }): void;
  /** Ends the socket; what is not sent stays in the outbox. */
  disconnect(): void;
  /** One conversation; the same object for the same id. Nothing is asked of the server before it is opened. */
  conversation(id: string): Room;
  /** Each frame once: durable events in their order, after gaps were filled. @returns how to end it */
  on<T extends ServerFrameType>(type: T, listener: (frame: Extract<ServerFrame, { type: T }>) => void): () => void;
  /** Whether somebody looks. In a page it follows `document.visibilityState` by itself. */
  setActive(isActive: boolean): void;
  /** Uploads a file. @throws PingMeError, or the signal's reason */
  upload(file: Blob, options: UploadOptions): Promise<{ id: string }>;
  /** `/api/v1/media/{id}` and the like as an address of this server, for what is public (avatars). */
  address(path: string): string;
  /** A signed address of a file of a conversation, good for some minutes; asked for once while it is good. */
  mediaUrl(mediaId: string): Promise<string>;
}

export interface UploadOptions {
  purpose: "message" | "avatar";
  name?: string;
  conversation_id?: string;
  signal?: AbortSignal;
  onProgress?: (sent: number, total: number) => void;
}

/** A refusal, or a server that cannot be reached (`code: "OFFLINE"`). */
export interface PingMeErrorFields {
  code: ErrorCode | "OFFLINE";
  /** Of the answer; 0 where there was none. */
  status: number;
  /** What is wrong with each field, where that is why. */
  errors: FieldError[];
  /** Not before that, where the server said so. */
  retryAfterMs?: number | undefined;
}

// -- Session -------------------------------------------------------------------------------------------------------

export type SessionState =
  /** Not looked for yet: `restore` does. */
  { status: "unknown" } | { status: "signed-out" } | { status: "signed-in"; user: Me };

export interface Challenge {
  challenge: string;
  expires_at: string;
}

export interface Session {
  readonly state: Observable<SessionState>;
  /** The session of before, if there is one. Away: stays "unknown" and throws `OFFLINE` or `UNAVAILABLE`. */
  restore(): Promise<SessionState>;
  register(form: { email: string; password: string; name: string }): Promise<Challenge>;
  verifyRegistration(answer: { challenge: string; code: string; trust_device?: boolean }): Promise<Me>;
  /** Signed in at once where this device is trusted, else a code was mailed. */
  login(form: { email: string; password: string }): Promise<Challenge | undefined>;
  verifyLogin(answer: { challenge: string; code: string; trust_device?: boolean }): Promise<Me>;
  resendCode(challenge: string): Promise<Challenge>;
  resetPassword(email: string): Promise<Challenge>;
  verifyResetPassword(answer: { challenge: string; code: string; password: string }): Promise<Me>;
  /** Where the browser goes to sign in with Google; `call("HEAD /auth/google")` says whether this server does. */
  readonly googleUrl: string;
  /** The `?code=` one came back with from Google. */
  exchange(code: string): Promise<Me>;
  /**
   * Ends it here and at the server; other tabs hear of it. With the server away it ends here alone; in a cookie it does
   * not, and that throws.
   */
  logout(): Promise<void>;
  /** A token good for at least a minute; renewed where needed, by one tab at a time. @throws PingMeError AUTH_REQUIRED */
  accessToken(): Promise<string>;
  /** After a change of one's profile by {@link Client.call}: what `state` shows. */
  setUser(user: Me): void;
}

// -- Connection ----------------------------------------------------------------------------------------------------

export interface Connection {
  /** `offline`: the platform says there is no network. `waiting`: it is tried again at `retryAt`. */
  state: "closed" | "connecting" | "open" | "waiting" | "offline";
  /** When it came to be so, ms since 1970. `open` apart, since when there has been no connection. */
  since: number;
  retryAt?: number | undefined;
}

export interface Presence {
  /** Who is there, of those watched. */
  readonly state: Observable<ReadonlyMap<string, { online: boolean; last_seen?: string | undefined }>>;
  /** @returns how to end it */
  watch(userIds: readonly string[]): () => void;
}

// -- Conversations -------------------------------------------------------------------------------------------------

export interface ConversationList {
  readonly state: Observable<ListState>;
  /** The next page. */
  loadMore(): Promise<void>;
  /** All again, as after a reconnect. */
  reload(): Promise<void>;
  /** Takes a record in that a call has answered (created, joined, changed). */
  put(conversation: Conversation): void;
}

export interface ListState {
  /** In the order of lists: pinned first, then the last said. Without what is hidden; archived ones have `me.archived`. */
  items: readonly ListItem[];
  isLoaded: boolean;
  hasMore: boolean;
}

export interface ListItem {
  conversation: Conversation;
  typing: readonly Typist[];
  /** How far all of the others have got, 0 where that is not known of each: ticks before one's own last words. */
  othersRead: number;
  othersDelivered: number;
}

export interface Typist {
  user_id: string;
  user_name: string;
}

/** What is said and not heard yet, as it will look. */
export interface Pending {
  entry: OutboxEntry;
  state: "waiting" | "uploading" | "sending" | "failed";
  /** 0..1 of the bytes of its files. */
  progress: number;
  /** Where the server asked to wait (too much in a minute, or not there): until then, ms since 1970. */
  heldUntil?: number | undefined;
}

export interface RoomState {
  /** `gone`: removed, deleted, or never there to be seen. */
  status: "idle" | "loading" | "live" | "stale" | "gone";
  /** As REST gives it, kept up to date by events; undefined until it is loaded. */
  conversation: Conversation | undefined;
  /** Without a hole, in the order of sequence, edits, deletions and reactions applied. */
  messages: readonly ShownMessage[];
  hasOlder: boolean;
  /** Below what is loaded there is more: one looks at the past, and what is new is not added. */
  hasNewer: boolean;
  /** What is not sent yet, in the order it will be. */
  pending: readonly Pending[];
  /** The greatest sequence known. */
  head: number;
  epoch: string;
  me: Mine | undefined;
  unread: number;
  /** How far each has got (of more than 100 members only those who were heard). */
  readers: ReadonlyMap<string, Reader>;
  typing: readonly Typist[];
  online: ReadonlySet<string>;
  /** System events of the loaded part that are no messages (members, title), to be shown between them. */
  events: readonly RoomEvent[];
}

export type RoomEvent = Extract<
  ServerFrame,
  { type: "member_added" | "member_removed" | "member_role" | "conversation_updated" | "pin" }
>;

export interface Draft {
  content: string;
  reply_to?: string;
  mentions?: string[];
  files?: { blob: Blob; name: string; width?: number; height?: number }[];
}

export interface Room {
  readonly id: string;
  readonly state: Observable<RoomState>;
  /** Follows the conversation: loads its record and newest page (or the part around a sequence), hears typing and
   * receipts, stays live over reconnects. Counted: the last end of all ends it. @returns how to end it */
  open(options?: { around?: number }): () => void;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Shows another part of the history. */
  loadAround(sequence: number): Promise<void>;
  loadNewest(): Promise<void>;
  /** A message of the loaded part, or asked of the server and kept: for quotes. Undefined where there is none to be seen. */
  message(id: string): Promise<Message | undefined>;
  /** At once in `pending`, then sent exactly once, over reloads too. @returns the message's id */
  send(draft: Draft): Promise<string>;
  /** Tries again what failed. */
  retry(id: string): Promise<void>;
  /** Takes back what is not sent. */
  discard(id: string): Promise<void>;
  edit(messageId: string, content: string): Promise<void>;
  delete(messageId: string): Promise<void>;
  /** Shown at once; taken back where it was refused. */
  react(messageId: string, emoji: string, on: boolean): Promise<void>;
  pin(messageId: string, on: boolean): Promise<void>;
  forwardTo(conversationId: string, messageId: string): Promise<void>;
  /** At each key: told to the others at most every 3 s, and its end. */
  typing(): void;
  /** Up to which sequence one has read; only ever rises. */
  markRead(sequence: number): void;
}
