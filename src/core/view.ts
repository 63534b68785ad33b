/** What rules read of a conversation, and what they may answer. Times are ms since 1970. */

import type { Carried, Command, CommandType, Person } from "../protocol/commands.ts";
import type { Kind, Role } from "../protocol/conversations.ts";
import { type Refusal, refuse } from "../protocol/errors.ts";
import type { EventFrame, ServerFrame } from "../protocol/frames.ts";
import type { Message } from "../protocol/messages.ts";

export interface Membership extends Person {
  /** Nobody has this account any more. */
  is_deleted: boolean;
  role: Role;
  /** ms since 1970, as all times here. */
  joined_at: number;
  joined_sequence: number;
  read: number;
  delivered: number;
  /** The greatest read watermark the others were told of: a send moves `read` without telling. */
  announced: number;
  muted_until: number | null;
  archived: boolean;
  pinned: boolean;
  hidden: boolean;
}

export interface Room {
  id: string;
  kind: Kind;
  title: string | null;
  description: string | null;
  avatar_url: string | null;
  public: boolean;
  epoch: string;
  head: number;
  /** Events above it can be replayed. */
  floor: number;
  created_by: string;
  body_hash: string;
  created_at: number;
  updated_at: number;
  /** Its owner can still restore it; for all others it is not there. */
  deleted_at: number | null;
  members: ReadonlyMap<string, Membership>;
}

/** A way into a group; times in ms. */
export interface Invite {
  id: string;
  token_hash: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  max_uses: number | null;
  uses: number;
  ended_at: number | null;
}

/** What the log keeps of a message for ever. */
export interface Known {
  id: string;
  sequence: number;
  sender_id: string;
  body_hash: string;
  is_deleted: boolean;
  /** Said by somebody else first: its words are not its sender's. */
  is_forward: boolean;
  /** ms */
  created_at: number;
}

/** A member's emoji on a message, also one taken back. */
export interface Reacted {
  /** Of the event that made it so. */
  sequence: number;
  is_on: boolean;
}

/** What is known of reactions. */
export interface Reactions {
  of(messageId: string, emoji: string, userId: string): Reacted | undefined;
  /** How many a message has now. */
  count(messageId: string): number;
  /** The different ones among them. */
  emojis(messageId: string): string[];
}

/** A message that is pinned, or was. */
export interface Pinned {
  /** Who pinned it, or took it down. */
  user_id: string;
  /** Of the event that made it so. */
  sequence: number;
  is_on: boolean;
}

/** What is known of pinned messages. */
export interface Pins {
  of(messageId: string): Pinned | undefined;
  /** How many messages are pinned now. */
  count(): number;
}

export type Wanted =
  /** A message, in this conversation or another. */
  | { read: Place }
  /** Uploads of the actor's own for the message of this id. */
  | { attach: string[]; id: string }
  /** The media of the message that is copied, for the copy of this id. */
  | { share: string[]; id: string };

/** Where a message is. */
export interface Place {
  conversation_id: string;
  message_id: string;
}

export interface View {
  room: Room;
  now: number;
  /** The id to use where the client chose none. */
  readonly freshId: string;
  known(messageId: string): Known | undefined;
  /** What a forward copies, once it was read where it is; see {@link Outcome.wants}. */
  source: Message | undefined;
  /** What goes with the message, once that is settled. */
  media: Message["media"] | undefined;
  /** Undefined while not all that the archive has of them is here. */
  reactions: Reactions | undefined;
  pins: Pins;
  /** A user's messages with after < sequence <= upTo that are not deleted, oldest first. */
  said(userId: string, range: { after: number; upTo: number }, most: number): Known[];
  /** The newest message at or below a sequence. */
  messageAt(sequence: number): string | undefined;
  /** The stored frame that deleted a message; none below the floor. */
  deletionOf(messageId: string): string | undefined;
  unread(member: Membership): number;
  /** Stored frames with from < sequence <= to, cut where an answer would grow too large. */
  replay(from: number, to: number): string[];
  isOnline(userId: string): boolean;
  /** @param isHere only by the socket, or the user's object, that asks */
  isTyping(userId: string, isHere: boolean): boolean;
  /** Somebody removed them, and nobody has added them again since. */
  isBarred(userId: string): boolean;
  invite(by: { id: string } | { token_hash: string }): Invite | undefined;
  /** How many invites can still be used. */
  usableInvites(): number;
}

