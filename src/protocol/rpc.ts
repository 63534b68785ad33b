/** The calls between the Worker and the objects. Refusals come back as values; only bugs are thrown across. */
import type { Conversation, ConversationChange, GivenRole, Invite, Kind, Member, MyChange } from "./conversations.ts";
import type { Result } from "./errors.ts";
import type { ClientFrame } from "./frames.ts";
import type { SharedFile } from "./media.ts";
import type { Message, Pin, Reaction, Reader, ShownMessage } from "./messages.ts";
import type { Actor } from "./users.ts";

/** On an upgrade from the Worker to an object: who it is for, as JSON of an Actor. */
export const actorHeader = "X-PingMe-Actor";

/** What of an account the rules of its conversations need. */
export interface Person {
  user_id: string;
  name: string;
  /** Whether others see how far they have read. */
  shows_reading: boolean;
  /** Whether others see that they are there. */
  shows_presence: boolean;
  /** Whom they have blocked. */
  blocks: ReadonlySet<string>;
  /** Rises with each change of the above: a lower one is out of date. */
  revision: number;
}

/** What can be asked of a conversation, by a frame of either socket or by REST. */
export type Command =
  | Extract<
      ClientFrame,
      {
        type:
          | "message"
          | "message_edit"
          | "message_delete"
          | "message_forward"
          | "reaction"
          | "pin"
          | "typing_start"
          | "typing_stop"
          | "mark_read"
          | "ack"
          | "subscribe"
          | "sync";
      }
    >
  | { type: "follow"; ref?: string | undefined } // a bare subscribe: only whether one may
  | { type: "unfollow"; ref?: string | undefined }
  | { type: "ping"; ref?: string | undefined }
  | { type: "reauth"; expires_at: number; ref?: string | undefined } // a fresh token was accepted
  | { type: "add_members"; people: Person[]; ref?: string | undefined }
  | { type: "remove_member"; user_id: string; ref?: string | undefined }
  | { type: "set_role"; user_id: string; role: GivenRole; ref?: string | undefined }
  | { type: "transfer"; user_id: string; ref?: string | undefined }
  | { type: "leave"; ref?: string | undefined }
  | { type: "join"; person: Person; token_hash?: string | undefined; ref?: string | undefined }
  | { type: "invite"; invite: NewInvite; ref?: string | undefined }
  | { type: "end_invite"; invite_id: string; ref?: string | undefined }
  | { type: "change"; change: ConversationChange & { avatar_url?: string | null }; ref?: string | undefined }
  | { type: "change_mine"; change: MyChange; ref?: string | undefined }
  | { type: "delete"; ref?: string | undefined }
  | { type: "restore"; ref?: string | undefined };

export interface NewInvite {
  id: string;
  created_at: string;
  token_hash: string;
  expires_at: string | undefined;
  max_uses: number | undefined;
}

/** What is judged before the fields of a body. */
export type JudgedAction =
  | "read"
  | "send"
  | "react"
  | "edit_own"
  | "add"
  | "remove"
  | "change"
  | "give_role"
  | "transfer"
  | "invite";

export type CommandType = Command["type"];

/** The place of an answer among events: those up to `from` come before it, those up to `to` are in it. */
export interface Carried {
  from: number;
  to: number;
}

/** What a command gave to the one who asked. Its event reaches all sockets by itself. */
export interface Answer {
  /** Frames for the asking socket alone, in order. */
  replies: string[];
  /** The frames of the events it made, as stored; of the first one again, if the id is known. For REST. */
  events: string[];
  /** The sequence of the last event it made, or repeated while that is still on its way to the user's object. */
  made?: number;
  /** For REST, of what changes a conversation: how the one who asked sees it right then. */
  record?: Conversation;
  /** For add_members and set_role: those it concerns, as they are right then. */
  members?: RosterEntry[];
  /** For mark_read: where the reader is now. */
  mark?: { read: number; unread: number };
  /** For ack and mark_read: the asking socket has all up to here. */
  acked?: number;
  /** For subscribe and sync. */
  carries?: Carried;
  /** For the other user sockets of the one who acted. */
  others?: OwnChange;
}

/** What changed for a user elsewhere: for those of their user sockets that did not ask for it. */
export interface OwnChange {
  /** For sockets that follow the conversation. */
  passing: string[];
  inbox?: string | undefined;
}

