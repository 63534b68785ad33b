/** The calls between the Worker and the objects. Refusals come back as values; only bugs are thrown across. */
import type { Heard, Look, Presence, Seen } from "./attendance.ts";
import type { Answer, Caller, Command, Creation, JudgedAction, Person } from "./commands.ts";
import type { Conversation, Invite } from "./conversations.ts";
import type { Delivery, Heads, Position } from "./deliveries.ts";
import type { Result } from "./errors.ts";
import type {
  Amendments,
  FilePage,
  FileQuery,
  Forgetting,
  HistoryPage,
  HistoryQuery,
  InviteQuery,
  Notable,
  NotableQuery,
  PinQuery,
  RosterEntry,
  RosterQuery,
} from "./lookups.ts";
import type { Pin, Reader, ShownMessage } from "./messages.ts";
import type { Actor } from "./users.ts";

/** On an upgrade from the Worker to an object: who it is for, as JSON of an Actor. */
export const actorHeader = "X-PingMe-Actor";

export interface ConversationRpc extends Rpc.DurableObjectBranded {
  fetch(request: Request): Promise<Response>;
  create(creation: Creation): Promise<Result<{ created: boolean; conversation: Conversation }>>;
  /** Runs the commands in order; each is refused or answered alone. */
  execute(actor: Actor, commands: Command[], caller: Caller): Promise<Result<Answer>[]>;
  /** What the role lets one do: the answer to give before the fields of a body are judged. */
  may(user_id: string, action: JudgedAction): Promise<Result<null>>;
  /** The whole record as a member sees it. */
  record(user_id: string): Promise<Result<Conversation>>;
  history(user_id: string, query: HistoryQuery): Promise<Result<HistoryPage>>;
  message(user_id: string, message_id: string): Promise<Result<ShownMessage>>;
  /** Pinned messages, the one pinned last first; `sequence` is of the event that pinned it. */
  pins(user_id: string, wanted: PinQuery): Promise<Result<(Pin & { sequence: number })[]>>;
  /** To whom a message was said, and how far they have got. */
  readers(user_id: string, message_id: string): Promise<Result<Reader[]>>;
  /** Whether the user is a member, and the message known here. */
  has(user_id: string, message_id: string): Promise<boolean>;
  /** What became of messages the archive tells of: it may not have heard of it yet. */
  amendments(user_id: string, message_ids: string[]): Promise<Result<Amendments>>;
  /** Files that were sent, the newest first. */
  files(user_id: string, wanted: FileQuery): Promise<Result<FilePage>>;
  /** Members in the order of joining, after `after`. */
  roster(user_id: string, wanted: RosterQuery): Promise<Result<RosterEntry[]>>;
  /** Invites that can still be used, the newest first, before `after`. */
  invites(user_id: string, wanted: InviteQuery): Promise<Result<Invite[]>>;
  /** Erases it for good if it was deleted long enough ago. */
  expire(): Promise<Result<boolean>>;
  /** The user has a user socket now, or none any more; the higher number wins. */
  attend(user_id: string, presence: Presence): Promise<void>;
  /** Ends the user's direct sockets of a session with 4401. */
  endSession(user_id: string, session_id: string): Promise<void>;
  /**
   * Of people a member's direct sockets here watch.
   * @returns those of them that are watched still
   */
  seen(viewer_id: string, seen: Seen[]): Promise<string[]>;
  /** What its user's object is to notify them of; null for who is not a member. */
  notable(user_id: string, wanted: NotableQuery): Promise<Result<Notable | null>>;
  /** Takes in what of a member's account has changed; it makes no event. */
  know(person: Person): Promise<void>;
  /** Somebody's account is gone. @returns where the next slice begins; null: nothing here tells of them any more */
  forget(wanted: Forgetting): Promise<Result<number | null>>;
}

export interface UserRpc extends Rpc.DurableObjectBranded {
  fetch(request: Request): Promise<Response>;
  deliver(delivery: Delivery): Promise<Heard>;
  /**
   * A direct socket of the session is open in the conversation. `ended`: the session is over, refuse it.
   * @param isActive one of them is not in the background
   */
  attached(
    conversation_id: string,
    session_id: string,
    isActive: boolean,
  ): Promise<{ ended: boolean; presence: Presence }>;
  /** The session's last one there is gone. @param at how far it got */
  detached(session_id: string, at: Position): Promise<void>;
  /** Somebody watches this user from now on, and may. */
  watch(user_id: string, watcher_id: string): Promise<Seen>;
  /** Somebody has come or gone. @returns whether this user watches them still */
  seen(user_id: string, seen: Seen): Promise<boolean>;
  /** A direct socket of this user in the conversation asks who is there. */
  look(user_id: string, conversation_id: string, question: Look): Promise<Result<Seen[]>>;
  /**
   * Ends sessions: their sockets close with 4401, later ones are refused, and Redis hears of it, even if all is killed now
   * or Redis is away.
   */
  revoke(session_ids: string[]): Promise<void>;
  /** The user changed where they stand in a conversation over REST: read there, pinned it, hid it. */
  marked(conversation_id: string): Promise<void>;
  /** A device was registered: the user can be pushed to. */
  pushable(): Promise<void>;
  /** What the archive may not have yet: lists ask the objects of those conversations. */
  heads(): Promise<Heads>;
  /** The account's name, blocks or settings were changed in Postgres: the user's conversations will know, even if all is killed now. */
  factsChanged(): Promise<void>;
  /**
   * The account ends: at once for everybody, and in each conversation soon, even if all is killed now.
   * @param erase deletes what they said, too
   * @returns the sessions that have ended, and whether it was this call that began it
   */
  forget(erase: boolean): Promise<{ begun: boolean; ended: string[] }>;
}