/** An event to be written under its sequence and told to all. */
export interface Draft {
  frame: EventFrame;
  /** For messages: what a repeat is known by. */
  body_hash?: string;
  /** Who made it, where the frame does not say. */
  sender?: string;
}

/** `know` changes what is known of the account, which the archive has from elsewhere. */
export type MemberWrite =
  | { set: Membership }
  /** `isBarred`: comes back only by being added. */
  | { remove: string; at: number; isBarred: boolean }
  | { know: Membership };

export type RoomWrite = Partial<Pick<Room, "title" | "description" | "avatar_url" | "public" | "deleted_at">> & {
  updated_at: number;
};

/** For sockets that follow: of all members, of the others, or the actor's own. Never for the one that acted. */
export interface Passing {
  frame: ServerFrame;
  to: "all" | "others" | "own";
}

/** A watermark that has risen so far. */
export interface Receipt {
  kind: "read" | "delivered";
  user_id: string;
  sequence: number;
  message_id?: string;
}

export interface Outcome {
  ok: true;
  events: Draft[];
  members: MemberWrite[];
  room?: RoomWrite;
  invite?: Invite;
  /** For the asking socket alone. */
  replies: string[];
  passing?: Passing;
  /** What the others are told of soon; a newer one of the same kind takes its place. */
  receipt?: Receipt;
  /** The message with this id is there already: its first frame is the answer. */
  repeat?: Known;
  mark?: { read: number; unread: number };
  /** What is to be fetched first: the command is decided again with it. */
  wants?: Wanted;
  /** The asking socket has all up to here. */
  acked?: number;
  /** For subscribe and sync. */
  carries?: Carried;
  /** Whose name is taken out of the stored events with after < sequence <= upTo, and whether these are the last. */
  forgotten?: { user_id: string; after: number; upTo: number; isAll: boolean };
  /** The actor begins to type, or is done. */
  typing?: boolean;
  /** The command changed where the actor stands: their other sockets hear of it by `inbox`. */
  isOwnChange?: boolean;
}

/** Each command under its type, so that a table of rules is checked row by row. */
export type CommandOf = { [T in CommandType]: Extract<Command, { type: T }> };

export type Rule<T extends CommandType> = (command: CommandOf[T], actor: Membership, view: View) => Outcome | Refusal;

export function nothing(replies: string[] = []): Outcome {
  return { ok: true, events: [], members: [], replies };
}

/** A member as of joining: nothing of what was said before is unread. */
export function newMembership(person: Person, role: Role, sequence: number, now: number): Membership {
  return {
    ...person,
    is_deleted: false,
    role,
    joined_at: now,
    joined_sequence: sequence,
    read: sequence,
    delivered: sequence,
    announced: sequence,
    muted_until: null,
    archived: false,
    pinned: false,
    hidden: false,
  };
}

export function refOf(command: { ref?: string | undefined }): { ref: string } | Record<string, never> {
  return command.ref === undefined ? {} : { ref: command.ref };
}

/** A member for whom the conversation is there; undefined for everybody else. */
export function memberIn(room: Room, userId: string): Membership | undefined {
  const member = room.members.get(userId);
  return room.deleted_at === null && !member?.is_deleted ? member : undefined;
}

export function refuseUnseen(): Refusal {
  return refuse("CONVERSATION_NOT_FOUND", "There is no such conversation");
}

/** A stranger learns only that there is nothing. */
export function refuseStranger(type: CommandType): Refusal {
  return type === "subscribe" || type === "follow"
    ? refuse("PERMISSION_DENIED", "Not a conversation of yours")
    : refuseUnseen();
}