/** Who calls: a user's object, with what it says of its sockets, keeps {@link Answer.others} to itself; REST has no sockets to tell. */
export type Caller = Presence | "rest";

export interface Creation {
  kind: Kind;
  title?: string | undefined;
  description?: string | undefined;
  public: boolean;
  people: Person[];
  creator: Person;
  body_hash: string;
  /** The id was made by the server just now: Postgres need not be asked whether it is taken. */
  fresh: boolean;
}

export interface HistoryQuery {
  before?: number | undefined;
  after?: number | undefined;
  around?: number | undefined;
  limit: number;
}

export interface HistoryPage {
  epoch: string;
  items: ShownMessage[];
}

/** Where a page of a conversation's files ends: a message, and which of its files, from 1. */
export interface FilePlace {
  sequence: number;
  nth: number;
}

export interface FileQuery {
  before?: FilePlace | undefined;
  limit: number;
}

export interface FilePage {
  items: SharedFile[];
  /** Where the next page begins; null on the last. */
  next: FilePlace | null;
}

/** Pins of which the events lie below a sequence. */
export interface PinQuery {
  before?: number | undefined;
  limit: number;
}

/** Where a page of members ends. */
export interface RosterPlace {
  joined_at: string;
  user_id: string;
}

export interface RosterQuery {
  after?: RosterPlace | undefined;
  /** These members only. */
  only?: string[];
  limit: number;
}

/** Ids of invites rise with time: the id is the place. */
export interface InviteQuery {
  after?: string | undefined;
  limit: number;
}

export type RosterEntry = Omit<Member, "user"> & { user_id: string };

/** A slice of what a conversation is to forget. */
export interface Forgetting {
  user_id: string;
  /** Deletes what they said, too. */
  erase: boolean;
  /** Events up to here are done. */
  after: number;
}

export interface Amendments {
  epoch: string;
  deleted: string[];
  /** The newest of each message that has one in the log. */
  edits: { message_id: string; content: string; updated_at: string }[];
  /** What is on them now, by message. */
  reactions: Map<string, Reaction[]>;
}

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

/** Whether a user has user sockets, as of the opening or closing with this number. */
export interface Presence {
  hasSockets: boolean;
  /** One of them is not in the background. */
  isActive: boolean;
  number: number;
}

/** What a user's object says to events. */
export interface Heard extends Presence {
  /** The conversation stands in the user's notifications, or is about to: what they read there is to be told, too. */
  isNotified: boolean;
}

/** What somebody may see of another: as is right now, or was last. */
export interface Seen {
  user_id: string;
  online: boolean;
  last_seen?: string;
  /** Of two the higher is the later; without one: not to be seen. */
  number?: number;
}

export interface Look {
  asked: string[];
  /** By all of the user's sockets in that conversation. */
  watched: string[];
}

/** What a user's object wants to know that is about to notify its user of a conversation. */
export interface NotableQuery {
  /** Later messages were taken by a socket. */
  upTo: number;
  /** Sequences of messages that devices show. */
  shown: number[];
}

/** What there is to notify a member of, as of right now. */
export interface Notable {
  kind: Kind;
  title: string | null;
  epoch: string;
  /** `pushCounted` at most. */
  unread: number;
  is_muted: boolean;
  /** The newest message up to there that is unread and theirs to hear of. */
  newest?: Message;
  /** Those of the shown that are unread and not deleted. */
  standing: number[];
}

export interface SequencedFrame {
  sequence: number;
  text: string;
  /** Sent right after it: the `inbox` of a conversation new to this user. */
  after?: string;
}

export interface Delivery extends OwnChange {
  conversation_id: string;
  epoch: string;
  /** An active direct socket of the user there has them. */
  isTaken: boolean;
  /** In sequence order. */
  frames: SequencedFrame[];
}

export interface Position {
  conversation_id: string;
  epoch: string;
  sequence: number;
}

/** The newest event a user's object has heard of. */
export interface Head extends Position {
  /** ms, when it was heard of. */
  heard_at: number;
}

export interface Heads {
  heard: Head[];
  /** Conversations a direct socket is open in: their events pass by the user's object. */
  attached: string[];
  /** Conversations where the user changed where they stand lately: no event, and it reaches the archive a moment later. */
  marked: string[];
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
