/** What is asked of a conversation, by a frame of either socket or by REST, and what comes back. */
import type { Presence } from "./attendance.ts";
import type { Conversation, ConversationChange, GivenRole, Kind, MyChange } from "./conversations.ts";
import type { ClientFrame } from "./frames.ts";
import type { RosterEntry } from "./lookups.ts";

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
