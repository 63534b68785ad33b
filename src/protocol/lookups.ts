/** What is read of a conversation, and in which pages. */
import type { Kind, Member } from "./conversations.ts";
import type { SharedFile } from "./media.ts";
import type { Message, Reaction, ShownMessage } from "./messages.ts";

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
